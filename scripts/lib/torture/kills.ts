/**
 * Kills at random moments: what was on the disk stays, and going on gives the undisturbed bytes.
 *
 * @module
 */
import { decodeCheckpoint, readSafetensors } from "@hugo-lab/model";
import { typed } from "../task/command.ts";
import { type Case, Dice, type Job, runCases } from "./job.ts";
import { differences, excerpt, halfWritten, judge } from "./judge.ts";
import { type End, Process, run } from "./process.ts";
import { followed, forgetPast, together } from "./neighbours.ts";
import type { Fault } from "./tally.ts";
import {
  exporting,
  generating,
  others,
  outcome,
  prepare,
  trainings,
  undisturbed,
  wholeLab,
  type Work,
} from "./works.ts";

const KILLS_A_CASE = 2;
const SIGNALS = ["SIGKILL", "SIGTERM", "SIGINT"] as const;
const COUNTS = {
  quick: { ofTasks: 4, ofLab: 0, following: 1, beside: 1 },
  whole: { ofTasks: 100, ofLab: 2, following: 20, beside: 10 },
};

/** The class. */
export async function kills(job: Job): Promise<void> {
  const { ofTasks, ofLab, following, beside } = job.quick ? COUNTS.quick : COUNTS.whole;
  const works = [...trainings, ...trainings, ...others];
  const cases = [
    ...Array<Case>(ofTasks).fill((dice, folder) => killed(dice.pick(works), dice, folder)),
    ...Array<Case>(ofLab).fill((dice, folder) => killed(wholeLab, dice, folder)),
    ...Array<Case>(following).fill(followed),
    ...Array<Case>(beside).fill(together),
  ];
  await runCases(job, cases, (index) => index < ofTasks + ofLab ? KILLS_A_CASE : 1);
  await forgetPast();
}

/** A run that is killed some times, then let go on to its end. */
async function killed(work: Work, dice: Dice, folder: string) {
  const { task, args, resumes, seconds } = work;
  const right = await undisturbed(work);
  await prepare(work, folder);
  const flags = resumes ? [...args, "--resume"] : args;
  const faults: Fault[] = [];
  const told: string[] = [];
  for (let kill = 0; kill < KILLS_A_CASE; kill++) {
    const before = await stateOf(work, folder);
    const process = new Process(task, flags, { cwd: folder, seconds });
    const moment = dice.between(0, right.ms);
    const signal = dice.pick(SIGNALS);
    const timer = setTimeout(() => process.kill(signal), moment);
    const end = await process.end;
    clearTimeout(timer);
    told.push(`${signal} after ${Math.round(moment)} ms`);
    const wasKilled = told.some((one) => one.startsWith("SIGKILL"));
    const found = await afterKill(work, folder, signal, end, before);
    // What a kill leaves in the midst of writing is taken away by the next run that ends.
    faults.push(...found.filter(({ what }) => !wasKilled || !what.endsWith("is left over")));
  }
  faults.push(...await goingOn(work, flags, folder, right.outcome));
  return { how: `${typed(task, flags)}, ${told.join(", ")}`, faults };
}

/** What must not become less by a kill. */
interface State {
  iteration: number;
  rows: string;
}

async function stateOf(work: Work, folder: string): Promise<State> {
  const path = `${folder}/${work.place}`;
  const rows = await Deno.readTextFile(`${path}/generations.csv`).catch(() => "");
  return { iteration: work.task === "lab" ? 0 : await iterationOf(path), rows };
}

/** How far the checkpoint is: over bigram's runs, which follow each other, in all. */
async function iterationOf(path: string): Promise<number> {
  try {
    const { run } = decodeCheckpoint(await readSafetensors(`${path}/checkpoint.safetensors`));
    return (run.rows.losses ?? []).length * 1e6 + run.iteration;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return -1;
    return NaN;
  }
}

async function afterKill(
  work: Work,
  folder: string,
  signal: Deno.Signal,
  end: End,
  before: State,
): Promise<Fault[]> {
  const faults: Fault[] = [];
  const isHeard = end.signal === null;
  if (end.ended || isHeard && signal !== "SIGKILL") faults.push(...judge(end));
  if (isHeard && ![0, 130, 143].includes(end.code) && !isExported(work, end)) {
    faults.push({
      column: "unclear",
      what: `${signal} gives code ${end.code}: ${excerpt(end.err)}`,
    });
  }
  if (isHeard) faults.push(...await halfWritten(folder));
  const after = await stateOf(work, folder);
  if (Number.isNaN(after.iteration)) {
    faults.push({ column: "lost", what: "the checkpoint is damaged" });
  }
  if (after.iteration < before.iteration) {
    faults.push({ column: "lost", what: "the checkpoint went back" });
  }
  if (!after.rows.startsWith(before.rows)) {
    faults.push({ column: "lost", what: "rows of generations.csv are gone" });
  }
  return faults;
}

/** Whether an export is refused since one before it has come to its end. */
function isExported({ task }: Work, { code, err }: End): boolean {
  return task === exporting.task && code === 2 && /already/.test(err);
}

/** Lets a work go on to its end; it must be the undisturbed one's. */
async function goingOn(
  work: Work,
  flags: string[],
  folder: string,
  right: Record<string, string>,
): Promise<Fault[]> {
  const { task, place, seconds } = work;
  const path = `${folder}/${place}/generations.csv`;
  const before = await Deno.readTextFile(path).catch(() => "");
  const end = await run(task, flags, { cwd: folder, seconds });
  if (end.code !== 0 && !isExported(work, end)) {
    return [...judge(end), { column: "lost", what: `cannot go on: ${excerpt(end.err)}` }];
  }
  const faults = await halfWritten(folder);
  if (task === generating.task) {
    const rows = await Deno.readTextFile(path);
    const header = before === "" ? 0 : before.indexOf("\n") + 1;
    if (!rows.startsWith(before)) faults.push({ column: "lost", what: "earlier rows are gone" });
    await Deno.writeTextFile(path, rows.slice(0, header) + rows.slice(before.length));
  }
  return [...faults, ...differences(await outcome(work, folder), right)];
}
