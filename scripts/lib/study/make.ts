/** Making a study here: what is finished stays, what was interrupted goes on. @module */
import { prepareFolder, roomFor, UserError } from "@hugo-lab/model";
import { FolderLock } from "../run/lock.ts";
import { countOf } from "../task/lines.ts";
import { Signals } from "../task/signals.ts";
import { type End, type Lanes, makeRuns } from "./lanes.ts";
import { readEarlier } from "./earlier.ts";
import { type Outcome, readOutcome } from "./outcome.ts";
import type { PlannedRun } from "./plan.ts";
import { writeTables } from "./tables.ts";
import { tellMeans } from "./tell.ts";

/**
 * Makes the runs that are not there, and writes the tables as they come.
 *
 * @throws {UserError} if runs failed, all others being made
 * @throws {Interrupted} if a signal came
 */
export async function makeStudy(
  runs: readonly PlannedRun[],
  { folder, atOnce, shared }: Pick<Lanes, "folder" | "atOnce" | "shared">,
): Promise<void> {
  prepareFolder(folder);
  using _lock = await FolderLock.take(folder);
  using signals = new Signals();
  await signals.ready;
  const found = new Map<PlannedRun, Outcome>();
  const note = async (run: PlannedRun) => {
    const outcome = await readOutcome(folder, run);
    if (outcome) found.set(run, outcome);
    return outcome;
  };
  for (const run of runs) await note(run);
  const earlier = await readEarlier(folder, runs);
  const sorted = () => runs.flatMap((run) => found.get(run) ?? earlier.get(run) ?? []);
  if (found.size > 0) await writeTables(folder, sorted());
  const left = runs.filter((run) => !found.has(run));
  const lanes = Math.min(atOnce, left.length);
  const all = countOf(runs.length, "run");
  const made = `${found.size} ${found.size === 1 ? "is" : "are"} made`;
  const next = lanes > 0 ? `${lanes} at a time` : "nothing is left to do";
  console.error(`${all}, of which ${made}; ${next}`);

  const kept = left.filter((run) => earlier.has(run)).length;
  if (kept > 0) {
    console.error(`runs.csv keeps ${countOf(kept, "row")} of before until these are made`);
  }

  const failed: End[] = [];
  const tell = async (end: End) => {
    const outcome = end.code === 0 ? await note(end.run) : undefined;
    if (outcome) {
      await writeTables(folder, sorted());
      console.log(`${found.size}/${runs.length} ${lineOf(outcome)}`);
    } else if (signals.code === undefined) {
      failed.push(end);
      console.error(`${nameOf(end.run)} failed: ${end.line}`);
    }
  };
  const bytes = roomFor("cpu").at(-1)!.bytes; // the machine's
  await makeRuns(left, { folder, atOnce, bytes, shared, signals }, tell);

  signals.throwIfAsked(
    `stopped with ${found.size} of ${all} made: the same command goes on`,
  );
  if (found.size > 0) {
    tellMeans(sorted());
    console.log(`the runs are in ${folder}/runs.csv, their means in means.csv`);
  }
  if (failed.length === 0) return;
  const [{ run, line }] = failed;
  throw new UserError(
    `${failed.length} of ${all} failed, the first in ${run.setting.place} ` +
      `(seed ${run.seed}): ${line}`,
  );
}

function nameOf({ setting, seed }: PlannedRun): string {
  return `${setting.title}, seed ${seed}`;
}

function lineOf({ run, bestLoss, bestStep, seconds }: Outcome): string {
  const time = seconds === undefined ? "" : `, ${seconds.toFixed(1)} s`;
  return `${nameOf(run)}: val loss ${bestLoss.toFixed(4)} at step ${bestStep}${time}`;
}
