/**
 * What stands behind a task's name on the command line: flags from a table, read and checked, and
 * words. It takes from `parseArgs` only what the stand-in and the original of `@std/cli` share.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { UserError } from "@hugo-lab/model";
import { fold } from "./lines.ts";
import { didYouMean, nearest } from "./nearest.ts";

/** A flag's values: whole numbers or others in a range, one of some words, text, or none. */
export interface Flag {
  /** Whole or other numbers, text, one of the choices, or a switch, which is on or off. */
  kind: "integer" | "number" | "text" | "choice" | "switch";
  /** What `--help` says of it. */
  help: string;
  /** The least value; `above` excludes it. */
  min?: number;
  /** What every value is above. */
  above?: number;
  /** The greatest value; `below` excludes it. */
  max?: number;
  /** What every value is below. */
  below?: number;
  /** The words of a choice. */
  choices?: readonly string[];
  /** How the help calls the value. */
  value?: string;
  /** Whether `\n`, `\t` and `\\` in a text mean a line's end, a tab and a backslash. */
  escapes?: boolean;
  /** Whether a text may be empty. */
  mayBeEmpty?: boolean;
  /** The value where none is given. */
  default?: string | number;
  /** What is done where none is given, if that is no value of the flag's. */
  otherwise?: string;
  /** What a task that cannot do without the flag says that it needs. */
  required?: string;
}

/** Flags by name. */
export type Flags = Readonly<Record<string, Flag>>;

type Value<F extends Flag> = F["kind"] extends "switch" ? boolean
  : F["kind"] extends "integer" | "number" ? number
  : F extends { choices: readonly (infer Choice)[] } ? Choice
  : string;

/** The names of the flags that have this property. */
type Having<F extends Flags, Property> = {
  [Name in keyof F]: F[Name] extends Property ? Name : never;
}[keyof F];
type WithDefault = { default: string | number };
type Required = { required: string };

/** Values by flag; one that was not given and has no default has none. */
export type Values<F extends Flags> =
  & { -readonly [Name in keyof F]?: Value<F[Name]> }
  & { -readonly [Name in Having<F, WithDefault | Required>]: Value<F[Name]> };

/** What has to be given: values of the required flags, and of others as one likes. */
export type Given<F extends Flags> =
  & { -readonly [Name in keyof F]?: Value<F[Name]> | undefined }
  & { -readonly [Name in Having<F, Required>]: Value<F[Name]> };

/** What a task takes. */
export interface Command<F extends Flags> {
  /** Its name, as after `deno task`. */
  task: string;
  /** Its flags. */
  flags: F;
  /** Flags of other tasks: known, but of no use to this one. */
  others?: Flags;
  /** Where arguments go that are no flags; without it there must be none. */
  words?: string[];
}

/**
 * Reads a task's arguments.
 *
 * @throws {UserError} naming an argument that is wrong
 */
export function readArguments<const F extends Flags>(
  { task, flags, others, words }: Command<F>,
  args: readonly string[],
): Given<F> {
  const all: Flags = { ...others, ...flags };
  const see = `see deno task ${task} --help`;
  const found = find(all, args);
  const values: Record<string, string | number | boolean> = {};
  for (const [name, { given, next, value }] of found.flags) {
    if (!Object.hasOwn(flags, name)) {
      throw new UserError(`${task} has no use for --${name}: ${see}`);
    }
    if (given.length > 1) throw new UserError(`--${name} is there ${given.length} times: give one`);
    if (typeof value === "boolean") {
      checkSwitch(name, given[0]);
      values[name] = value;
    } else {
      if (given[0] === `--${name}` && !isValue(next)) refuseMissing(name, all, next);
      values[name] = readValue(name, all[name], value);
    }
  }
  const [strange] = found.strange;
  if (strange !== undefined) {
    const meant = nearest(strange.replace(/^--|=.*$/g, ""), Object.keys(flags));
    const instead = meant ? `did you mean --${meant}? ` : "";
    throw new UserError(`${task} has no flag ${strange}: ${instead}${see}`);
  }
  const [word] = found.words;
  if (!words && word !== undefined) throw new UserError(`${task} has no argument ${word}: ${see}`);
  words?.push(...found.words);
  if (!values.help) checkRequired(task, flags, values);
  return values as Given<F>;
}

/** Adds the defaults to what was given. */
export function fillIn<F extends Flags>(flags: F, given: Given<F>): Values<F> {
  const values: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries(flags)) {
    const value = (given as Record<string, unknown>)[name] ?? flag.default;
    if (value !== undefined) values[name] = value;
  }
  return values as Values<F>;
}

/** Some flags of a table. */
export function pick<F extends Flags, Name extends keyof F>(
  flags: F,
  ...names: Name[]
): Pick<F, Name> {
  return Object.fromEntries(names.map((name) => [name, flags[name]])) as Pick<F, Name>;
}

function checkRequired(task: string, flags: Flags, values: Record<string, unknown>): void {
  for (const [name, { required, value }] of Object.entries(flags)) {
    if (required === undefined || values[name] !== undefined) continue;
    throw new UserError(`${task} needs ${required}: --${name} ${value}`);
  }
}

/** A flag on the command line. */
interface Found {
  /** How it stands there, each time. */
  given: string[];
  /** The argument behind the first of them. */
  next: string | undefined;
  /** What `parseArgs` makes of it. */
  value: string | boolean;
}

/** The flags of a command line by name, flags that are none, and words. */
function find(flags: Flags, args: readonly string[]) {
  const names = Object.keys(flags);
  const isSwitch = (name: string) => flags[name].kind === "switch";
  const strange: string[] = [];
  const words: string[] = [];
  const parsed = parseArgs(args, {
    string: names.filter((name) => !isSwitch(name)),
    boolean: names.filter(isSwitch),
    collect: names.filter((name) => !isSwitch(name)), // lists of texts
    "--": true,
    unknown: (argument: string, name?: string) => {
      (name === undefined ? words : strange).push(argument); // words as they stand: no numbers yet
      return false;
    },
  }) as Record<string, unknown>;
  words.push(...parsed["--"] as string[]);
  const end = args.indexOf("--");
  const before = end < 0 ? args : args.slice(0, end);
  strange.push(...before.filter((one) => one.startsWith("--no-"))); // `--no-x=1` would be x
  const found = new Map<string, Found>();
  for (const name of names) {
    const given = before.filter((one) => one === `--${name}` || one.startsWith(`--${name}=`));
    if (given.length === 0) continue;
    const value = parsed[name] as boolean | string[];
    found.set(name, {
      given,
      next: args[args.indexOf(given[0]) + 1],
      value: typeof value === "boolean" ? value : value[0],
    });
  }
  return { flags: found, strange, words };
}

/** Whether `parseArgs` takes an argument for the value of the flag before it. */
function isValue(next: string | undefined): boolean {
  return Boolean(next) && !next!.startsWith("-");
}

/** Says what a flag lacks whose next argument was not taken for its value. */
function refuseMissing(name: string, flags: Flags, next: string | undefined): never {
  const flag = flags[name];
  if (next === undefined || next.startsWith("--") && Object.hasOwn(flags, next.slice(2))) {
    const what = flag.kind === "text" ? "" : `, ${describe(flag)}`;
    throw new UserError(`--${name} needs a value${what}${next ? `, before ${next}` : ""}`);
  }
  readValue(name, flag, next); // out of range, or no such choice
  const kind = next === "" ? "an empty one" : "one that begins with a dash";
  throw new UserError(`--${name} needs a value: ${kind} is written --${name}=${next}`);
}

function checkSwitch(name: string, given: string): void {
  const text = given.slice(name.length + 3);
  if (given === `--${name}` || text === "true" || text === "false") return;
  throw new UserError(`--${name} is on or off, got "${text}": write --${name}, or --${name}=false`);
}

function readValue(name: string, flag: Flag, text: string): string | number {
  if (flag.kind === "text") {
    if (text === "" && !flag.mayBeEmpty) throw new UserError(`--${name} needs a value`);
    return flag.escapes ? unescape(text) : text;
  }
  const isGood = flag.kind === "choice" ? flag.choices!.includes(text) : isInRange(flag, text);
  if (!isGood) {
    const meant = didYouMean(text, flag.choices ?? []);
    throw new UserError(`--${name} must be ${describe(flag)}, got "${text}"${meant}`);
  }
  return flag.kind === "choice" ? text : Number(text) + 0; // no -0
}

/** Numbers are decimal: for whole ones digits only, since `0x10` and `1e3` are rather mistakes. */
function isInRange({ kind, min, above, max, below }: Flag, text: string): boolean {
  const notation = kind === "integer" ? /^-?\d+$/ : /^-?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
  const number = notation.test(text) ? Number(text) : NaN;
  return Number.isFinite(number) && (kind === "number" || Number.isSafeInteger(number)) &&
    number >= (min ?? -Infinity) && number > (above ?? -Infinity) &&
    number <= (max ?? Infinity) && number < (below ?? Infinity);
}

/** What shells pass on as it was typed: \n, \t and \\. */
function unescape(text: string): string {
  const meanings: Record<string, string> = { n: "\n", t: "\t", "\\": "\\" };
  return text.replace(/\\([nt\\])/g, (_, letter) => meanings[letter]);
}

/** What a flag's value must be. */
function describe({ kind, choices = [], min, above, max, below }: Flag): string {
  if (kind === "choice") {
    return choices.length === 2 ? choices.join(" or ") : `one of ${choices.join(", ")}`;
  }
  const bounds = [
    min !== undefined && `at least ${min}`,
    above !== undefined && `above ${above}`,
    max !== undefined && `at most ${max}`,
    below !== undefined && `below ${below}`,
  ].filter(Boolean);
  return `${kind === "integer" ? "a whole number" : "a number"} ${bounds.join(" and ")}`;
}

/** So wide is a flag with its value in `--help`; a longer one has a line of its own. */
const LABEL = 24;

/** A default as it is given on the command line, in quotes only if it needs them. */
function plain(value: string | number | boolean): string {
  return /^[\w.\/-]+$/.test(String(value)) ? String(value) : JSON.stringify(value);
}

/** What `--help` prints of the flags, a line each, with their defaults. */
export function flagLines(flags: Flags): string {
  const lines = Object.entries(flags).map(([name, flag]) => {
    const value = flag.kind === "switch" ? "" : ` ${flag.value ?? "N"}`;
    const shown = flag.kind === "choice" ? ` ${flag.choices!.join("|")}` : value;
    const initial = flag.otherwise ?? (flag.default !== undefined && plain(flag.default));
    const note = initial ? ` (default ${initial})` : "";
    const label = `--${name}${shown}`;
    const indent = " ".repeat(2 + LABEL + 1);
    const isLong = label.length > LABEL;
    const text = fold(
      `${isLong ? indent : `  ${label.padEnd(LABEL)} `}${flag.help}${note}`,
      indent,
    );
    return isLong ? `  ${label}\n${text}` : text;
  });
  return ["Flags:", ...lines].join("\n");
}

/** The flag that every task has. */
export const help = { kind: "switch", help: "show this" } as const satisfies Flag;
