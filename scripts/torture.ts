/**
 * `deno task torture`: attacks on the lab, counted: kills, full disks, closed streams, odd texts,
 * random command lines, damaged files, random models. What it finds are faults of the lab.
 *
 * @module
 */
import type { Values } from "./lib/task/arguments.ts";
import { main, task } from "./lib/task/task.ts";
import type { Job } from "./lib/torture/job.ts";
import { commands } from "./lib/torture/commands.ts";
import { corpora } from "./lib/torture/corpora.ts";
import { disk } from "./lib/torture/disk.ts";
import { files } from "./lib/torture/files.ts";
import { kills } from "./lib/torture/kills.ts";
import { models } from "./lib/torture/models.ts";
import { streams } from "./lib/torture/streams.ts";
import { forget } from "./lib/torture/works.ts";
import { tableOf, Tally } from "./lib/torture/tally.ts";

/** The classes, in the table's order. */
const classes: Record<string, (job: Job) => Promise<void>> = {
  kills,
  disk,
  streams,
  corpora,
  commands,
  files,
  models,
};

const flags = {
  seed: {
    kind: "integer",
    min: 0,
    max: 2 ** 32 - 1,
    otherwise: "a new one each time",
    help: "of all that is random",
  },
  only: { kind: "choice", choices: Object.keys(classes), help: "one class of attacks" },
  quick: { kind: "switch", help: "a sample of each class: a minute, not twenty" },
} as const;

/** The task. */
const torture = task({
  name: "torture",
  about: "attacks on every task; code 0 if the lab withstands all of them",
  flags,
  run: (values) => attack(values),
});

/** Runs the classes and prints their table; gives the exit code. */
async function attack(values: Values<typeof flags>): Promise<number> {
  const seed = values.seed ?? crypto.getRandomValues(new Uint32Array(1))[0];
  const names = values.only ? [values.only] : Object.keys(classes);
  const root = await Deno.makeTempDir({ prefix: "torture-" });
  const tallies: Tally[] = [];
  console.log(`seed ${seed}`);
  for (const name of names) {
    const tally = new Tally(name, (line) => console.log(line));
    const folder = `${root}/${name}`;
    const started = performance.now();
    const lanes = navigator.hardwareConcurrency;
    await classes[name]({ name, seed, quick: Boolean(values.quick), folder, lanes, tally });
    tallies.push(tally);
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    console.error(`${name}: ${tally.tries} tries in ${seconds} s`);
  }
  await forget();
  console.log(tableOf(tallies));
  const isClean = tallies.every(({ failures }) => failures.length === 0);
  if (isClean) await Deno.remove(root, { recursive: true });
  return isClean ? 0 : 1;
}

if (import.meta.main) await main(torture);
