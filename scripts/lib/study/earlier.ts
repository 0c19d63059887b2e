/** The runs that a study's table tells of, though their folders may not be here: committed ones. @module */
import {
  LOSS_DECIMALS,
  readCsv,
  readNumber,
  type Row,
  SECONDS_DECIMALS,
  type TableFile,
} from "../run/read_csv.ts";
import type { Outcome } from "./outcome.ts";
import type { PlannedRun } from "./plan.ts";
import { runColumns } from "./tables.ts";

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
  const file = { path: `${folder}/runs.csv`, remedy: REMEDY };
  const rows = await readCsv(file, runColumns, { mayHaveMore: true }) ?? [];
  const lines = new Map(rows.map((row, i) => [row.run, { row, line: i + 2 }])); // behind the header
  return new Map(runs.flatMap((run) => {
    const found = lines.get(run.name);
    return found ? [[run, outcomeOf(run, found.row, file, found.line)]] : [];
  }));
}

function outcomeOf(run: PlannedRun, row: Row, file: TableFile, line: number): Outcome {
  const number = (column: string, decimals = 0) =>
    readNumber(row[column], file, { decimals, line });
  return {
    run,
    ...row.seconds === "" ? {} : { seconds: number("seconds", SECONDS_DECIMALS) },
    bestLoss: number("best_val_loss", LOSS_DECIMALS),
    bestStep: number("best_step"),
    lastStep: number("last_step"),
    trainLoss: number("train_loss", LOSS_DECIMALS),
    valLoss: number("val_loss", LOSS_DECIMALS),
  };
}
