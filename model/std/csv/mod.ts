/**
 * Stands in for `jsr:@std/csv` where JSR cannot be reached: the part of its interface that the lab
 * uses, over the npm packages csv-stringify and csv-parse.
 *
 * @module
 */
import { parse as parseRecords } from "csv-parse/sync";
import { stringify as stringifyRecords } from "csv-stringify/sync";

/** One row, by column name. */
export type DataItem = Record<string, unknown> | readonly unknown[];

/** What {@linkcode stringify} is told besides the rows. */
export interface StringifyOptions {
  /** The columns, in the order in which they are written. */
  columns?: readonly string[];
  /** Whether the first line names the columns; true unless told. */
  headers?: boolean;
}

/** The rows as CSV text by RFC 4180, each line ended by CR LF. */
export function stringify(data: readonly DataItem[], options: StringifyOptions = {}): string {
  return stringifyRecords([...data], {
    columns: options.columns ? [...options.columns] : undefined,
    header: options.columns !== undefined && options.headers !== false,
    record_delimiter: "\r\n",
    quoted_match: /[\r\n]/,
  });
}

/** What {@linkcode parse} is told besides the text. */
export interface ParseOptions {
  /** Take the first line as the columns' names, and give each row as an object. */
  skipFirstRow: true;
}

/**
 * The rows of CSV text.
 *
 * @throws {Error} if the text is no valid CSV
 */
export function parse(text: string, _options: ParseOptions): Record<string, string>[] {
  return parseRecords(text, { columns: true, skip_empty_lines: true });
}
