/** The runs that a study's table tells of, though their folders may not be here: committed ones. @module */
import { LOSS_DECIMALS } from "../run/read_csv.ts";
import type { Outcome } from "./outcome.ts";
import type { PlannedRun } from "./plan.ts";
import { readRunsFile, type RunRow } from "./runs_file.ts";

const REMEDY = "delete it, and it is written again from the runs' folders";

/**
 * What `runs.csv` tells of a study's runs: their names have digits of all that may change a figure.
 *
 * @param folder the study's
 * @throws {UserError} if the file is damaged
 */
export async function readEarlier(
  folder: string,
  runs: readonly PlannedRun[],
): Promise<Map<PlannedRun, Outcome>> {
  const rows = await readRunsFile(folder, REMEDY);
  const byName = new Map(rows.map((one) => [one.row.run, one]));
  return new Map(runs.flatMap((run) => {
    const found = byName.get(run.name);
    return found ? [[run, outcomeOf(run, found)]] : [];
  }));
}

function outcomeOf(run: PlannedRun, { seconds, bestLoss, valLoss, number }: RunRow): Outcome {
  return {
    run,
    ...seconds === undefined ? {} : { seconds },
    bestLoss,
    bestStep: number("best_step"),
    lastStep: number("last_step"),
    trainLoss: number("train_loss", LOSS_DECIMALS),
    valLoss,
  };
}
