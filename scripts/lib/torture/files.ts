/**
 * Damaged and altered files, read by every task that reads them: refused in one line, or taken for
 * what the good file says.
 *
 * @module
 */
import { parse } from "@std/csv";
import { UserError } from "@hugo-lab/model";
import { typed } from "../task/command.ts";
import { Host } from "./hosts.ts";
import type { Job } from "./job.ts";
import { excerpt, filesIn, hash, judge, outcomeOf } from "./judge.ts";
import { csvMutations, type Numbers, tensorMutations } from "./mutations.ts";
import { fc } from "./packages.ts";
import { run } from "./process.ts";
import { rootOf } from "../task/root.ts";
import { search } from "./search.ts";
import type { Fault } from "./tally.ts";

const COUNT = { quick: 150, whole: 10_000 };
/** Seconds since 1970. */
const TIME = 1.7e9;
const corpus = `--corpus=${rootOf("data/practice_corpus.txt")}`;
const common = [corpus, "--results=results", "--threads=1", "--quiet"];
const tiny = ["--batch-size=2", "--eval-iters=1", "--eval-interval=5", "--sample-length=20"];
const training = [...common, ...tiny, "--n-embd=8", "--n-head=2"];

/** A task that reads files, and what comes of it. */
interface Reader {
  task: string;
  args: string[];
  /** Files that must not be there for it to read another. */
  without?: string[];
  outcome: (folder: string) => Promise<unknown>;
}

const lastTexts = (stage: string) => async (folder: string) => {
  const path = `${folder}/results/${stage}/generations.csv`;
  return parse(await Deno.readTextFile(path)).slice(-2).map((row) => row.at(-1));
};
const exported = async (folder: string) => {
  const path = `${folder}/results/exported`;
  const files = filesIn(path);
  return await Promise.all(files.map(async (name) => hash(await Deno.readFile(`${path}/${name}`))));
};

function generating(stage: string, ...more: string[]): Omit<Reader, "without"> {
  const args = [stage, ...common.slice(1), "--length=25", "--count=2", ...more];
  return { task: "generate", args, outcome: lastTexts(stage) };
}

const reporting: Reader = {
  task: "report",
  args: ["--results=results", corpus],
  outcome: async (folder) => [
    hash(await Deno.readFile(`${folder}/results/report.md`)),
    hash(await Deno.readFile(`${folder}/results/report.html`)),
  ],
};
const exporting = (...more: string[]): Reader => ({
  task: "export",
  args: ["multi_head", "--results=results", "--to=results/exported", ...more],
  outcome: exported,
});
const resuming: Reader = {
  task: "multi_head",
  args: [...training, "--iters=18", "--resume"],
  outcome: (folder) => outcomeOf(`${folder}/results/multi_head`),
};
const resumingBigram: Reader = {
  task: "bigram",
  args: [...common, ...tiny, "--iters=18", "--resume"],
  outcome: (folder) => outcomeOf(`${folder}/results/bigram`),
};

/** Which task reads which file; the more often it stands there, the more often it is tried. */
const readings: [file: string, reader: Reader][] = [
  ["multi_head/final.safetensors", generating("multi_head")],
  ["multi_head/final.safetensors", reporting],
  ["bigram/final.safetensors", generating("bigram")],
  ["multi_head/best.safetensors", generating("multi_head", "--best")],
  ["bigram/best.safetensors", generating("bigram", "--best")],
  ["multi_head/best.safetensors", exporting("--best")],
  ["multi_head/checkpoint.safetensors", exporting()],
  ["multi_head/checkpoint.safetensors", resuming],
  ["multi_head/extend.safetensors", resuming],
  ["bigram/checkpoint.safetensors", resumingBigram],
  ["multi_head/checkpoint.safetensors", {
    ...generating("multi_head"),
    without: ["multi_head/final.safetensors"],
  }],
  ["multi_head/losses.csv", reporting],
  ["multi_head/samples.csv", reporting],
  ["multi_head/timings.csv", reporting],
  ["bigram/losses.csv", reporting],
  ["multi_head/losses.csv", resuming],
  ["multi_head/samples.csv", resuming],
  ["multi_head/generations.csv", generating("multi_head")],
  ["stats/counts.csv", reporting],
  ["split/split.csv", reporting],
  ["split/context.csv", reporting],
  ["attention/weights.csv", reporting],
];

/** A damage and who reads it. */
interface Damage {
  reading: number;
  mutation: string;
  numbers: Numbers;
}

/** The class. */
export async function files(job: Job): Promise<void> {
  const folders = Array.from({ length: job.lanes }, (_, i) => `${job.folder}/${i}`);
  const hosts = folders.map((folder) => new Host(folder));
  const good = await goodResults(`${job.folder}/good`);
  for (const folder of folders) await Deno.mkdir(folder, { recursive: true });
  const right: string[] = [];
  for (const [, reader] of readings) {
    const { code, err, found } = await read(reader, good, hosts[0], folders[0]);
    if (code !== 0) throw new UserError(`${reader.task} does not read good files: ${err}`);
    right.push(found!);
  }
  await search<Damage>(job, {
    count: job.quick ? COUNT.quick : COUNT.whole,
    arbitrary: damages(),
    check: async ({ reading, mutation, numbers }, lane) => {
      const [file, reader] = readings[reading];
      const bytes = mutationsOf(file)[mutation](good.get(file)!, numbers);
      if (!bytes) return [];
      const altered = new Map(good).set(file, bytes);
      const end = await read(reader, altered, hosts[lane], folders[lane]);
      const faults = end.code === 0 ? [] : judge(end);
      if (end.code === 0 && end.found !== right[reading]) {
        faults.push({ column: "wrong", what: `${reader.task} takes ${file} though ${mutation}` });
      }
      return faults.map(({ column, what }): Fault => ({
        column,
        what: column === "wrong" ? what : `${reader.task}, ${file}, ${mutation}: ${what}`,
      }));
    },
    show: async ({ reading, mutation, numbers }, lane) => {
      const [file, { task, args }] = readings[reading];
      const bytes = mutationsOf(file)[mutation](good.get(file)!, numbers)!;
      const path = `${job.folder}/${lane}-${job.tally.failures.length}-${file.replace("/", "-")}`;
      await Deno.writeFile(path, bytes);
      return `${typed(task, args)}, with ${path} in place of results/${file} ` +
        `(in a copy of ${job.folder}/good)`;
    },
  });
  await Promise.all(hosts.map((host) => host.close()));
}

const mutationsOf = (file: string) => file.endsWith(".csv") ? csvMutations : tensorMutations;

function damages(): fc.Arbitrary<Damage> {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  return fc.nat({ max: readings.length - 1 }).chain((reading) =>
    fc.record({
      reading: fc.constant(reading),
      mutation: fc.constantFrom(...Object.keys(mutationsOf(readings[reading][0]))),
      numbers: fc.tuple(share, share, share),
    })
  );
}

/** A results folder's files, of runs that came to their end. */
async function goodResults(folder: string): Promise<Map<string, Uint8Array>> {
  await Deno.mkdir(folder, { recursive: true });
  const before: [task: string, args: string[]][] = [
    ["stats", [corpus, "--results=results"]],
    ["split", [corpus, "--results=results"]],
    ["attention", ["--results=results"]],
    ["bigram", [...common, ...tiny, "--iters=12"]],
    ["multi_head", [...training, "--iters=12"]],
    ["generate", ["multi_head", "--results=results", "--length=9", "--count=3", "--prompt=e"]],
  ];
  for (const [task, args] of before) {
    const { code, err } = await run(task, args, { cwd: folder });
    if (code !== 0) throw new UserError(`${task} fails: ${excerpt(err)}`);
  }
  const results = `${folder}/results`;
  const read = async (name: string) => [name, await Deno.readFile(`${results}/${name}`)] as const;
  return new Map(await Promise.all(filesIn(results).map(read)));
}

/** Has files read by a task in a fresh folder. */
async function read(
  { task, args, without = [], outcome }: Reader,
  all: Map<string, Uint8Array>,
  host: Host,
  folder: string,
) {
  const results = `${folder}/results`;
  await Deno.remove(results, { recursive: true }).catch(() => {});
  for (const [name, bytes] of all) {
    if (without.includes(name)) continue;
    await Deno.mkdir(`${results}/${name.slice(0, name.lastIndexOf("/"))}`, { recursive: true });
    await Deno.writeFile(`${results}/${name}`, bytes);
    await Deno.utime(`${results}/${name}`, TIME, TIME); // which must not matter
  }
  const end = await host.run(task, args);
  if (end.code !== 0) return { ...end, found: undefined };
  const found = await outcome(folder).then(JSON.stringify, (error) => `none: ${error.message}`);
  return { ...end, found };
}
