/** What came of a run, read from its folder. @module */
import { parse } from "@std/csv";
import { firstLine, UserError } from "@hugo-lab/model";
import { readIdentity } from "../run/identity.ts";
import { aboutFile } from "../task/errors.ts";
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
  const samples = await readRows(`${folder}/samples.csv`);
  const losses = await readRows(`${folder}/losses.csv`);
  const last = losses.at(-1);
  const sampledAt = Number(samples.at(-1)?.step ?? NaN); // a sample is written last
  if (!last || !(sampledAt >= Number(last.step))) return undefined;
  const rows = losses.map((row) => ({
    step: numberIn(row, "step", folder),
    trainLoss: numberIn(row, "train_loss", folder),
    valLoss: numberIn(row, "val_loss", folder),
  }));
  const best = rows.reduce((a, b) => b.valLoss < a.valLoss ? b : a);
  const { step: lastStep, trainLoss, valLoss } = rows.at(-1)!;
  const seconds = (await readRows(`${folder}/timings.csv`)).at(-1)?.seconds;
  return {
    run,
    ...seconds === undefined ? {} : { seconds: Number(seconds) },
    bestLoss: best.valLoss,
    bestStep: best.step,
    lastStep,
    trainLoss,
    valLoss,
  };
}

/** A number of losses.csv. @throws {UserError} if it is none */
function numberIn(row: Record<string, string>, column: string, folder: string): number {
  const text = row[column] ?? "";
  if (text.trim() !== "" && Number.isFinite(Number(text))) return Number(text);
  const what = new UserError(`${column} ${JSON.stringify(text.slice(0, 40))} is no number`);
  throw aboutFile(`${folder}/losses.csv`, what, { purpose: "read as CSV", remedy: REMEDY });
}

/** A CSV file's rows by column; none if it is not there. */
async function readRows(path: string): Promise<Record<string, string>[]> {
  try {
    return parse(await Deno.readTextFile(path), { skipFirstRow: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    if (error instanceof Deno.errors.NotCapable) throw error;
    const what = new UserError(firstLine(error));
    throw aboutFile(path, what, { purpose: "read as CSV", remedy: REMEDY });
  }
}
