/**
 * Streams that are closed or full: a task's work and files do not depend on who reads the screen.
 *
 * @module
 */
import { typed } from "../task/command.ts";
import { type Case, Dice, type Job, runCases } from "./job.ts";
import { differences, excerpt, halfWritten } from "./judge.ts";
import { Process } from "./process.ts";
import type { Fault } from "./tally.ts";
import { others, outcome, prepare, trainings, undisturbed, type Work } from "./works.ts";

const TRIES = { quick: 8, whole: 80 };

/** Ways to disturb a stream; without a shell command it is closed at a random moment. */
const disturbances: { name: string; shell?: string; stream?: "stdout" | "stderr" }[] = [
  { name: "standard output is closed later", stream: "stdout" },
  { name: "standard error is closed later", stream: "stderr" },
  { name: "standard output is full", shell: '"$@" >/dev/full' },
  { name: "standard error is full", shell: '"$@" 2>/dev/full' },
  { name: "both are full", shell: '"$@" >/dev/full 2>&1' },
  { name: "standard output is closed", shell: '"$@" >&-' },
  { name: "standard error is closed", shell: '"$@" 2>&-' },
  { name: "the reader takes one line", shell: '{ "$@"; echo $? >code; } | head -n 1 >/dev/null' },
];

/** The class. */
export async function streams(job: Job): Promise<void> {
  const count = job.quick ? TRIES.quick : TRIES.whole;
  const cases: Case[] = Array.from({ length: count }, (_, i) => (dice, folder) => {
    const work = dice.pick([...trainings.slice(0, 7), ...others, ...others]);
    return disturbed(work, disturbances[i % disturbances.length], dice, folder);
  });
  await runCases(job, cases);
}

async function disturbed(
  work: Work,
  { name, shell, stream }: typeof disturbances[number],
  dice: Dice,
  folder: string,
) {
  const right = await undisturbed(work);
  await prepare(work, folder);
  // What it says is what is disturbed: so it says all that it can.
  const args = work.args.filter((arg) => arg !== "--quiet");
  const process = new Process(work.task, args, { cwd: folder, shell });
  const moment = stream ? dice.between(0, right.ms) : 0;
  const timer = stream && setTimeout(() => void process.close(stream), moment);
  const end = await process.end;
  clearTimeout(timer);
  const faults: Fault[] = [];
  const code = Number(await Deno.readTextFile(`${folder}/code`).catch(() => end.code));
  if (end.ended) faults.push({ column: "crashed", what: end.ended });
  else if (code !== 0) {
    faults.push({ column: "unclear", what: `${name}: code ${code} ${excerpt(end.err)}` });
  }
  faults.push(...await halfWritten(`${folder}/results`));
  const found = differences(await outcome(work, folder), right.outcome);
  faults.push(...found.map(({ column, what }) => ({ column, what: `${name}: ${what}` })));
  const when = stream ? ` after ${Math.round(moment)} ms` : "";
  return { how: `${typed(work.task, args)}: ${name}${when}`, faults };
}
