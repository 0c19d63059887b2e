/**
 * Random command lines over all tasks: what is taken is taken for what it means, what is refused is
 * refused in one line.
 *
 * @module
 */
import { parse } from "@std/csv";
import { decodeCheckpoint, readSafetensors, stages } from "@hugo-lab/model";
import type { Flag } from "../task/arguments.ts";
import { taskNames, typed } from "../task/command.ts";
import { Host } from "./hosts.ts";
import type { Job } from "./job.ts";
import { excerpt, halfWritten, judge } from "./judge.ts";
import { fc } from "./packages.ts";
import { type End, run } from "./process.ts";
import { rootOf } from "../task/root.ts";
import { search } from "./search.ts";
import type { Fault } from "./tally.ts";
import { knownTasks, quickTasks } from "./tasks.ts";
import { flagsInHelp, type Token, tokens } from "./tokens.ts";
import { exporting, prepare } from "./works.ts";

const COUNTS = { quick: [200, 6], whole: [4800, 200] } as const;

/** A task's arguments. */
interface Line {
  task: string;
  tokens: Token[];
}

const stageNames = Object.keys(stages);
/** What a task is given besides, so that it takes milliseconds. */
const small: Record<string, string[]> = {
  iters: ["--iters=1"],
  "eval-iters": ["--eval-iters=1"],
  "sample-length": ["--sample-length=0"],
  length: ["--length=3"],
  corpus: [`--corpus=${rootOf("data/practice_corpus.txt")}`],
  threads: ["--threads=1"],
};
/** The full-size model is not for trying. */
const smallScaled: Record<string, string[]> = {
  "batch-size": ["--batch-size=2"],
  "block-size": ["--block-size=8"],
  "n-embd": ["--n-embd=12"],
  "n-layer": ["--n-layer=1"],
};
/** Tasks that a host runs; the others are run as processes only. */
const hosted = Object.keys(quickTasks);
/** Of these and of tasks that are not hosted, only what must be refused: else they would go on. */
const ENDLESS = ["serve"];
/** Flags whose values are files that may not be there. */
const FILES = ["corpus", "results", "dump"];
/** Tasks whose first word is a stage. */
const ABOUT_STAGES = ["generate", "export"];

/** The class. */
export async function commands(job: Job): Promise<void> {
  const names = taskNames.filter((name) => name !== "torture");
  const flagsOf = new Map<string, Record<string, Flag>>();
  for (const name of names) {
    const known = knownTasks[name]?.flags;
    flagsOf.set(name, known ?? flagsInHelp((await run(name, ["--help"], { cwd: "." })).out));
  }
  const folders = Array.from({ length: job.lanes }, (_, i) => `${job.folder}/${i}`);
  for (const folder of folders) {
    await Deno.mkdir(folder, { recursive: true });
    await prepare(exporting, folder); // a finished run to generate from
  }
  const hosts = folders.map((folder) => new Host(folder));
  const [inHosts, inProcesses] = job.quick ? COUNTS.quick : COUNTS.whole;
  const each = (tasks: string[], count: number, start: typeof run | undefined) =>
    search<Line>(job, {
      count,
      arbitrary: lines(tasks, flagsOf),
      check: async (line, lane) => {
        const args = argumentsOf(line, flagsOf.get(line.task)!);
        const cwd = folders[lane];
        const end = await (start?.(line.task, args, { cwd }) ?? hosts[lane].run(line.task, args));
        const faults = await faultsOf(line, end, cwd);
        await Deno.remove(`${cwd}/results/case`, { recursive: true }).catch(() => {});
        await Deno.remove(`${cwd}/results/multi_head/generations.csv`).catch(() => {});
        return faults;
      },
      show: (line, lane) =>
        `${typed(line.task, argumentsOf(line, flagsOf.get(line.task)!))} (in ${folders[lane]})`,
    });
  await each(names.filter((name) => hosted.includes(name)), inHosts, undefined);
  await Promise.all(hosts.map((host) => host.close()));
  await each(names, inProcesses, run);
}

function lines(tasks: string[], flagsOf: Map<string, Record<string, Flag>>): fc.Arbitrary<Line> {
  return fc.constantFrom(...tasks).chain((task) => {
    const words = ABOUT_STAGES.includes(task) ? stageNames : [];
    return fc.record({
      task: fc.constant(task),
      tokens: fc.array(tokens(flagsOf.get(task)!, words), { maxLength: 5 }),
    });
  });
}

/** The command line: what makes the task small, unless the line has that flag itself. */
function argumentsOf({ task, tokens }: Line, flags: Record<string, Flag>): string[] {
  const has = (name: string) => tokens.some((token) => token.name === name);
  const isAboutStages = ABOUT_STAGES.includes(task);
  const args = isAboutStages && !tokens.some((token) => isWord(token)) ? ["multi_head"] : [];
  for (const [name, given] of Object.entries({ ...small, ...task === "scaled" && smallScaled })) {
    if (name in flags && !has(name)) args.push(...given);
  }
  const isReader = isAboutStages || task === "report";
  if ("results" in flags && !has("results")) {
    args.push(`--results=results${isReader ? "" : "/case"}`);
  }
  if (task === "export" && !has("to")) args.push("--to=results/case/exported");
  args.push(...tokens.flatMap((token) => token.args));
  const mustNotStart = !hosted.includes(task) || tokens.some(({ name }) => ENDLESS.includes(name!));
  // In front, since behind a lone -- it would be a word.
  return mustNotStart && !mustRefuse(tokens) ? ["--strange", ...args] : args;
}

const isWord = ({ name, args: [arg] }: Token) => name === undefined && !arg.startsWith("-");

/** Whether an argument is bad or a flag is there twice. Behind a lone -- all are words: they vary. */
function mustRefuse(tokens: Token[]): boolean {
  const names = tokens.flatMap(({ name }) => name === undefined ? [] : [name]);
  return tokens.some(({ verdict }) => verdict === "bad") || new Set(names).size < names.length;
}

async function faultsOf(line: Line, end: End, folder: string): Promise<Fault[]> {
  const faults = [...judge(end), ...await halfWritten(`${folder}/results/case`)];
  if (end.code !== 0 || faults.length > 0) return faults;
  const { task } = line;
  const isDescribed = line.tokens.some(({ name, means }) => name === "describe" && means);
  // What trains nothing reads no file, and has no text whose characters a prompt could miss.
  const unread = [...FILES, "prompt"];
  const tokens = line.tokens.filter(({ name }) => !isDescribed || !unread.includes(name!));
  const isRefusable = !hosted.includes(task) || mustRefuse(tokens) ||
    tokens.some(({ name }) => ENDLESS.includes(name!));
  if (isRefusable && !tokens.some(({ args }) => args[0] === "--")) {
    const culprits = tokens.filter(({ verdict }) => verdict === "bad").map(({ args }) => args);
    return [{ column: "wrong", what: `${task} takes ${excerpt(culprits.join(" "))}` }];
  }
  const recorded = await recordedBy(task, folder);
  for (const { name, means, args, verdict } of tokens) {
    if (name === undefined || verdict === "bad" || !(name in recorded)) continue;
    if (recorded[name] !== means) {
      const what = `${args.join(" ")} was taken for ${JSON.stringify(recorded[name])}`;
      faults.push({ column: "wrong", what: `${task}: ${what}` });
    }
  }
  const asked = tokens.find(({ name }) => name === "resume")?.means === true;
  if (!asked && /starting afresh|going on from/.test(end.err)) {
    faults.push({ column: "wrong", what: `${task} resumes though it was not told to` });
  }
  return faults;
}

type Recorded = Record<string, string | number | boolean>;

/** What a task's files tell of its flags' values. */
async function recordedBy(task: string, folder: string): Promise<Recorded> {
  if (task === "generate") return await recordedByGenerate(`${folder}/results/multi_head`);
  if (task === "export") {
    const path = `${folder}/results/case/exported/config.json`;
    const { weights } = JSON.parse(await Deno.readTextFile(path));
    return { best: weights === "best" };
  }
  if (task === "split") {
    const rows = parse(await Deno.readTextFile(`${folder}/results/case/split/context.csv`));
    return { "block-size": rows.length - 1 };
  }
  return stageNames.includes(task) ? await recordedByStage(`${folder}/results/case/${task}`) : {};
}

async function recordedByStage(folder: string): Promise<Recorded> {
  let found;
  try {
    found = decodeCheckpoint(await readSafetensors(`${folder}/checkpoint.safetensors`));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {}; // --help, --describe
    throw error;
  }
  const recorded: Recorded = { iters: found.run.iters };
  for (const [key, value] of Object.entries(found.run.settings)) {
    const name = key.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
    if (typeof value === "number") recorded[name] = value;
  }
  const [, prompt, text] = parse(await Deno.readTextFile(`${folder}/samples.csv`)).at(-1)!;
  return { ...recorded, prompt, "sample-length": [...text].length - [...prompt].length };
}

async function recordedByGenerate(folder: string): Promise<Recorded> {
  const text = await Deno.readTextFile(`${folder}/generations.csv`).catch(() => "");
  if (text === "") return {};
  const rows = parse(text, { skipFirstRow: true }) as Record<string, string>[];
  const last = rows.at(-1)!;
  const recorded: Recorded = {
    count: rows.length,
    best: last.weights === "best",
    prompt: last.prompt,
    seed: Number(last.seed),
    temperature: Number(last.temperature),
    length: Number(last.length),
  };
  if (last.top_k !== "") recorded["top-k"] = Number(last.top_k);
  if (last.top_p !== "") recorded["top-p"] = Number(last.top_p);
  if (last.stop !== "") recorded.stop = last.stop;
  return recorded;
}
