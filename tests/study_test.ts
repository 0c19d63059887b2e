/** Studies: their tables, their runs side by side, stopped and taken up again, and for other machines. */
import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { parse } from "@std/csv";
import { UserError } from "@hugo-lab/model";
import { shippedStudies, shippedTable } from "../scripts/lib/study/shipped.ts";
import { quick, readTable, tableOf } from "../scripts/lib/study/table.ts";
import { deviation, mean } from "../scripts/lib/study/tables.ts";
import { test } from "./lib/needs.ts";
import { inFolder, task, withoutDownloads } from "./lib/tasks.ts";

const root = new URL("..", import.meta.url);
const TEXT = "--corpus=data/practice_corpus.txt";
const SMALL = { "eval-iters": 1, "sample-length": 5 };

Deno.test("a list stands for a row of each of its values, and seeds stay together", () => {
  const { settings } = tableOf("one", {
    all: { iters: 9, seeds: "3-5 8" },
    runs: [{ stage: ["blocks", "blocks_norm"], "n-layer": [3, 12] }, { stage: "multi_head" }],
  });
  assertEquals(settings.map(({ title }) => title), [
    "blocks, n-layer 3",
    "blocks, n-layer 12",
    "blocks_norm, n-layer 3",
    "blocks_norm, n-layer 12",
    "multi_head",
  ]);
  assertEquals(settings[1], {
    place: "row 1",
    title: "blocks, n-layer 12",
    stage: "blocks",
    flags: { iters: "9", "n-layer": "12" },
    seeds: [3, 4, 5, 8],
  });
});

Deno.test("the studies that ship are tables, each with what it shows", () => {
  const names = shippedStudies.map(([name]) => name);
  assertEquals(names, ["sizes", "dropout", "depth", "seeds"]);
  for (const name of names) assert(shippedTable(name)!.settings.length > 1, name);
  const { name, settings } = quick(shippedTable("seeds")!);
  assertEquals([name, settings.length, settings[0].seeds], ["seeds-quick", 5, [2023, 2024]]);
  assertEquals(settings[0].flags.iters, "20");
});

Deno.test("a deviation is with one less than there are, and of one alone there is none", () => {
  assertEquals([mean([1, 2, 6]), deviation([1, 2, 6])], [3, Math.sqrt(7)]);
  assertEquals(deviation([1]), undefined);
});

Deno.test("a table that is none is refused with its row and what was expected", () => {
  const wrong: [unknown, RegExp][] = [
    [{}, /it has no rows: expected a list/],
    [[{ stage: "multi_head" }, 3], /row 2: it is no object of settings/],
    [[{ iters: 3 }], /row 1: stage must be one of bigram, .*it has none/],
    [[{ stage: "blocks", seeds: "2-1" }], /row 1: seeds must be whole numbers .* got "2-1"/],
    [[{ stage: "blocks", seed: 1 }], /row 1: seed is written seeds/],
    [[{ stage: "blocks", resume: true }], /row 1: resume is the study's own affair/],
    [[{ stage: "blocks", iters: null }], /row 1: iters must be a number/],
    [{ al: { iters: 2 }, runs: [{ stage: "blocks" }] }, /it has "al" where about, all and runs/],
    [
      [{ stage: "blocks" }, { stage: "blocks", iters: Array(101).fill(1), seeds: "1-100" }],
      /row 2: up to here there are 10,101 runs, and a study has 10,000 at most/,
    ],
  ];
  for (const [content, message] of wrong) {
    assertMatch(assertThrows(() => tableOf("one", content), UserError).message, message);
  }
});

test(
  "a table is read from JSON and from CSV, whose empty cells set nothing",
  ["read", "write"],
  () =>
    inFolder(async (folder) => {
      await Deno.writeTextFile(
        `${folder}/my study.csv`,
        "stage,n-layer,seeds\nblocks,2,1-2\nmulti_head,,\n",
      );
      const { name, settings } = await readTable(`${folder}/my study.csv`);
      assertEquals([name, settings[1].flags, settings[1].seeds], ["my_study", {}, []]);
      await Deno.writeTextFile(`${folder}/a.json`, "[{]");
      const error = await assertRejects(() => readTable(`${folder}/a.json`), UserError);
      assertMatch(error.message, /a\.json: it is no JSON/);
      const absent = await assertRejects(() => readTable(`${folder}/b.json`), UserError);
      assertMatch(absent.message, /b\.json: there is no such file/);
      await Deno.writeTextFile(`${folder}/twice.csv`, "stage,iters,iters\nblocks,2,3\n");
      const twice = await assertRejects(() => readTable(`${folder}/twice.csv`), UserError);
      assertMatch(twice.message, /twice\.csv: it is no CSV: its first line has iters twice/);
      const keys = '[{ "stage": "blocks", "iters": 2, "it\\u0065rs": [3] }]';
      await Deno.writeTextFile(`${folder}/twice.json`, keys);
      const key = await assertRejects(() => readTable(`${folder}/twice.json`), UserError);
      assertMatch(key.message, /twice\.json: it has iters twice/);
    }),
);

const needs = ["read", "write", "run"] as const;

/** Writes a table, and gives the study's arguments. */
async function studyIn(folder: string, runs: unknown): Promise<string[]> {
  await Deno.writeTextFile(`${folder}/mine.json`, JSON.stringify({ all: SMALL, runs }));
  return ["study", `${folder}/mine.json`, TEXT, `--results=${folder}`];
}

async function rowsOf(path: string): Promise<Record<string, string>[]> {
  return parse(await Deno.readTextFile(path), { skipFirstRow: true });
}

test(
  "a study's rows are its runs, and a second time nothing is left to do",
  [...needs],
  () =>
    inFolder(async (folder) => {
      const args = await studyIn(folder, [{
        stage: "multi_head",
        "n-embd": [8, 16],
        seeds: [1, 2],
        iters: 3,
      }]);
      const first = await task(...args);
      assertEquals(first.code, 0, first.err);
      const rows = await rowsOf(`${folder}/studies/mine/runs.csv`);
      assertEquals(rows.map((row) => [row["n-embd"], row.seed, row.last_step]), [
        ["8", "1", "2"],
        ["8", "2", "2"],
        ["16", "1", "2"],
        ["16", "2", "2"],
      ]);
      const path = `${folder}/studies/mine/${rows[0].run}/multi_head/losses.csv`;
      const losses = await rowsOf(path);
      assertEquals(rows[0].val_loss, losses.at(-1)!.val_loss);
      const [small] = await rowsOf(`${folder}/studies/mine/means.csv`);
      const values = rows.slice(0, 2).map((row) => Number(row.val_loss));
      assertEquals(small.mean_val_loss, mean(values).toFixed(6));
      assertEquals(small.deviation_val_loss, deviation(values)!.toFixed(6));
      const again = await task(...args);
      assertMatch(again.err, /4 runs, of which 4 are made; nothing is left to do/);
      await Deno.writeTextFile(
        path,
        (await Deno.readTextFile(path)).replace(/\d{3}(?=\r?\n$)/, ""),
      );
      const damaged = await task(...args);
      assertEquals([damaged.code, damaged.err.match(/^error: /gm)?.length], [2, 1], damaged.err);
      assertMatch(damaged.err, /is half a number.*delete the run's folder, and it is made again/);
    }),
);

test("a run that patience ended, and bigram's, whose last evaluation is earlier, are finished", [
  ...needs,
], () =>
  inFolder(async (folder) => {
    const sizes = { "n-embd": 16, "block-size": 8, "batch-size": 4 };
    const rising = { preset: "notebook", ...sizes, "n-head": 2, "learning-rate": 2 };
    const runs = [
      { stage: "bigram", iters: 50 },
      { ...rising, "n-layer": 1, iters: 40, "eval-interval": 2, patience: 2 },
    ];
    const args = await studyIn(folder, runs);
    const first = await task(...args);
    assertEquals(first.code, 0, first.err);
    const rows = await rowsOf(`${folder}/studies/mine/runs.csv`);
    assertEquals(rows.map(({ stage }) => stage), ["bigram", "scaled"]);
    assert(Number(rows[1].last_step) < 39, rows[1].last_step);
    assertMatch((await task(...args)).err, /2 runs, of which 2 are made/);
  }));

test(
  "bad settings end a study before it begins; a run that fails leaves the others",
  [...needs],
  () =>
    inFolder(async (folder) => {
      const wrong: [unknown, RegExp][] = [
        [{ stage: "single_head", "n-head": 2 }, /row 1: single_head has no use for --n-head/],
        [{ stage: "multi_head", "n-embd": 30 }, /row 1: --n-embd 30 cannot be divided/],
        [
          { stage: "multi_head", seeds: [1, 1], iters: "2 " },
          /row 1: --iters must be a whole number/,
        ],
        [{ stage: "bigram" }, /row 1: bigram needs iters/],
        [{ stage: "scaled" }, /row 1: scaled needs a preset here, one of notebook, laptop, quick/],
        [{ preset: "fast" }, /row 1: --preset must be one of notebook, laptop, quick, got "fast"/],
      ];
      for (const [row, message] of wrong) {
        const { code, err } = await task(...await studyIn(folder, [row]));
        assertEquals([code, err.trim().split("\n").length], [2, 1], err);
        assertMatch(err, message);
      }
      const runs = [{ stage: "multi_head", iters: 2, "learning-rate": [1e30, 1e-3] }];
      const { code, out, err } = await task(...await studyIn(folder, runs));
      assertEquals(code, 2, err);
      assertMatch(
        err,
        /error: 1 of 2 runs failed, the first in row 1 \(seed 2023\): the loss became/,
      );
      assertMatch(out, /^1\/2 multi_head, learning-rate 0\.001, seed 2023: val loss/m);
    }),
);

test("a study that is stopped goes on, and its files are those of one that was not", [
  ...needs,
  "signals",
], () =>
  inFolder(async (folder) => {
    const runs = [{ stage: "multi_head", seeds: "1-4", iters: 1500, "eval-interval": 100 }];
    const args = await studyIn(folder, runs);
    const child = new Deno.Command("deno", {
      args: ["task", "--quiet", ...args, "--at-once=2"],
      cwd: root,
      env: { NO_COLOR: "1" },
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const [err, out] = [child.stderr, child.stdout].map((stream) => new Response(stream).text());
    await begun(`${folder}/studies/mine`);
    child.kill("SIGTERM");
    const { code } = await child.status;
    assertEquals(code, 143, await err);
    assertMatch(
      withoutDownloads(await err),
      /stopped with \d of 4 runs made: the same command goes/,
    );
    await out;
    for await (const { name } of Deno.readDir(`${folder}/studies/mine`)) {
      if (!name.startsWith("multi_head")) continue; // nobody holds a folder any more
      const files = [...Deno.readDirSync(`${folder}/studies/mine/${name}/multi_head`)];
      assert(!files.some(({ name }) => name === ".lock"), name);
    }
    const second = await task(...args);
    assertEquals(second.code, 0, second.err);
    const others = await inOther(runs);
    const here = await rowsOf(`${folder}/studies/mine/runs.csv`);
    const timeless = (rows: Record<string, string>[]) =>
      rows.map((row) => ({ ...row, seconds: "" }));
    assertEquals(timeless(here), timeless(others));
  }));

/** Waits until a run has a checkpoint. */
async function begun(folder: string): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    try {
      for (const { name } of Deno.readDirSync(folder)) {
        const path = `${folder}/${name}/multi_head/checkpoint.safetensors`;
        if (name.startsWith("multi_head") && Deno.statSync(path).isFile) return;
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("no run has begun");
}

async function inOther(runs: unknown): Promise<Record<string, string>[]> {
  let rows: Record<string, string>[] = [];
  await inFolder(async (folder) => {
    const { code, err } = await task(...await studyIn(folder, runs));
    assertEquals(code, 0, err);
    rows = await rowsOf(`${folder}/studies/mine/runs.csv`);
  });
  return rows;
}

test(
  "the commands for other machines leave folders that --collect joins",
  [...needs],
  () =>
    inFolder(async (folder) => {
      const args = await studyIn(folder, [{ stage: "multi_head", seeds: "1-2", iters: 2 }]);
      const { out: jobs } = await task(...args, "--jobs=slurm");
      assertMatch(jobs, /^#!\/bin\/sh\n#SBATCH --job-name=mine\n#SBATCH --array=1-2\n/);
      const { out: line } = await task(...args, "--jobs=parallel");
      const [first, ...commands] = line.trim().split("\n").slice(0, -1);
      assertMatch(first, /^parallel <</);
      assertEquals([...jobs.matchAll(/exec (.*) ;;/g)].map(([, command]) => command), commands);
      const words = commands[0].split(" ").slice(2);
      assertEquals((await task(...words)).code, 0);
      await Deno.rename(`${folder}/studies/mine`, `${folder}/elsewhere`);
      await Deno.mkdir(`${folder}/empty`);
      const given = ["elsewhere", "empty"].map((name) => `${folder}/${name}`);
      const collected = await task(...args, "--collect", ...given);
      assertEquals(collected.code, 0, collected.err);
      assertMatch(
        collected.err,
        /empty has no finished run of the study\n1 of 2 runs are not there/,
      );
      assertEquals(collected.err.includes(given[0]), false);
      assertEquals((await rowsOf(`${folder}/studies/mine/runs.csv`)).map(({ seed }) => seed), [
        "1",
      ]);
      const nothing = await task(...args, "--collect", `${folder}/nowhere`);
      assertEquals(nothing.code, 2);
      assertMatch(nothing.err, /there is no folder/);
    }),
);
