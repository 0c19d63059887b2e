/**
 * The CSV files of the tasks that train nothing, checked: each has its rows in an order, so that a
 * row that is there twice, moved or gone is told.
 *
 * @module
 */
import {
  damaged,
  excerpt,
  readCsv,
  readNumber,
  rewrite,
  type Row,
  type TableFile,
} from "../run/read_csv.ts";

/** As `deno task attention` writes its weights. */
const WEIGHT_DECIMALS = 6;

/** Says with the line what is wrong with a row, which `fault` tells from it and the rows before. */
function checkRows(
  file: TableFile,
  rows: readonly Row[],
  fault: (row: Row, index: number) => string | undefined,
): void {
  for (const [index, row] of rows.entries()) {
    const what = fault(row, index);
    if (what) throw damaged(file, `row ${index + 1}: ${what}`);
  }
}

/** `stats/counts.csv`: each character once, the most frequent first. */
export async function readCounts(path: string): Promise<[string, number][] | undefined> {
  const file = { path, remedy: rewrite("stats") };
  const rows = await readCsv(file, ["character", "count"]);
  if (!rows) return undefined;
  const counts = rows.map(({ count }) => readNumber(count, file));
  const seen = new Set<string>();
  checkRows(file, rows, ({ character }, i) => {
    if ([...character].length !== 1) return `${excerpt(character)} is not one character`;
    if (seen.has(character)) return `${excerpt(character)} is there twice`;
    seen.add(character);
    return counts[i] > counts[i - 1] ? `${counts[i]} comes after ${counts[i - 1]}` : undefined;
  });
  return rows.map(({ character }, i) => [character, counts[i]]);
}

/** `split/split.csv`: the two parts. */
export async function readSplit(path: string): Promise<[string, number][] | undefined> {
  const file = { path, remedy: rewrite("split") };
  const rows = await readCsv(file, ["set", "characters"]);
  if (!rows) return undefined;
  const sets = ["train", "val"];
  checkRows(file, rows, ({ set }, i) => {
    return set === sets[i] ? undefined : `${excerpt(set)}, expected ${sets[i] ?? "no more rows"}`;
  });
  return rows.map(({ set, characters }) => [set, readNumber(characters, file)]);
}

/** `split/context.csv`: each context is the one before it with its target. */
export async function readContexts(path: string): Promise<Row[] | undefined> {
  const file = { path, remedy: rewrite("split") };
  const rows = await readCsv(file, ["context", "target"]);
  if (!rows) return undefined;
  checkRows(file, rows, ({ context, target }, i) => {
    if ([...target].length !== 1) return `${excerpt(target)} is not one character`;
    const expected = i === 0 ? context : rows[i - 1].context + rows[i - 1].target;
    return context === expected ? undefined : `${excerpt(context)} does not follow`;
  });
  return rows;
}

/** `attention/weights.csv`: a square matrix, row by row. */
export async function readMatrix(path: string): Promise<number[][] | undefined> {
  const file = { path, remedy: rewrite("attention") };
  const cells = await readCsv(file, ["row", "column", "weight"]);
  if (!cells) return undefined;
  const size = Math.floor(Math.sqrt(cells.length));
  if (size * size !== cells.length) {
    const what = `${cells.length} weights are no square matrix`;
    throw damaged(file, what);
  }
  const matrix = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  checkRows(file, cells, ({ row, column, weight }, index) => {
    const [i, j] = [Math.floor(index / size), index % size];
    const place = [row, column].map((text) => readNumber(text, file));
    if (place[0] !== i || place[1] !== j) return `it is of ${place}, expected ${i},${j}`;
    matrix[i][j] = readNumber(weight, file, { decimals: WEIGHT_DECIMALS });
  });
  return matrix;
}
