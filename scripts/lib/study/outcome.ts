/** What came of a run, read from its folder. @module */
import { readIdentity } from "../run/identity.ts";
import { lossesIn, type LossRow, readRunRows, samplesIn, secondsIn } from "../run/read_csv.ts";
import type { PlannedRun } from "./plan.ts";

const REMEDY = "delete the run's folder, and it is made again";

/** A run's figures. */
export interface Outcome {
  run: PlannedRun;
  /** From its start to its last evaluation; none if its times are not there. */
  seconds?: number;
  /** The lowest validation loss, and at which step it was. */
  bestLoss: number;
  bestStep: number;
  /** At the last evaluation. */
  lastStep: number;
  trainLoss: number;
  valLoss: number;
}

/**
 * A run's figures, if it has come to its end.
 *
 * @param study the folder of the study's runs
 * @throws {UserError} if its files are damaged
 */
export async function readOutcome(study: string, run: PlannedRun): Promise<Outcome | undefined> {
  const folder = `${study}/${run.name}/${run.setting.stage}`;
  if ((await readIdentity(folder))?.id !== run.id) return undefined;
  const rows = await readRunRows(folder, run.setting.stage, REMEDY);
  const losses = lossesIn(rows.losses);
  const samples = samplesIn(rows.samples);
  const times = secondsIn(rows.timings);
  const last = losses.at(-1);
  const sampledAt = samples.at(-1)?.step;
  if (!last || sampledAt === undefined || !isLast(losses, sampledAt, run)) return undefined;
  const best = losses.reduce((a, b) => b.valLoss < a.valLoss ? b : a);
  const seconds = [...times.values()].at(-1);
  return {
    run,
    ...seconds === undefined ? {} : { seconds },
    bestLoss: best.valLoss,
    bestStep: best.step,
    lastStep: last.step,
    trainLoss: last.trainLoss,
    valLoss: last.valLoss,
  };
}

/**
 * Whether a run's rows go on to its sample, which is written last: rows that end before it were cut
 * off, and the run is made again from its checkpoint. Bigram's end is no evaluation of its own.
 */
function isLast(losses: readonly LossRow[], end: number, { setting }: PlannedRun): boolean {
  const [before, last] = [losses.at(-2), losses.at(-1)!];
  if (setting.stage !== "bigram") return last.step === end;
  return last.step <= end && (!before || last.step + (last.step - before.step) > end);
}
