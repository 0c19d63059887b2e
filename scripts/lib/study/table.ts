/**
 * A study's table: settings, one a row, as JSON or CSV. A setting with several values stands for a
 * row of each; a row's seeds are runs that differ by luck alone.
 *
 * @module
 */
import { parse } from "@std/csv";
import { firstLine, parseJson, readUtf8, type StageName, stages, UserError } from "@hugo-lab/model";
import { withFile } from "../task/errors.ts";

/** Settings of runs that differ by their seeds alone. */
export interface Setting {
  /** Where it stands, in words. */
  place: string;
  /** What tells it from the table's others: its stage, and what they have otherwise. */
  title: string;
  stage: StageName;
  /** Flags of the stage's task with their values, as on the command line. */
  flags: Record<string, string>;
  /** The stage's own one, if there are none. */
  seeds: number[];
}

/** A study before it is planned. */
export interface Table {
  /** What its folder is called. */
  name: string;
  /** What it is to show, if that is told. */
  about?: string;
  settings: Setting[];
}

const REMEDY = "deno task study --help has an example";
const SEED_LIMIT = 2 ** 32;
const MOST_SEEDS = 1000;
const MOST_RUNS = 10_000;
/** What the study itself decides. */
const OURS = ["results", "resume", "quiet", "dump", "corpus", "help", "describe"];

/** A row as it stands in a file. */
type Row = Record<string, unknown>;

/** Reads a table from a file. @throws {UserError} naming the row, and what was expected */
export async function readTable(path: string): Promise<Table> {
  const name = path.replaceAll("\\", "/").split("/").at(-1)!.replace(/(?<=.)\.[^.]*$/, "");
  const safe = name.normalize("NFC").replace(/[^\p{L}\p{M}\p{N}_-]+/gu, "_");
  return await withFile(path, async () => {
    const text = await readText(path);
    return tableOf(safe, /\.csv$/i.test(path) ? fromCsv(text) : fromJson(text));
  }, { remedy: REMEDY, purpose: "read the study" });
}

async function readText(path: string): Promise<string> {
  try {
    return await readUtf8(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable || error instanceof UserError) throw error;
    if (error instanceof Deno.errors.NotFound) throw new UserError("there is no such file");
    throw new UserError(firstLine(error));
  }
}

function fromCsv(text: string): Row[] {
  try {
    checkColumns(parse(text)[0] ?? []);
    return parse(text, { skipFirstRow: true }).map((row) =>
      Object.fromEntries(Object.entries(row).filter(([, cell]) => cell !== ""))
    );
  } catch (error) {
    throw new UserError(`it is no CSV: ${firstLine(error)}`);
  }
}

function checkColumns(columns: string[]): void {
  const twice = columns.find((column, i) => columns.indexOf(column) < i);
  if (twice !== undefined) throw new Error(`its first line has ${twice} twice`);
}

function fromJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof UserError) throw error.within("it ");
    throw new UserError(`it is no JSON: ${firstLine(error)}`);
  }
}

/**
 * The table in what a file holds: a list of rows, or an object with it.
 *
 * @throws {UserError} naming the row, and what was expected
 */
export function tableOf(name: string, content: unknown): Table {
  const { about, all = {}, runs, ...rest } = Array.isArray(content)
    ? { runs: content } as Row
    : isRow(content)
    ? content
    : {};
  const [strange] = Object.keys(rest);
  if (strange !== undefined) {
    throw new UserError(
      `it has ${JSON.stringify(strange)} where about, all and runs were expected: ` +
        'settings of all rows stand in "all"',
    );
  }
  if (!Array.isArray(runs) || runs.length === 0) {
    throw new UserError('it has no rows: expected a list of settings, or { "runs": […] }');
  }
  if (!isRow(all)) throw new UserError('"all" must be settings that every row has');
  let count = 0;
  const settings = runs.flatMap((row, i) => {
    const place = `row ${i + 1}`;
    if (!isRow(row)) throw new UserError(`${place}: it is no object of settings`);
    const [empty] = Object.entries({ ...all, ...row })
      .find(([, value]) => Array.isArray(value) && value.length === 0) ?? [];
    if (empty) throw new UserError(`${place}: ${empty} is an empty list`);
    const { seeds, ...varied } = { ...all, ...row };
    count += sizeOf(varied) * Math.max(1, seedsOf(seeds, place).length);
    if (count > MOST_RUNS) {
      throw new UserError(
        `${place}: up to here there are ${count.toLocaleString("en")} runs, and a study has ` +
          `${MOST_RUNS.toLocaleString("en")} at most: take fewer values`,
      );
    }
    return products({ ...all, ...row }).map((one) => settingOf(one, place));
  });
  return { name, ...typeof about === "string" ? { about } : {}, settings: titled(settings) };
}

/** Settings with their titles: blocks, n-layer 12. */
function titled(settings: Omit<Setting, "title">[]): Setting[] {
  const flags = new Set(settings.flatMap(({ flags }) => Object.keys(flags)));
  const differing = [...flags].filter((flag) =>
    settings.some((one) => one.flags[flag] !== settings[0].flags[flag])
  );
  return settings.map((one) => {
    const told = differing.filter((flag) => flag in one.flags);
    const title = [one.stage, ...told.map((flag) => `${flag} ${one.flags[flag]}`)].join(", ");
    return { ...one, title };
  });
}

function isRow(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** How many combinations a row's lists have. */
function sizeOf(row: Row): number {
  return Object.values(row)
    .reduce<number>((size, value) => size * (Array.isArray(value) ? value.length : 1), 1);
}

/** A row of each combination of a row's lists; its seeds stay together. */
function products(row: Row): Row[] {
  return Object.entries(row).reduce<Row[]>((rows, [key, value]) => {
    const values = Array.isArray(value) && key !== "seeds" ? value : [value];
    return rows.flatMap((one) => values.map((value) => ({ ...one, [key]: value })));
  }, [{}]);
}

function settingOf({ stage, seeds, ...rest }: Row, place: string): Omit<Setting, "title"> {
  const name = stage ?? (rest.preset === undefined ? undefined : "scaled");
  if (typeof name !== "string" || !Object.hasOwn(stages, name)) {
    const found = name === undefined ? "it has none" : `got ${JSON.stringify(name)}`;
    const expected = Object.keys(stages).join(", ");
    throw new UserError(`${place}: stage must be one of ${expected}, or give a preset; ${found}`);
  }
  const flags: Record<string, string> = {};
  for (const [flag, value] of Object.entries(rest)) {
    if (flag === "seed") throw new UserError(`${place}: seed is written seeds, even if it is one`);
    if (OURS.includes(flag)) throw new UserError(`${place}: ${flag} is the study's own affair`);
    if (!["string", "number", "boolean"].includes(typeof value)) {
      const got = JSON.stringify(value);
      throw new UserError(`${place}: ${flag} must be a number, a text or a list, got ${got}`);
    }
    flags[flag] = String(value);
  }
  return { place, stage: name as StageName, flags, seeds: seedsOf(seeds, place) };
}

/** Seeds as a number, a list, or a text such as `1-16` or `1 5 9`. */
function seedsOf(value: unknown, place: string): number[] {
  if (value === undefined) return [];
  const words = Array.isArray(value) ? value.map(String) : String(value).trim().split(/\s+/);
  const seeds = words.flatMap((word) => {
    const [, first, last = first] = /^(\d{1,10})(?:-(\d{1,10}))?$/.exec(word) ?? [];
    const count = Number(last) - Number(first) + 1;
    if (!(count >= 1 && count <= MOST_SEEDS && Number(last) < SEED_LIMIT)) {
      throw new UserError(
        `${place}: seeds must be whole numbers from 0 to 4294967295, as 7, [1, 2] or "1-16" ` +
          `(${MOST_SEEDS} at most), got ${JSON.stringify(value)}`,
      );
    }
    return Array.from({ length: count }, (_, i) => Number(first) + i);
  });
  return [...new Set(seeds)];
}

/** How small a quick study is. */
const QUICK: Record<string, string> = {
  iters: "20",
  "eval-interval": "10",
  "eval-iters": "2",
  "sample-length": "20",
};
const QUICK_SEEDS = 2;

/** The same with few iterations and seeds: whether it works is soon seen. Equal rows become one. */
export function quick({ name, settings, ...rest }: Table): Table {
  const small = settings.map(({ flags, seeds, ...one }) => ({
    ...one,
    flags: { ...flags, ...QUICK },
    seeds: seeds.slice(0, QUICK_SEEDS),
  }));
  const keyOf = ({ stage, flags }: Setting) => JSON.stringify([stage, flags]);
  const different = [...new Map(small.map((one) => [keyOf(one), one])).values()];
  return { ...rest, name: `${name}-quick`, settings: different };
}
