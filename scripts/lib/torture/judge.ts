/**
 * Whether a task ended clearly, and whether what it left is whole.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { parse } from "@std/csv";
import { decodeModel, readSafetensors } from "@hugo-lab/model";
import type { End } from "./process.ts";
import type { Fault } from "./tally.ts";

/** Success, not right, bad input, SIGINT, SIGTERM. */
const CODES = [0, 1, 2, 130, 143];
const TRACE = /^ +at .+:\d+:\d+\)?$|^error: Uncaught|panicked at|fatal error|out of memory/mi;
/** What the system says of a file that is not named. */
const NAMELESS = /^error: [A-Z][^(/\\]*\(os error \d+\)[^/\\]*$/;
/** What no task may leave behind. */
const LEAVING = /partial|^\.writable|\.tmp$/;

/** What is unclear in how a task ended. */
export function judge({ code, err, ended }: Pick<End, "code" | "err" | "ended">): Fault[] {
  if (ended) return [{ column: "crashed", what: ended }];
  const first = excerpt(err);
  if (!CODES.includes(code)) return [{ column: "crashed", what: `exit code ${code}: ${first}` }];
  if (TRACE.test(err)) return [{ column: "unclear", what: `a stack trace: ${first}` }];
  const errors = err.match(/^error: .*$/gm) ?? [];
  if (code === 0 && errors.length > 0) {
    return [{ column: "unclear", what: `code 0 with ${errors[0]}` }];
  }
  if ((code === 1 || code === 2) && errors.length !== 1) {
    return [{ column: "unclear", what: `code ${code} with ${errors.length} lines: ${first}` }];
  }
  if (NAMELESS.test(errors[0] ?? "")) {
    return [{ column: "unclear", what: `no file is named: ${errors[0]}` }];
  }
  return [];
}

/** The beginning of a text in one line. */
export function excerpt(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}

/** The files below a folder, by their paths in it. */
export function filesIn(folder: string, inner = ""): string[] {
  try {
    return [...Deno.readDirSync(`${folder}/${inner}`)].flatMap(({ name, isDirectory }) =>
      isDirectory ? filesIn(folder, `${inner}${name}/`) : [inner + name]
    ).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** What is half-written or left over in a folder. */
export async function halfWritten(folder: string): Promise<Fault[]> {
  const faults: Fault[] = [];
  for (const path of filesIn(folder)) {
    const name = path.split("/").at(-1)!;
    const what = LEAVING.test(name) ? "is left over" : await damageOf(`${folder}/${path}`);
    if (what) faults.push({ column: "unclear", what: `${path} ${what}` });
  }
  return faults;
}

async function damageOf(path: string): Promise<string | undefined> {
  try {
    if (path.endsWith(".safetensors")) await readSafetensors(path);
    if (path.endsWith(".json")) JSON.parse(await Deno.readTextFile(path));
    if (path.endsWith(".html") && !/<\/html>\s*$/.test(await Deno.readTextFile(path))) {
      return "is half a page";
    }
    if (!path.endsWith(".csv")) return undefined;
    const text = await Deno.readTextFile(path);
    if (!text.endsWith("\n")) return "ends within a row";
    const [header, ...rows] = parse(text);
    if (rows.some((row) => row.length !== header.length)) return "has rows of other lengths";
  } catch (error) {
    return `is damaged: ${(error as Error).message}`;
  }
}

/** What a training left, to be compared: its rows, and its models as far as they compute. */
export async function outcomeOf(folder: string): Promise<Record<string, string>> {
  const outcome: Record<string, string> = {};
  for (const name of ["losses.csv", "samples.csv"]) {
    outcome[name] = hash(await read(`${folder}/${name}`));
  }
  for (const name of ["final.safetensors", "best.safetensors"]) {
    outcome[name] = await modelOf(`${folder}/${name}`);
  }
  return outcome;
}

async function modelOf(path: string): Promise<string> {
  try {
    const { weights, stage, config, vocabulary } = decodeModel(await readSafetensors(path));
    const sums = [...weights].map(([name, { data }]) => [name, hash(new Uint8Array(data.buffer))]);
    return hash(JSON.stringify([stage, config, vocabulary, sums.sort()]));
  } catch (error) {
    return (error as Error).message;
  }
}

async function read(path: string): Promise<Uint8Array | string> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    return (error as Error).name;
  }
}

/** The sha256 of some bytes. */
export function hash(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** How two outcomes differ; a file that is not there is lost, another one wrong. */
export function differences(found: Record<string, string>, right: Record<string, string>): Fault[] {
  return Object.keys(right).filter((name) => found[name] !== right[name]).map((name) => {
    const isMissing = found[name] === undefined || found[name] === hash("NotFound") ||
      found[name].startsWith("No such file");
    return isMissing
      ? { column: "lost", what: `${name} is not there` } as const
      : { column: "wrong", what: `${name} has other bytes than the undisturbed run's` } as const;
  });
}
