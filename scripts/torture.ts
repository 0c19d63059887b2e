/**
 * `deno task torture`: attacks on the lab, counted: kills, full disks, closed streams, odd texts,
 * random command lines, damaged files, random models. What it finds are faults of the lab.
 *
 * @module
 */
import { UserError } from "@hugo-lab/model";
import type { Values } from "./lib/task/arguments.ts";
import { main, task } from "./lib/task/task.ts";
import { commands } from "./lib/torture/commands.ts";
import { corpora } from "./lib/torture/corpora.ts";
import { disk } from "./lib/torture/disk.ts";
import { files } from "./lib/torture/files.ts";
import type { Job } from "./lib/torture/job.ts";
import { kills } from "./lib/torture/kills.ts";
import { models } from "./lib/torture/models.ts";
import { streams } from "./lib/torture/streams.ts";
import { tableOf, Tally } from "./lib/torture/tally.ts";
import { forget } from "./lib/torture/works.ts";

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
  case: { kind: "integer", min: 0, help: "with --only and --seed: one case alone, by its number" },
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
  if (values.case !== undefined && (values.only === undefined || values.seed === undefined)) {
    throw new UserError("--case is one of a class and a seed: give --only and --seed too");
  }
  const seed = values.seed ?? crypto.getRandomValues(new Uint32Array(1))[0];
  const names = values.only ? [values.only] : Object.keys(classes);
  const root = await Deno.makeTempDir({ prefix: "torture-" });
  const tallies: Tally[] = [];
  console.log(`seed ${seed}`);
  for (const name of names) {
    const quick = Boolean(values.quick);
    const again = `deno task torture${quick ? " --quick" : ""} --only ${name} --seed ${seed}`;
    const tally = new Tally(name, again, (line) => console.log(line));
    const started = performance.now();
    await classes[name]({
      name,
      seed,
      quick,
      folder: `${root}/${name}`,
      lanes: navigator.hardwareConcurrency,
      tally,
      only: values.case,
      next: 0,
    });
    if (tally.tries === 0) throw new UserError(`${name} has no case ${values.case}`);
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
