/** What the README says of stages and tasks is so: its figures are those of results/. */
import { assert, assertEquals } from "@std/assert";
import { parse } from "@std/csv";
import config from "../deno.json" with { type: "json" };
import { committedLosses, committedMeans, readme } from "./lib/committed.ts";

/** The cells of the README's table rows whose first cell the pattern matches. */
function rows(pattern: RegExp): string[][] {
  const lines = readme.split("\n").filter((line) => line.startsWith("| "));
  const cells = lines.map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  return cells.filter(([first]) => pattern.test(first));
}

Deno.test("the README's losses are those of the last evaluations in results/", () => {
  const table = rows(/^(bigram, |single_head|multi_head|feed_forward|blocks)/)
    .filter((cells) => cells.length === 6);
  assertEquals(table.length, 8);
  for (const [title, , trainLoss, , valLoss] of table) {
    const [name, iterations] = title.replace(" iterations", "").split(", ");
    const losses = parse(committedLosses[name as keyof typeof committedLosses], {
      skipFirstRow: true,
    });
    const last = losses.filter((row) => !iterations || row.iterations === iterations).at(-1)!;
    const expected = [last.train_loss, last.val_loss].map((loss) => Number(loss).toFixed(4));
    assertEquals([trainLoss, valLoss], expected, title);
  }
});

Deno.test("the README's lowest loss of laptop is that of results/scaled", () => {
  const losses = parse(committedLosses.scaled, { skipFirstRow: true });
  const lowest = Math.min(...losses.map((row) => Number(row.val_loss))).toFixed(4);
  assertEquals(rows(/^`laptop`, /).map((cells) => cells.at(-1)), [lowest]);
});

for (const [name, text] of Object.entries(committedMeans)) {
  Deno.test(`the README's losses of the study ${name} are those of its means.csv`, () => {
    const items = readme.split(/\n(?=- )|\n\n/);
    const item = items.find((text) => text.startsWith(`- \`${name}\``))!;
    const told = item.match(/\d\.\d{3}/g)!;
    const means = parse(text, { skipFirstRow: true }).flatMap((row) =>
      [row.mean_best_val_loss, row.mean_val_loss, row.deviation_val_loss]
        .map((value) => Number(value).toFixed(3))
    );
    assert(told.length >= 5, item);
    assertEquals(told.filter((value) => !means.includes(value)), []);
  });
}

Deno.test("the README names every task, and none that is not there", () => {
  const tasks = Object.keys(config.tasks);
  const named = new Set(
    [...readme.matchAll(/deno(?:@[\d.]+)? task ([a-z_:0-9]+)/g)].map(([, t]) => t),
  );
  for (const name of named) assert(tasks.includes(name), `deno.json has no task ${name}`);
  const listed = rows(/^`/).map(([first]) => first).join(" ");
  for (const name of tasks) {
    assert(listed.includes(`\`${name}`), `the README does not list ${name}`);
  }
});
