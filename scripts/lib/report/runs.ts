/**
 * The runs in a results folder: every CSV file of the training tasks, checked.
 *
 * @module
 */
import { parse } from "@std/csv";
import {
  bigramRuns,
  firstLine,
  type Stage,
  type StageName,
  stages,
  UserError,
} from "@hugo-lab/model";
import { aboutFile } from "../task/errors.ts";
import notebookFile from "./notebook.json" with { type: "json" };

/** As the tasks write them. */
const [LOSS_DECIMALS, SECONDS_DECIMALS] = [6, 3];

/** One evaluation. */
export interface LossRow {
  step: number;
  trainLoss: number;
  valLoss: number;
}

/** One training run: a stage's, or one of bigram's three. */
export interface Run {
  stage: Stage;
  /** As the report calls it. */
  title: string;
  losses: LossRow[];
  /** Seconds since the start, by step. */
  seconds: Map<number, number>;
  sample?: string;
  /** What the weights of the lowest validation loss wrote, where the run tells it. */
  bestSample?: { step: number; text: string };
  /** Whether the run came to its end: its sample is written last. */
  finished: boolean;
  /** What the notebook gives for it. */
  notebook?: NotebookRun;
}

/** A run of the notebook. */
export interface NotebookRun {
  losses: LossRow[];
  sample: string;
  seconds?: number;
}

/** The notebook's runs by title, and where they are from. */
export const notebook: { source: string; runs: Record<string, NotebookRun> } = {
  source: notebookFile.source,
  runs: Object.fromEntries(
    Object.entries(notebookFile.runs).map(([title, run]) => [title, {
      ...run,
      losses: run.losses.map(([step, trainLoss, valLoss]) => ({ step, trainLoss, valLoss })),
    }]),
  ),
};

/**
 * A CSV file's rows by column; none if there is no such file.
 *
 * @throws {UserError} if it is no CSV file with these columns
 */
export async function readCsv(
  path: string,
  task: string,
  columns: readonly string[],
  { mayHaveMore = false } = {},
): Promise<Record<string, string>[] | undefined> {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await Deno.readFile(path));
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
    throw damaged(path, task, error);
  }
}

/**
 * Checks that each row is of a later step than the one before it.
 *
 * @throws {UserError} naming the file and its line
 */
function checkOrder(rows: readonly { step: number; line?: number }[], path: string, task: string) {
  for (const [i, { step, line }] of rows.entries()) {
    const before = rows[i - 1]?.step;
    if (i === 0 || step > before) continue;
    const where = line === undefined ? `row ${i + 1}` : `line ${line}`; // a text has lines too
    throw damaged(path, task, new Error(`${where}: step ${step} comes after step ${before}`));
  }
}

/** What to say of a file that is not as a task leaves it. */
export function damaged(path: string, task: string, error: unknown): UserError {
  const told = new UserError(firstLine(error));
  return aboutFile(path, told, { purpose: "read as CSV", remedy: rewrite(task) });
}

/** In a task's place for a file that people write. */
export const BY_HAND = "by hand";

/** What there is to do about a file that a task writes. */
export function rewrite(task: string): string {
  if (task === BY_HAND) return "mend it, or delete it";
  return `write it again with deno task ${task}, or delete it`;
}

/**
 * A number in a file, with so many decimals as the tasks write, that half of one is told: steps
 * have none, losses may be NaN where a training diverged.
 *
 * @throws {UserError} if it is none
 */
export function readNumber(
  text: string,
  path: string,
  task: string,
  { decimals = 0, line }: { decimals?: number; line?: number } = {},
): number {
  const where = line === undefined ? "" : `line ${line}: `;
  const good = decimals === 0 ? /^\d{1,15}$/ : /^(-?\d+(\.\d+)?(e[-+]?\d+)?|NaN|-?Infinity)$/i;
  if (!good.test(text)) {
    throw damaged(path, task, new Error(`${where}${excerpt(text)} is no number`));
  }
  const isWhole = /e|n/i.test(text) || (text.split(".")[1] ?? "").length === decimals;
  if (isWhole) return Number(text);
  const what = `${where}${excerpt(text)} is half a number, expected ${decimals} decimals`;
  throw damaged(path, task, new Error(what));
}

/** The beginning of what a file has in a cell, in one line. */
export function excerpt(cell: string): string {
  return JSON.stringify(cell.slice(0, 40));
}

/** The runs of every stage, in the notebook's order; a stage that was not run has none. */
export async function readRuns(folder: string): Promise<Map<StageName, Run[]>> {
  const runs = new Map<StageName, Run[]>();
  for (const stage of Object.values(stages)) runs.set(stage.name, await readStage(folder, stage));
  return runs;
}

/** A stage's runs: bigram's are told apart by their length. */
async function readStage(folder: string, stage: Stage): Promise<Run[]> {
  const task = stage.name;
  const path = (file: string) => `${folder}/${task}/${file}.csv`;
  const extra = task === "bigram" ? ["iterations"] : [];
  const read = async (file: string, columns: string[]) => {
    const rows = await readCsv(path(file), task, ["step", ...columns, ...extra]) ?? [];
    return rows.map((row, i) => ({ row, line: i + 2 })); // behind the header
  };
  const number = (file: string, text: string, decimals = 0, line?: number) =>
    readNumber(text, path(file), task, { decimals, line });

  const losses = await read("losses", ["train_loss", "val_loss"]);
  const samples = await read("samples", ["prompt", "text"]);
  const timings = await read("timings", ["seconds"]);
  const lengths = new Set(losses.map(({ row }) => row.iterations)); // one, undefined, but for bigram
  return [...lengths].map((iterations) => {
    const ofRun = (rows: Awaited<ReturnType<typeof read>>) =>
      rows.filter(({ row }) => row.iterations === iterations);
    const title = iterations === undefined ? task : `${task} ${number("losses", iterations)}`;
    const numbered = ofRun(losses).map(({ row, line }) => ({
      line,
      step: number("losses", row.step, 0, line),
      trainLoss: number("losses", row.train_loss, LOSS_DECIMALS, line),
      valLoss: number("losses", row.val_loss, LOSS_DECIMALS, line),
    }));
    checkOrder(numbered, path("losses"), task);
    const rows = numbered.map(({ line: _, ...row }) => row);
    const times = ofRun(timings).map(({ row, line }) => ({
      line,
      step: number("timings", row.step, 0, line),
      seconds: number("timings", row.seconds, SECONDS_DECIMALS, line),
    }));
    checkOrder(times, path("timings"), task);
    const sampled = ofRun(samples).map(({ row: { step, text } }) => ({
      step: number("samples", step),
      text,
    }));
    checkOrder(sampled, path("samples"), task);
    const sample = sampled.at(-1);
    const last = iterations === undefined ? rows.at(-1)?.step : Number(iterations) - 1;
    const finished = sample !== undefined && sample.step === last;
    return {
      stage,
      title,
      losses: rows,
      seconds: new Map(times.map(({ step, seconds }) => [step, seconds])),
      sample: finished ? sample?.text : undefined, // an older run's sample is not this one's
      bestSample: finished ? sampled.at(-2) : undefined,
      finished,
      notebook: notebook.runs[title],
    };
  });
}

/** The runs the lab is made of, whether they were made or not. */
export function expectedTitles({ name }: Stage): string[] {
  return name === "bigram" ? bigramRuns.map((iters) => `${name} ${iters}`) : [name];
}
