/**
 * `deno task torture`: attacks on the lab, counted: kills, full disks, closed streams, odd texts,
 * random command lines, damaged files, random models. What it finds are faults of the lab.
 *
 * @module
 */
import { flagLines, help, readArguments } from "./lib/arguments.ts";
import { runTask } from "./lib/task.ts";
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
    help: "of all that is random (default: a new one each time)",
  },
  only: { kind: "choice", choices: Object.keys(classes), help: "one class of attacks" },
  quick: { kind: "switch", help: "a sample of each class: a minute, not twenty" },
  help,
} as const;

const HELP = `deno task torture: attacks on every task; code 0 if the lab withstands all of them

${flagLines(flags)}`;

/** The task; gives the exit code. */
export async function torture(args: string[]): Promise<number> {
  const values = readArguments({ task: "torture", flags }, args);
  if (values.help) {
    console.log(HELP);
    return 0;
  }
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

if (import.meta.main) await runTask(async (args) => Deno.exit(await torture(args)));
