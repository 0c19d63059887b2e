/**
 * The CSV files of a run under `results/`, through the CSV package.
 *
 * @module
 */
import { stringify } from "@std/csv";
import { firstLine, UserError } from "./errors.ts";
import { unwritable, writeAtomically } from "./files.ts";
import { oddKindSync } from "./read_file.ts";

/** A CSV file that grows row by row; the first row replaces what an older run left. */
export class CsvFile {
  #begun = false;
  readonly #keep: boolean;
  /** What was written so far, without the header. */
  rows: string[][] = [];

  /**
   * A file that is touched only by the first row.
   *
   * @param options.keep whether rows are added to what older runs left
   */
  constructor(
    readonly path: string,
    readonly columns: readonly string[],
    { keep = false } = {},
  ) {
    this.#keep = keep;
  }

  /**
   * Adds rows and sees them onto the disk, so that a killed run keeps them.
   *
   * @throws {UserError} if they cannot be written; the file is as it was then
   */
  append(...rows: (readonly unknown[])[]): void {
    this.appendAll(rows);
  }

  /** The same for a list of rows, which may be long. */
  appendAll(rows: readonly (readonly unknown[])[]): void {
    try {
      checkRegular(this.path);
      using file = Deno.openSync(this.path, { write: true, create: true });
      file.lockSync(true); // two programs may add to the same file
      const { size } = file.statSync();
      const end = this.#begun || this.#keep ? size : 0;
      const before = this.#keep ? [] : this.rows; // written again, if somebody took the file away
      const text = stringify(end > 0 ? rows : [this.columns, ...before, ...rows]);
      file.truncateSync(end);
      file.seekSync(end, Deno.SeekMode.Start);
      this.#writeAt(file, end, new TextEncoder().encode(text));
    } catch (error) {
      throw unwritable(this.path, error);
    }
    this.#begun = true;
    this.rows = this.rows.concat(rows.map((row) => row.map(String)));
  }

  /** Writes all or, if there is no room for it, nothing: no empty file is left either. */
  #writeAt(file: Deno.FsFile, end: number, bytes: Uint8Array): void {
    try {
      for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
      file.syncDataSync();
    } catch (error) {
      file.truncateSync(end);
      if (end === 0) Deno.removeSync(this.path);
      throw error;
    }
  }

  /**
   * Takes away the beginning of a row behind the last whole one, which a full disk or a kill left
   * of another program's writing: the next row would be read as a part of it.
   *
   * @returns what was taken away, if there was something
   * @throws {UserError} if the file has other columns
   */
  mend(): string | undefined {
    const text = readIfThere(this.path);
    if (text === "") return undefined;
    const header = stringify([this.columns]).trim();
    if (text.split(/\r?\n/, 1)[0] !== header) {
      throw new UserError(
        `cannot add to ${this.path}: its first line is not ${header}; move it away`,
      );
    }
    const end = endOfRows(text);
    if (end === text.length) return undefined;
    try {
      Deno.truncateSync(this.path, new TextEncoder().encode(text.slice(0, end)).length);
    } catch (error) {
      throw unwritable(this.path, error);
    }
    return text.slice(end);
  }

  /** Goes back to these rows: a run that is resumed may have written more before it was killed. */
  async restore(rows: string[][]): Promise<void> {
    if (rows.length === 0) return; // the first row will replace what there is
    const text = stringify([this.columns, ...rows]);
    await writeAtomically(this.path, new TextEncoder().encode(text));
    this.rows = rows;
    this.#begun = true;
  }
}

/** Where the last whole row of a CSV text ends: behind a line's end that is in no quotes. */
function endOfRows(text: string): number {
  let end = 0;
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '"') isQuoted = !isQuoted;
    else if (text[i] === "\n" && !isQuoted) end = i + 1;
  }
  return end;
}

/** Refuses what is no file, such as a pipe, whose opening would wait. */
function checkRegular(path: string): void {
  const kind = oddKindSync(path);
  if (kind) throw new UserError(`cannot write ${path} (it is ${kind}): move it away`);
}

function readIfThere(path: string): string {
  checkRegular(path);
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/**
 * Makes sure that a folder can be written to, before work is done that would be lost.
 *
 * @param argument the name of the one that chose the folder
 * @throws {UserError} if it cannot
 */
export function prepareFolder(folder: string, argument = "results"): void {
  try {
    Deno.mkdirSync(folder, { recursive: true });
    const probe = `${folder}/.writable-${crypto.randomUUID()}`;
    Deno.writeTextFileSync(probe, "");
    Deno.removeSync(probe);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const reason = firstLine(error).replace(/: (mkdir|writefile|open).*$/, "");
    throw new UserError((nameOf) =>
      `cannot write to the folder ${folder} (${reason}): choose another with ${nameOf(argument)}`
    );
  }
}

/** A loss as the files hold it: six decimals. */
export function formatLoss(loss: number): string {
  return loss.toFixed(6);
}

/** The files of one training run. */
export class TrainingResults {
  /** `step,train_loss,val_loss`: a row at each evaluation. */
  readonly losses: CsvFile;
  /** `step,prompt,text`: the text begins with the prompt. */
  readonly samples: CsvFile;
  /** `step,seconds`: what changes from run to run. */
  readonly timings: CsvFile;

  /**
   * Prepares the folder; the files themselves come with their first rows.
   *
   * @param extra a column's name more, such as bigram's iterations
   */
  constructor(folder: string, readonly extra: string[] = []) {
    prepareFolder(folder);
    this.losses = new CsvFile(`${folder}/losses.csv`, ["step", "train_loss", "val_loss", ...extra]);
    this.samples = new CsvFile(`${folder}/samples.csv`, ["step", "prompt", "text", ...extra]);
    this.timings = new CsvFile(`${folder}/timings.csv`, ["step", "seconds", ...extra]);
  }

  /** The rows so far, by file. */
  get rows(): Record<string, string[][]> {
    return { losses: this.losses.rows, samples: this.samples.rows, timings: this.timings.rows };
  }

  /**
   * Goes back to the rows of a run that is resumed.
   *
   * @param lengths the run's iterations before and now, where a column holds them
   */
  async restore(rows: Record<string, string[][]>, lengths: [number, number]): Promise<void> {
    const [before, now] = lengths.map(String);
    const renamed = (row: string[]) =>
      this.extra.length > 0 && row.at(-1) === before ? row.with(-1, now) : row;
    const { losses = [], samples = [], timings = [] } = rows;
    await this.losses.restore(losses.map(renamed));
    await this.samples.restore(samples.map(renamed));
    await this.timings.restore(timings.map(renamed));
  }
}
