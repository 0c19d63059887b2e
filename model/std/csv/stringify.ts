/** Rows as CSV text by RFC 4180. @module */

/** A row: cells in order, or by column name. */
export type DataItem = Readonly<Record<string, unknown> | unknown[]>;

/** What {@linkcode stringify} is told besides the rows. */
export interface StringifyOptions {
  /** The columns to write: names in objects, numbers in arrays; needed for objects. */
  columns?: readonly (string | number)[];
  /** Whether the first line names the columns, if they are given; true unless told. */
  headers?: boolean;
  /** What stands between cells; a comma unless told. */
  separator?: string;
  /** Whether the text begins with a byte order mark. */
  bom?: boolean;
}

/**
 * The rows as CSV text, each line ended by CR LF.
 *
 * @throws {TypeError} if a row is an array and a column no number, or the separator is no such
 */
export function stringify(data: readonly DataItem[], options: StringifyOptions = {}): string {
  const { columns = [], headers = true, separator = ",", bom = false } = options;
  if (/"|\r\n/.test(separator)) throw new TypeError("a separator has no quote and no line's end");
  if (columns.some((column) => typeof column === "object")) {
    throw new TypeError("the stand-in for @std/csv has names and numbers for columns only");
  }
  const header = headers && columns.length > 0 ? [columns] : [];
  const rows = [...header, ...data.map((item) => cellsOf(item, columns))];
  const lines = rows.map((row) => row.map((cell) => quote(cell, separator)).join(separator));
  return (bom ? "\ufeff" : "") + lines.map((line) => line + "\r\n").join("");
}

function cellsOf(item: DataItem, columns: readonly (string | number)[]): readonly unknown[] {
  if (Array.isArray(item)) {
    if (columns.some((column) => typeof column !== "number")) {
      throw new TypeError('Property accessor is not of type "number"');
    }
    return columns.length > 0 ? columns.map((column) => item[column as number]) : item;
  }
  if (columns.length > 0) {
    return columns.map((column) => (item as Record<string, unknown>)[column]);
  }
  throw new TypeError("No property accessor function was provided for object");
}

/** A cell, in quotes if it has a quote, a separator or a line's end. */
function quote(cell: unknown, separator: string): string {
  if (cell === undefined || cell === null) return "";
  const text = typeof cell === "object" ? JSON.stringify(cell) : String(cell);
  const isPlain = ['"', "\n", separator].every((special) => !text.includes(special));
  return isPlain ? text : `"${text.replaceAll('"', '""')}"`;
}
