/** The studies in a results folder: what `deno task study` left. @module */
import {
  LOSS_DECIMALS,
  readCsv,
  readNumber,
  rewrite,
  type Row,
  SECONDS_DECIMALS,
  type TableFile,
} from "../run/read_csv.ts";
import { runColumns } from "../study/tables.ts";

/** A run of a study. */
export interface StudyRun {
  stage: string;
  /** The settings that the study's table gave, by flag. */
  settings: Record<string, string>;
  seed: number;
  parameters: number;
  seconds?: number;
  bestLoss: number;
  valLoss: number;
}

/** A study by its name. */
export type Studies = Map<string, StudyRun[]>;

/** All studies, by name. @throws {UserError} if a file is damaged */
export async function readStudies(folder: string): Promise<Studies> {
  const studies: Studies = new Map();
  for (const name of (await namesIn(`${folder}/studies`)).sort()) {
    const file = { path: `${folder}/studies/${name}/runs.csv`, remedy: rewrite("study") };
    const rows = await readCsv(file, runColumns, { mayHaveMore: true });
    if (rows?.length) studies.set(name, rows.map((row, i) => runOf(row, file, i + 2)));
  }
  return studies;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return [];
    }
    throw error;
  }
}

function runOf(row: Row, file: TableFile, line: number): StudyRun {
  const number = (column: string, decimals = 0) =>
    readNumber(row[column], file, { decimals, line });
  const settings = Object.entries(row)
    .filter(([column, cell]) => !(runColumns as readonly string[]).includes(column) && cell !== "");
  return {
    stage: row.stage,
    settings: Object.fromEntries(settings),
    seed: number("seed"),
    parameters: number("parameters"),
    ...row.seconds === "" ? {} : { seconds: number("seconds", SECONDS_DECIMALS) },
    bestLoss: number("best_val_loss", LOSS_DECIMALS),
    valLoss: number("val_loss", LOSS_DECIMALS),
  };
}
