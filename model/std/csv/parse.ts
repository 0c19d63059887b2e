/** The rows of CSV text. @module */
import { refuse } from "./absent.ts";

/** What {@linkcode parse} is told besides the text. */
export interface ParseOptions {
  /** Whether the first line is no row; it names the columns unless `columns` does. */
  skipFirstRow?: boolean;
  /** The columns' names. */
  columns?: readonly string[];
}

/** The original's options that the lab does not use. */
const ABSENT = ["separator", "comment", "trimLeadingSpace", "lazyQuotes", "fieldsPerRecord"];

/**
 * The rows of CSV text, as objects if the columns have names. Empty lines are no rows; a byte order
 * mark is dropped, and a line's end within quotes becomes LF.
 *
 * @throws {SyntaxError} if a quote is where none may be, or is not closed
 * @throws {Error} if a row has more or fewer cells than there are columns
 * @throws {TypeError} if there is no line to name the columns, or the stand-in lacks an option
 */
export function parse(text: string): string[][];
export function parse(
  text: string,
  options: ParseOptions & ({ skipFirstRow: true } | { columns: readonly string[] }),
): Record<string, string>[];
export function parse(
  text: string,
  options: { skipFirstRow?: false; columns?: undefined },
): string[][];
export function parse(
  text: string,
  options: ParseOptions = {},
): string[][] | Record<string, string>[] {
  refuse(options, ABSENT);
  const rows = readRows(text.replace(/^\ufeff/, ""));
  if (!options.skipFirstRow && !options.columns) return rows;
  const first = options.skipFirstRow ? rows.shift() : [];
  if (!first) throw new TypeError("Cannot parse input: headers must be defined");
  const line = options.skipFirstRow ? 2 : 1;
  return rows.map((row, i) => byColumn(row, options.columns ?? first, line + i));
}

function byColumn(row: string[], columns: readonly string[], line: number): Record<string, string> {
  if (row.length === columns.length) {
    return Object.fromEntries(columns.map((column, i) => [column, row[i]]));
  }
  throw new Error(
    `Syntax error on line ${line}: The record has ${row.length} fields, ` +
      `but the header has ${columns.length} fields`,
  );
}

/** All rows but the empty ones. */
function readRows(text: string): string[][] {
  const lines = text.split(/\r?\n/);
  const last = lines.pop()!;
  if (last !== "") lines.push(last.replace(/\r$/, ""));
  const rows: string[][] = [];
  let number = 0;
  for (let next = 0; next < lines.length;) {
    number++;
    const row = new Row(lines, next, number);
    if (lines[next] !== "") rows.push(row.read());
    next = row.line + 1;
  }
  return rows;
}

/** One row of the text, which may have several lines. */
class Row {
  #at = 0; // in the line
  /** The line that it ends with, once it is read. */
  line: number;

  /**
   * A row that is not read yet.
   *
   * @param begin the line that it begins with
   * @param number counts the rows from 1, empty ones too
   */
  constructor(
    readonly lines: readonly string[],
    readonly begin: number,
    readonly number: number,
  ) {
    this.line = begin;
  }

  /** Its cells. */
  read(): string[] {
    const cells: string[] = [];
    do cells.push(this.#text[this.#at] === '"' ? this.#quoted() : this.#plain()); while (
      this.#text[this.#at++] === ","
    );
    return cells;
  }

  get #text(): string {
    return this.lines[this.line];
  }

  /** A cell up to the comma or the line's end. */
  #plain(): string {
    const comma = this.#text.indexOf(",", this.#at);
    const end = comma < 0 ? this.#text.length : comma;
    const cell = this.#text.slice(this.#at, end);
    if (cell.includes('"')) {
      this.#fail(this.#text.indexOf('"', this.#at), 'bare " in non-quoted-field');
    }
    this.#at = end;
    return cell;
  }

  /** A cell in quotes, which may hold commas, line ends and, doubled, quotes. */
  #quoted(): string {
    let cell = "";
    this.#at++;
    while (true) {
      const quote = this.#text.indexOf('"', this.#at);
      if (quote < 0) {
        cell += this.#text.slice(this.#at) + "\n";
        this.#nextLine();
        continue;
      }
      cell += this.#text.slice(this.#at, quote);
      this.#at = quote + 1;
      const behind = this.#text[this.#at];
      if (behind === undefined || behind === ",") return cell;
      if (behind !== '"') this.#fail(quote, 'extraneous or missing " in quoted-field');
      cell += '"';
      this.#at++;
    }
  }

  #nextLine(): void {
    if (this.line + 1 === this.lines.length) {
      // The original counts the column from where it has read to: nothing, if it sought a line.
      const column = this.#at < this.#text.length ? 0 : this.#text.length;
      this.#fail(column, 'extraneous or missing " in quoted-field');
    }
    this.line++;
    this.#at = 0;
  }

  #fail(at: number, what: string): never {
    const column = [...this.#text.slice(0, at)].length + 1; // code points
    const line = this.number + this.line - this.begin;
    throw new SyntaxError(
      `Syntax error on line ${this.number}; parse error on line ${line}, column ${column}: ${what}`,
    );
  }
}
