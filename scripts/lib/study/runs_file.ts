/** Reading a study's `runs.csv`, as tables.ts writes it. @module */
import { LOSS_DECIMALS, readCsv, readNumber, type Row, SECONDS_DECIMALS } from "../run/read_csv.ts";
import { runColumns } from "./tables.ts";

/** A run as its row tells it. */
export interface RunRow {
  /** Its cells by column; those of the settings come after {@linkcode runColumns}. */
  row: Row;
  seconds?: number;
  bestLoss: number;
  valLoss: number;
  /** A number in another column. @throws {UserError} if it is none */
  number(column: typeof runColumns[number], decimals?: number): number;
}

/**
 * The rows of the file in a study's folder; none where there is no file.
 *
 * @param remedy what there is to do if it is damaged
 * @throws {UserError} if it is
 */
export async function readRunsFile(folder: string, remedy: string): Promise<RunRow[]> {
  const file = { path: `${folder}/runs.csv`, remedy };
  const rows = await readCsv(file, runColumns, { mayHaveMore: true }) ?? [];
  return rows.map((row, i) => {
    const number: RunRow["number"] = (column, decimals = 0) =>
      readNumber(row[column], file, { decimals, line: i + 2 }); // behind the header
    return {
      row,
      ...row.seconds === "" ? {} : { seconds: number("seconds", SECONDS_DECIMALS) },
      bestLoss: number("best_val_loss", LOSS_DECIMALS),
      valLoss: number("val_loss", LOSS_DECIMALS),
      number,
    };
  });
}
