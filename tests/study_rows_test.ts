/** The rows of a study's tables: which stay, which are of one setting, which run is whole. */
import { assertEquals, assertMatch } from "@std/assert";
import { parse } from "@std/csv";
import { test } from "./lib/needs.ts";
import { inFolder, task } from "./lib/tasks.ts";

const needs = ["read", "write", "run"] as const;
const SMALL = { iters: 5, "eval-interval": 2, "eval-iters": 1, "sample-length": 5 };

/** Writes a table, and gives its study's arguments. */
async function studyOf(folder: string, name: string, rows: object[]): Promise<string[]> {
  const path = `${folder}/${name}.json`;
  await Deno.writeTextFile(path, JSON.stringify({ all: SMALL, runs: rows }));
  return ["study", path, "--corpus=data/practice_corpus.txt", `--results=${folder}`];
}

async function rowsOf(folder: string, name: string): Promise<Record<string, string>[]> {
  const text = await Deno.readTextFile(`${folder}/studies/${name}.csv`);
  return parse(text, { skipFirstRow: true });
}

const losses = (rows: Record<string, string>[]) => rows.map((row) => [row.run, row.val_loss]);

test("rows stay whose runs' folders are not here, and a run that was cut is made again", [
  ...needs,
], () =>
  inFolder(async (folder) => {
    const args = await studyOf(folder, "mine", [
      { stage: "multi_head", seeds: "1-3" },
      { stage: "bigram", seeds: [1] },
    ]);
    assertEquals((await task(...args)).code, 0);
    const rows = await rowsOf(folder, "mine/runs");
    const pathOf = ({ run, stage }: Record<string, string>) =>
      `${folder}/studies/mine/${run}/${stage}`;
    for (const row of [rows[0], rows[3]]) {
      const path = `${pathOf(row)}/losses.csv`;
      const text = await Deno.readTextFile(path);
      await Deno.writeTextFile(path, text.replace(/[^\n]*\n$/, "")); // the last row is lost
    }
    await Deno.remove(`${folder}/studies/mine/${rows[1].run}`, { recursive: true });

    // Elsewhere, where only the third run is whole.
    await Deno.mkdir(`${folder}/there`);
    const collected = await task(...args, "--collect", `${folder}/there`);
    assertEquals(collected.code, 0, collected.err);
    assertMatch(collected.err, /3 rows of runs\.csv stay: their folders are not here/);
    assertEquals(losses(await rowsOf(folder, "mine/runs")), losses(rows));

    const again = await task(...args);
    assertEquals(again.code, 0, again.err);
    assertMatch(again.err, /4 runs, of which 1 is made/);
    assertMatch(again.err, /runs\.csv keeps 3 rows of before until these are made/);
    assertEquals(losses(await rowsOf(folder, "mine/runs")), losses(rows));
  }));

test("seeds in several rows are of one mean, and one run written twice is refused", [
  ...needs,
], () =>
  inFolder(async (folder) => {
    const args = await studyOf(folder, "mine", [
      { stage: "multi_head", "n-embd": 8, seeds: "1-2" },
      { "n-embd": 8, stage: "multi_head", seeds: [3] },
    ]);
    const { code, out, err } = await task(...args);
    assertEquals(code, 0, err);
    assertMatch(out, /means of 3 seeds/);
    assertEquals((await rowsOf(folder, "mine/means")).map(({ runs }) => runs), ["3"]);
    const own = { stage: "multi_head", "batch-size": 32 }; // as it is without
    const twice = await task(...await studyOf(folder, "twice", [own, { stage: "multi_head" }]));
    assertEquals(twice.code, 2);
    assertMatch(twice.err, /row 2: a run of row 1 has the same settings and seed/);
  }));

test(
  "a table with the name of one that comes with the lab is refused",
  [...needs],
  () =>
    inFolder(async (folder) => {
      const { code, err } = await task(...await studyOf(folder, "seeds", [{ stage: "bigram" }]));
      assertEquals(code, 2);
      assertMatch(err, /^error: .*a study seeds comes with the lab.*rename the file\n$/);
    }),
);
