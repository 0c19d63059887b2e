/**
 * The tasks that write, with settings so small that each takes about a second, and what they leave
 * when nobody disturbs them.
 *
 * @module
 */
import { dirname } from "node:path";
import { UserError } from "@hugo-lab/model";
import { excerpt, filesIn, hash, outcomeOf } from "./judge.ts";
import { run } from "./process.ts";
import { rootOf } from "../task/root.ts";

/** A task that writes: its name, flags, and whether it can be resumed. */
export interface Work {
  task: string;
  args: string[];
  /** What must have been done in the folder before. */
  after?: Work;
  /** Training tasks go on from their checkpoints. */
  resumes: boolean;
  /** Where its files are, below the folder. */
  place: string;
  /** Seconds that it may take. */
  seconds?: number;
}

const corpus = `--corpus=${rootOf("data/practice_corpus.txt")}`;
const common = [corpus, "--results=results", "--threads=1", "--quiet"];

function training(task: string, args: string[], after?: Work): Work {
  const all = [...common, ...args];
  return { task, args: all, after, resumes: true, place: `results/${task}` };
}

const often = ["--iters=90", "--eval-interval=3", "--eval-iters=1", "--sample-length=40"];
const sizes = ["--batch-size=4", "--block-size=16", "--n-embd=24"];

/** Stages, with rows and weights written often. */
export const trainings: Work[] = [
  training("single_head", [...often, "--iters=200"].slice(1)),
  training("multi_head", often),
  training("feed_forward", [...often, "--batch-size=3"]),
  training("blocks", [...often, ...sizes]),
  training("blocks_norm", [...often, ...sizes]),
  training("scaled", [...often, ...sizes, "--n-layer=2", "--n-head=2", "--accumulate=2"]),
  training("bigram", ["--iters=600", "--eval-interval=15", "--eval-iters=1", "--sample-length=40"]),
  training("bigram", ["--eval-iters=1", "--sample-length=40"]),
];
const shorter = training("multi_head", [...often.slice(1), "--iters=40"]);
trainings.push(training("multi_head", often, shorter)); // an extension

/** Finished runs to generate from, export and report. */
const short = training("multi_head", [
  ...["--iters=20", "--eval-interval=5", "--eval-iters=1", "--sample-length=30"],
]);

export const generating: Work = {
  task: "generate",
  args: ["multi_head", "--results=results", "--count=8", "--length=150", "--threads=1", "--quiet"],
  after: short,
  resumes: false,
  place: "results/multi_head",
};
export const exporting: Work = {
  task: "export",
  args: ["multi_head", "--results=results", "--to=results/exported"],
  after: short,
  resumes: false,
  place: "results/exported",
};
export const reporting: Work = {
  task: "report",
  args: ["--results=results", corpus],
  after: short,
  resumes: false,
  place: "results",
};
/** Half a minute, so only in the long run. */
export const wholeLab: Work = {
  task: "lab",
  args: [corpus, "--results=results", "--threads=1", "--quiet"],
  resumes: true,
  place: "results",
  seconds: 600,
};
export const others: Work[] = [generating, exporting, reporting];

/** What an undisturbed run leaves, and how long it takes. */
export interface Undisturbed {
  outcome: Record<string, string>;
  ms: number;
}

const known = new Map<Work, Promise<Undisturbed>>();

/** Runs a work once where nobody disturbs it. */
export function undisturbed(work: Work): Promise<Undisturbed> {
  if (!known.has(work)) known.set(work, runUndisturbed(work));
  return known.get(work)!;
}

async function runUndisturbed(work: Work): Promise<Undisturbed> {
  const folder = await Deno.makeTempDir();
  try {
    await prepare(work, folder);
    const { ms } = await succeed(work, folder);
    return { outcome: await outcome(work, folder), ms };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const prepared = new Map<Work, Promise<string>>();

/** Puts into a folder what the work goes on from: the same bytes each time, seconds included. */
export async function prepare({ after }: Work, folder: string): Promise<void> {
  if (!after) return;
  if (!prepared.has(after)) prepared.set(after, made(after));
  await copyFolder(await prepared.get(after)!, folder);
}

async function made(work: Work): Promise<string> {
  const folder = await Deno.makeTempDir();
  await succeed(work, folder);
  return folder;
}

/** Copies a folder with all that is in it. */
export async function copyFolder(from: string, to: string): Promise<void> {
  for (const path of filesIn(from)) {
    await Deno.mkdir(dirname(`${to}/${path}`), { recursive: true });
    await Deno.copyFile(`${from}/${path}`, `${to}/${path}`);
    const { mtime } = await Deno.stat(`${from}/${path}`);
    await Deno.utime(`${to}/${path}`, mtime!, mtime!); // the report looks at it
  }
}

/** Removes what was prepared. */
export async function forget(): Promise<void> {
  for (const folder of prepared.values()) await Deno.remove(await folder, { recursive: true });
  prepared.clear();
}

async function succeed({ task, args, resumes, seconds = 120 }: Work, folder: string) {
  const flags = resumes ? [...args, "--resume"] : args; // an extension needs it
  const end = await run(task, flags, { cwd: folder, seconds });
  if (end.code === 0) return end;
  throw new UserError(`${task} does not even run undisturbed: ${end.ended ?? excerpt(end.err)}`);
}

/** What a work has left in a folder. */
export async function outcome(work: Work, folder: string): Promise<Record<string, string>> {
  const { task, place } = work;
  const path = `${folder}/${place}`;
  if (task === "lab") return await outcomeOfLab(path);
  if (work.resumes) return await outcomeOf(path);
  const names = task === "generate"
    ? ["generations.csv"]
    : task === "report"
    ? ["report.html", "report.md"]
    : filesIn(path);
  const found: Record<string, string> = {};
  for (const name of names) {
    const bytes = await Deno.readFile(`${path}/${name}`).catch(() => undefined);
    if (bytes) found[name] = hash(bytes);
  }
  return found;
}

async function outcomeOfLab(path: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of filesIn(path)) {
    if (!/\.csv$/.test(name) || name.endsWith("timings.csv")) continue;
    found[name] = hash(await Deno.readFile(`${path}/${name}`));
  }
  return found;
}
