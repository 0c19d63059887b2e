/**
 * The CSV files of the tasks that train nothing, checked: each has its rows in an order, so that a
 * row that is there twice, moved or gone is told.
 *
 * @module
 */
import { damaged, excerpt, readCsv, readNumber } from "./runs.ts";

/** As `deno task attention` writes its weights. */
const WEIGHT_DECIMALS = 6;

type Row = Record<string, string>;

/** Says with the line what is wrong with a row, which `fault` tells from it and the rows before. */
function checkRows(
  path: string,
  task: string,
  rows: readonly Row[],
  fault: (row: Row, index: number) => string | undefined,
): void {
  for (const [index, row] of rows.entries()) {
    const what = fault(row, index);
    if (what) throw damaged(path, task, new Error(`row ${index + 1}: ${what}`));
  }
}

/** `stats/counts.csv`: each character once, the most frequent first. */
export async function readCounts(path: string): Promise<[string, number][] | undefined> {
  const rows = await readCsv(path, "stats", ["character", "count"]);
  if (!rows) return undefined;
  const counts = rows.map(({ count }) => readNumber(count, path, "stats"));
  const seen = new Set<string>();
  checkRows(path, "stats", rows, ({ character }, i) => {
    if ([...character].length !== 1) return `${excerpt(character)} is not one character`;
    if (seen.has(character)) return `${excerpt(character)} is there twice`;
    seen.add(character);
    return counts[i] > counts[i - 1] ? `${counts[i]} comes after ${counts[i - 1]}` : undefined;
  });
  return rows.map(({ character }, i) => [character, counts[i]]);
}

/** `split/split.csv`: the two parts. */
export async function readSplit(path: string): Promise<[string, number][] | undefined> {
  const rows = await readCsv(path, "split", ["set", "characters"]);
  if (!rows) return undefined;
  const sets = ["train", "val"];
  checkRows(path, "split", rows, ({ set }, i) => {
    return set === sets[i] ? undefined : `${excerpt(set)}, expected ${sets[i] ?? "no more rows"}`;
  });
  return rows.map(({ set, characters }) => [set, readNumber(characters, path, "split")]);
}

/** `split/context.csv`: each context is the one before it with its target. */
export async function readContexts(path: string): Promise<Row[] | undefined> {
  const rows = await readCsv(path, "split", ["context", "target"]);
  if (!rows) return undefined;
  checkRows(path, "split", rows, ({ context, target }, i) => {
    if ([...target].length !== 1) return `${excerpt(target)} is not one character`;
    const expected = i === 0 ? context : rows[i - 1].context + rows[i - 1].target;
    return context === expected ? undefined : `${excerpt(context)} does not follow`;
  });
  return rows;
}

/** `attention/weights.csv`: a square matrix, row by row. */
export async function readMatrix(path: string): Promise<number[][] | undefined> {
  const cells = await readCsv(path, "attention", ["row", "column", "weight"]);
  if (!cells) return undefined;
  const size = Math.floor(Math.sqrt(cells.length));
  if (size * size !== cells.length) {
    const what = `${cells.length} weights are no square matrix`;
    throw damaged(path, "attention", new Error(what));
  }
  const matrix = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  checkRows(path, "attention", cells, ({ row, column, weight }, index) => {
    const [i, j] = [Math.floor(index / size), index % size];
    const place = [row, column].map((text) => readNumber(text, path, "attention"));
    if (place[0] !== i || place[1] !== j) return `it is of ${place}, expected ${i},${j}`;
    matrix[i][j] = readNumber(weight, path, "attention", { decimals: WEIGHT_DECIMALS });
  });
  return matrix;
}
