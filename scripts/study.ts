/** `deno task study`: a table of settings, each run in a process of its own, and what came of them. @module */
import { type StageName, stages, UserError } from "@hugo-lab/model";
import { bigram } from "./bigram.ts";
import { corpusOf, resultsRoot } from "./lib/run/corpus.ts";
import { sharedFlags } from "./lib/run/flags.ts";
import { trainingTask } from "./lib/run/stage.ts";
import { collectRuns } from "./lib/study/collect.ts";
import { schedulers, writeJobs } from "./lib/study/jobs.ts";
import { makeStudy } from "./lib/study/make.ts";
import { planRuns, type TrainingTasks } from "./lib/study/plan.ts";
import { shippedStudies, shippedTable } from "./lib/study/shipped.ts";
import { quick, readTable, type Table } from "./lib/study/table.ts";
import type { Values } from "./lib/task/arguments.ts";
import { withFile } from "./lib/task/errors.ts";
import { fold } from "./lib/task/lines.ts";
import { didYouMean } from "./lib/task/nearest.ts";
import { main, task } from "./lib/task/task.ts";
import { scaled } from "./scaled.ts";

const tasks: TrainingTasks = {
  ...Object.fromEntries(Object.keys(stages).map((name) => [name, trainingTask(name as StageName)])),
  bigram,
  scaled,
};

const INDENT = 11;
const list = shippedStudies.map(([name, shows]) =>
  fold(`  ${name}`.padEnd(INDENT) + shows, " ".repeat(INDENT))
).join("\n");
const about = `runs a table of settings, each run in a process of its own

FILE is one of the studies that come with the lab:
${list}
or a table of your own, as JSON
  { "all": { "iters": 2000, "seeds": "1-4" },
    "runs": [{ "stage": ["blocks", "blocks_norm"], "n-layer": [3, 12] }] }
or as CSV
  stage,n-layer,iters,seeds
  blocks,12,2000,1-4
Columns are the flags of the stage's task; a list stands for a row of each of its values. Results
go to results/studies/NAME/. The same command again makes what is missing.`;

const flags = {
  ...{ corpus: sharedFlags.corpus, results: { ...sharedFlags.results, otherwise: "results" } },
  quick: { kind: "switch", help: "few iterations, two seeds: does it work?" },
  "at-once": { kind: "integer", min: 1, max: 1024, otherwise: "the cores", help: "runs at a time" },
  jobs: { kind: "choice", choices: schedulers, help: "run nothing, print it for other machines" },
  collect: { kind: "text", value: "DIR…", help: "run nothing, join folders of the study's runs" },
} as const;

/** The task. */
const study = task({
  name: "study",
  about,
  words: "FILE",
  flags,
  others: sharedFlags,
  run: (values, words) => runStudy(values, words),
});

/** Makes the study, or what else was asked for. */
async function runStudy(values: Values<typeof flags>, words: readonly string[]): Promise<void> {
  const { collect, jobs, "at-once": atOnce = navigator.hardwareConcurrency } = values;
  const [file, ...folders] = words;
  if (file === undefined) {
    const names = shippedStudies.map(([name]) => name).join(", ");
    throw new UserError(`study needs a table: one of ${names}, or a file; see --help`);
  }
  if (collect === undefined && folders.length > 0) {
    throw new UserError(`study has no argument ${folders[0]}: see deno task study --help`);
  }
  if (collect !== undefined && jobs !== undefined) {
    throw new UserError("--jobs is for before the runs, --collect for after them: leave one out");
  }
  const whole = shippedTable(file) ?? await ownTable(file);
  const table = values.quick ? quick(whole) : whole;
  const corpus = await corpusOf(values);
  const folder = `${resultsRoot(values, corpus)}/studies/${table.name}`;
  const runs = await withFile(file, () => planRuns(table, corpus, tasks), {
    purpose: "run the study",
  });
  const shared = values.corpus === undefined ? [] : [`--corpus=${values.corpus}`];
  if (jobs !== undefined) {
    console.log(writeJobs(jobs, runs, { name: table.name, folder, shared }));
  } else if (collect !== undefined) {
    await collectRuns(runs, folder, [collect, ...folders]);
  } else {
    await makeStudy(runs, { folder, atOnce, shared });
  }
}

/** A user's table. @throws {UserError} also if its name is taken by one that comes with the lab */
async function ownTable(file: string): Promise<Table> {
  const table = await readTable(await existing(file));
  if (!shippedTable(table.name)) return table;
  throw new UserError(
    `${file}: a study ${table.name} comes with the lab, and its tables would be lost: rename the file`,
  );
}

/** A table's path. @throws {UserError} with the study that was meant, if there is no such file */
async function existing(file: string): Promise<string> {
  const names = shippedStudies.map(([name]) => name);
  const meant = didYouMean(file, names);
  const isThere = await Deno.stat(file).then(() => true, () => false);
  if (meant && !isThere) throw new UserError(`study has no table ${file}${meant}`);
  return file;
}

if (import.meta.main) await main(study);
