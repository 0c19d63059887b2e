/** What came of a run, read from its folder. @module */
import { parse } from "@std/csv";
import { firstLine, UserError } from "@hugo-lab/model";
import { readIdentity } from "../run/identity.ts";
import { aboutFile } from "../task/errors.ts";
import type { PlannedRun } from "./plan.ts";

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
  const samples = await readRows(`${folder}/samples.csv`);
  const losses = await readRows(`${folder}/losses.csv`);
  const last = losses.at(-1);
  const sampledAt = Number(samples.at(-1)?.step ?? NaN); // a sample is written last
  if (!last || !(sampledAt >= Number(last.step))) return undefined;
  const valOf = ({ val_loss }: Record<string, string>) => Number(val_loss);
  const best = losses.reduce((a, b) => valOf(b) < valOf(a) ? b : a);
  const seconds = (await readRows(`${folder}/timings.csv`)).at(-1)?.seconds;
  return {
    run,
    ...seconds === undefined ? {} : { seconds: Number(seconds) },
    bestLoss: valOf(best),
    bestStep: Number(best.step),
    lastStep: Number(last.step),
    trainLoss: Number(last.train_loss),
    valLoss: valOf(last),
  };
}

/** A CSV file's rows by column; none if it is not there. */
async function readRows(path: string): Promise<Record<string, string>[]> {
  try {
    return parse(await Deno.readTextFile(path), { skipFirstRow: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    if (error instanceof Deno.errors.NotCapable) throw error;
    const remedy = "delete the run's folder, and it is made again";
    throw aboutFile(path, new UserError(firstLine(error)), { purpose: "read as CSV", remedy });
  }
}
