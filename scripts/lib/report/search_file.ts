/**
 * The search for a configuration as `search/search.csv` has it, which people write: a row a run,
 * with the base that it is to be compared with. What is drawn of it is search.ts'.
 *
 * @module
 */
import { damaged, excerpt, readCsv } from "../run/read_csv.ts";

/** The columns of search.csv; all but the first, the base and the best loss may be empty. */
export const searchColumns = [
  "change",
  "base",
  "seed",
  "parameters",
  "steps",
  "budget_seconds",
  "best_val_loss",
  "best_seconds",
  "last_val_loss",
  "last_train_loss",
] as const;

/** A run of the search. */
export interface Try {
  /** What differs from its base, or the base's name. */
  change: string;
  /** The change of the runs that it is compared with; none if it is a base. */
  base?: string;
  numbers: Partial<Record<typeof searchColumns[number], number>>;
  bestLoss: number;
  /** What it was given; runs are compared within one budget. */
  budget: string;
}

/** All runs of the search. */
export type Search = Try[];

const PATH = "search/search.csv";

/** The search in a results folder, if there is one. @throws {UserError} if the file is damaged */
export async function readSearch(folder: string): Promise<Search> {
  const file = { path: `${folder}/${PATH}`, remedy: "mend it, or delete it" };
  const fail = (line: number, what: string): never => {
    throw damaged(file, `line ${line}: ${what}`);
  };
  const rows = await readCsv(file, searchColumns, { mayHaveMore: true }) ?? [];
  const tries = rows.map((row, i): Try => {
    const numbers: Try["numbers"] = {};
    for (const column of searchColumns.slice(2)) {
      if (row[column] === "") continue;
      const number = Number(row[column]);
      if (!Number.isFinite(number)) fail(i + 2, `${column} ${excerpt(row[column])} is no number`);
      numbers[column] = number;
    }
    const bestLoss = numbers.best_val_loss ?? fail(i + 2, "it has no best_val_loss");
    const base = row.base === "" ? {} : { base: row.base };
    return { change: row.change, ...base, numbers, bestLoss, budget: row.budget_seconds };
  });
  tries.forEach(({ base }, i) => {
    if (base === undefined || tries.some(({ change }) => change === base)) return;
    fail(i + 2, `no row is of its base ${excerpt(base)}`);
  });
  return tries;
}
