/**
 * The CSV files of the tasks as those read them who come after: with the columns and the decimals
 * that they are written with, each row of a later step, so that half a row, half a number and rows
 * that were moved are told. How they are written is the model module's `CsvFile`.
 *
 * @module
 */
import { parse } from "@std/csv";
import { firstLine, readUtf8, type StageName, UserError } from "@hugo-lab/model";
import { aboutFile } from "../task/errors.ts";

/** As the tasks write them. */
export const [LOSS_DECIMALS, SECONDS_DECIMALS] = [6, 3];

/** A file, and what there is to do about it if it is damaged. */
export interface TableFile {
  path: string;
  remedy: string;
}

/** A file's row by column. */
export type Row = Record<string, string>;

/** Rows with their lines in the file, which a text in one may make longer than a line. */
export interface Rows {
  file: TableFile;
  rows: readonly { row: Row; line: number }[];
}

/** One evaluation. */
export interface LossRow {
  step: number;
  trainLoss: number;
  valLoss: number;
}

/** What there is to do about a file that a task writes. */
export function rewrite(task: string): string {
  return `write it again with deno task ${task}, or delete it`;
}

/**
 * A CSV file's rows; none if there is no such file.
 *
 * @param mayHaveMore whether columns behind these are taken
 * @throws {UserError} if it is no CSV file with these columns
 */
export async function readCsv(
  file: TableFile,
  columns: readonly string[],
  { mayHaveMore = false } = {},
): Promise<Row[] | undefined> {
  try {
    const text = await readUtf8(file.path);
    if (text === "") return [];
    const [header = []] = parse(text.split(/\r?\n/, 1)[0]);
    const missing = columns.find((column) => !header.includes(column));
    if (missing) throw new Error(`it has no column ${missing}`);
    const told = mayHaveMore ? header.slice(0, columns.length) : header;
    if (told.join() !== columns.join()) {
      throw new Error(`its columns are ${excerpt(header.join())}, expected ${columns.join()}`);
    }
    if (!text.endsWith("\n")) {
      throw new Error(`line ${text.split("\n").length}: the last row is cut off`);
    }
    return parse(text, { skipFirstRow: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw damaged(file, firstLine(error));
  }
}

/**
 * The rows that a stage's runs have in their folder; none where there is no file.
 *
 * @throws {UserError} if a file is no CSV file with its columns: bigram's have the run's length too
 */
export async function readRunRows(
  folder: string,
  stage: StageName,
  remedy: string,
): Promise<Record<"losses" | "samples" | "timings", Rows>> {
  const extra = stage === "bigram" ? ["iterations"] : [];
  const read = async (name: string, columns: string[]): Promise<Rows> => {
    const file = { path: `${folder}/${name}.csv`, remedy };
    const rows = await readCsv(file, ["step", ...columns, ...extra]) ?? [];
    return { file, rows: rows.map((row, i) => ({ row, line: i + 2 })) }; // behind the header
  };
  return {
    losses: await read("losses", ["train_loss", "val_loss"]),
    samples: await read("samples", ["prompt", "text"]),
    timings: await read("timings", ["seconds"]),
  };
}

/** A run's evaluations. @throws {UserError} naming the line that is damaged */
export function lossesIn({ file, rows }: Rows): LossRow[] {
  const losses = rows.map(({ row, line }) => ({
    step: readNumber(row.step, file, { line }),
    trainLoss: readNumber(row.train_loss, file, { decimals: LOSS_DECIMALS, line }),
    valLoss: readNumber(row.val_loss, file, { decimals: LOSS_DECIMALS, line }),
  }));
  checkOrder(file, losses.map(({ step }, i) => ({ step, place: `line ${rows[i].line}` })));
  return losses;
}

/** A run's seconds by step. @throws {UserError} naming the line that is damaged */
export function secondsIn({ file, rows }: Rows): Map<number, number> {
  const times = rows.map(({ row, line }) => ({
    step: readNumber(row.step, file, { line }),
    seconds: readNumber(row.seconds, file, { decimals: SECONDS_DECIMALS, line }),
  }));
  checkOrder(file, times.map(({ step }, i) => ({ step, place: `line ${rows[i].line}` })));
  for (const [i, { seconds }] of times.entries()) {
    if (i === 0 || seconds >= times[i - 1].seconds) continue;
    const [line, before] = [rows[i].line, times[i - 1].seconds];
    throw damaged(file, `line ${line}: ${seconds} seconds come after ${before}`);
  }
  return new Map(times.map(({ step, seconds }) => [step, seconds]));
}

/** A run's texts. @throws {UserError} naming the row that is damaged */
export function samplesIn({ file, rows }: Rows): { step: number; text: string }[] {
  const samples = rows.map(({ row }) => ({ step: readNumber(row.step, file), text: row.text }));
  checkOrder(file, samples.map(({ step }, i) => ({ step, place: `row ${i + 1}` })));
  return samples;
}

function checkOrder(file: TableFile, rows: readonly { step: number; place: string }[]): void {
  for (const [i, { step, place }] of rows.entries()) {
    const before = rows[i - 1]?.step;
    if (i === 0 || step > before) continue;
    throw damaged(file, `${place}: step ${step} comes after step ${before}`);
  }
}

/**
 * A number in a file, with so many decimals as the tasks write, that half of one is told: steps
 * have none, losses may be NaN where a training diverged, and nothing is below zero.
 *
 * @throws {UserError} if it is none
 */
export function readNumber(
  text: string,
  file: TableFile,
  { decimals = 0, line }: { decimals?: number; line?: number } = {},
): number {
  const where = line === undefined ? "" : `line ${line}: `;
  const good = decimals === 0 ? /^\d{1,15}$/ : /^(-?0\.0+|\d+(\.\d+)?(e[-+]?\d+)?|NaN|Infinity)$/i;
  if (!good.test(text)) {
    const kind = /^-\d/.test(text) ? "below zero" : "no number";
    throw damaged(file, `${where}${excerpt(text)} is ${kind}`);
  }
  const isWhole = /e|n/i.test(text) || (text.split(".")[1] ?? "").length === decimals;
  if (isWhole) return Number(text);
  throw damaged(file, `${where}${excerpt(text)} is half a number, expected ${decimals} decimals`);
}

/** What to say of a file that is not as a task leaves it. */
export function damaged({ path, remedy }: TableFile, what: string): UserError {
  return aboutFile(path, new UserError(what), { purpose: "read as CSV", remedy });
}

/** The beginning of what a file has in a cell, in one line. */
export function excerpt(cell: string): string {
  return JSON.stringify(cell.slice(0, 40));
}
