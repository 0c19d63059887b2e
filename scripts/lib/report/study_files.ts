/** The studies in a results folder: what `deno task study` left. @module */
import { rewrite } from "../run/read_csv.ts";
import { readRunsFile, type RunRow } from "../study/runs_file.ts";
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
    const rows = await readRunsFile(`${folder}/studies/${name}`, rewrite("study"));
    if (rows.length > 0) studies.set(name, rows.map(runOf));
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

function runOf({ row, seconds, bestLoss, valLoss, number }: RunRow): StudyRun {
  const settings = Object.entries(row)
    .filter(([column, cell]) => !(runColumns as readonly string[]).includes(column) && cell !== "");
  return {
    stage: row.stage,
    settings: Object.fromEntries(settings),
    seed: number("seed"),
    parameters: number("parameters"),
    ...seconds === undefined ? {} : { seconds },
    bestLoss,
    valLoss,
  };
}
