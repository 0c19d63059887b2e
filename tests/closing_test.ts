/** What a task says beside its results: the lab's plan and table, what to notice, what comes next. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { smallStages, type StageName } from "@hugo-lab/model";
import { resultTable } from "../scripts/lib/report/summary.ts";
import { overfitting } from "../scripts/lib/report/overfitting.ts";
import { notebook } from "../scripts/lib/report/runs.ts";
import { Plan } from "../scripts/lib/task/plan.ts";
import { readme } from "./lib/committed.ts";
import { test } from "./lib/needs.ts";
import { inFolder, task } from "./lib/tasks.ts";

Deno.test("a plan tells its parts, and the time left by how long the others took", () => {
  let now = 0;
  const parts = [
    { name: "a", seconds: 1 },
    { name: "b", seconds: 10 },
    { name: "c", seconds: 29 },
  ];
  const plan = new Plan(parts, () => now);
  assertEquals(plan.line, "3 parts, about 40 s on two cores of a server: a, b, c");
  assertEquals(plan.next(), "part 1 of 3, about 40 s left");
  now = 4000; // a fortieth of the work says too little
  assertEquals(plan.next(), "part 2 of 3, about 39 s left");
  now = 22_000; // twice as long as on that machine
  assertEquals(plan.next(), "part 3 of 3, about 58 s left");
});

/** The last evaluation of each run in the README's table. */
const rowsOf = (title: string, cells: string[]): string[] => {
  const [, length] = /, (\d+) iterations/.exec(title) ?? [];
  return ["4999", cells[1], cells[3], ...length ? [length] : []];
};

Deno.test("the lab's table has the README's figures, and how far they are from the notebook's", () => {
  const lines = readme.split("\n").map((line) =>
    line.split("|").slice(1, -1).map((cell) => cell.trim())
  ).filter((cells) => cells.length === 6 && /^(bigram, |[a-z_]+$)/.test(cells[0]))
    .filter(([title]) => title !== "stage");
  const rows = new Map<StageName, string[][]>();
  for (const [title, ...cells] of lines) {
    const name = title.split(",")[0] as StageName;
    rows.set(name, [...rows.get(name) ?? [], rowsOf(title, cells)]);
  }
  assertEquals([...rows.keys()], ["bigram", ...smallStages]);
  for (const row of rows.get("bigram")!) row[0] = String(0.9 * Number(row[3]));
  const options = { vocabSize: 101, notebook: (title: string) => notebook.runs[title] };
  const table = resultTable(rows, options).split("\n");
  assertEquals(table.length, 1 + lines.length);
  for (const line of table) assert([...line].length <= 80, line);
  for (const [i, [title, ...cells]] of lines.entries()) {
    const [name, parameters, train, trainBook, , valid, validBook] = table[i + 1].split(/ {2,}/);
    assertEquals(name, title.replace(/, (\d+) iterations/, " $1"));
    assertEquals([parameters, train, trainBook, valid, validBook], cells);
  }
  assertMatch(table[1], / \+0\.0981 .* −0\.0900$/);
  const other = resultTable(rows, { vocabSize: 101, notebook: () => undefined });
  assert(!other.includes("0.0981") && other.includes("2.3324"));
});

Deno.test("a loss that wavers is not called overfitting", () => {
  const rows = (...losses: [train: number, val: number][]) =>
    losses.map(([trainLoss, valLoss], step) => ({ step, trainLoss, valLoss }));
  assertEquals(overfitting(rows([4.96, 4.64], [4.91, 4.82])), undefined);
  assertMatch(overfitting(rows([2, 2.1], [1.5, 2], [1.4, 2.15])) ?? "", /lowest at step 1, 2\.00/);
});

test("a stage ends with what to notice and the next command; --quiet with neither", [
  ...["read", "write", "run"] as const,
], () =>
  inFolder(async (folder) => {
    const flags = ["--corpus=data/practice_corpus.txt", `--results=${folder}`];
    const short = ["--iters=3", "--eval-iters=2", "--sample-length=5"];
    const bigram = await task("bigram", ...flags, ...short);
    assertMatch(bigram.err, /\nTo notice:\n- Guessing among \d+ characters costs ln \d+ = /);
    const next = (name: string) => `\nnext: deno task ${name} --results ${folder}`;
    assert(bigram.err.endsWith(`${next("attention")}\n`), bigram.err);
    const head = await task("single_head", ...flags, ...short);
    assertMatch(head.err, /\n- .* (than|as) bigram: /);
    const corpus = "--corpus data/practice_corpus.txt";
    assert(head.err.endsWith(`${next("multi_head")} ${corpus}\n`), head.err);
    assertStringIncludes((await task("stats", ...flags)).err, "too seldom to learn much about");
    const quiet = await task("single_head", ...flags, ...short, "--quiet");
    assertEquals([quiet.err, quiet.out], ["", head.out]);
  }));

test("a damaged file of another stage does not undo a stage's work", [
  ...["read", "write", "run"] as const,
], () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/bigram`);
    await Deno.writeTextFile(`${folder}/bigram/losses.csv`, "nonsense");
    const flags = ["--corpus=data/practice_corpus.txt", `--results=${folder}`, "--iters=1"];
    const { code, err } = await task("single_head", ...flags, "--eval-iters=1");
    assertEquals(code, 0, err);
    assertMatch(err, /\nnext: deno task multi_head --results .*\n$/);
  }));
