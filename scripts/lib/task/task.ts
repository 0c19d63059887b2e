/**
 * A task as a value: its name, what it is about, its flags, and what it does with their values.
 * From these its arguments are read, its help is written and its errors are told; another task
 * calls it with values.
 *
 * @module
 */
import { UserError } from "@hugo-lab/model";
import {
  fillIn,
  flagLines,
  type Flags,
  type Given,
  help,
  readArguments,
  type Values,
} from "./arguments.ts";
import { lineOf } from "./errors.ts";
import { fold } from "./lines.ts";
import { fitted } from "./notices.ts";
import { tolerateClosedStreams } from "./screen.ts";
import { Interrupted } from "./signals.ts";

/** What makes a task. */
export interface Definition<F extends Flags, Result> {
  /** As after `deno task`. */
  name: string;
  /** What it does, in a few words; what more there is to say follows behind an empty line. */
  about: string;
  /** The flags that it has; `--help` is one of every task's. */
  flags: F;
  /** How the help calls the arguments that are no flags; without it there are none. */
  words?: string;
  /** Flags of other tasks: known, but of no use to this one. */
  others?: Flags;
  /** Does it. A number is the code that the program ends with. */
  run(values: Values<F>, words: readonly string[]): Result | Promise<Result>;
}

/** A task, ready to be called. */
export interface Task<F extends Flags = Flags, Result = unknown>
  extends Omit<Definition<F, Result>, "run"> {
  /** Calls it with values; the flags' defaults stand for those that are left out. */
  run(given: Given<F>, words?: readonly string[]): Promise<Result>;
}

/** A task of whatever flags. */
export interface AnyTask extends Omit<Definition<Flags, unknown>, "run"> {
  /** Takes what its own flags say. */
  run(given: never, words?: readonly string[]): Promise<unknown>;
}

/** Makes a task. */
export function task<const F extends Flags, Result>(
  definition: Definition<F, Result>,
): Task<F, Result> {
  const { flags, run } = definition;
  return {
    ...definition,
    run: async (given, words = []) => await run(fillIn(flags, given), words),
  };
}

/** Runs a task as a program: bad input ends it with one line on standard error and code 2. */
export async function main(task: AnyTask, args: readonly string[] = Deno.args): Promise<void> {
  const { name, others } = task;
  const flags: Flags = { ...task.flags, help };
  const words: string[] = [];
  tolerateClosedStreams();
  try {
    const given = readArguments(
      { task: name, flags, others, words: task.words === undefined ? undefined : words },
      args,
    );
    if (given.help) return console.log(helpText(task));
    const result = await task.run(given as never, words);
    if (typeof result === "number") Deno.exit(result);
  } catch (error) {
    if (error instanceof Interrupted) {
      console.error(fitted(error.message));
      Deno.exit(error.code);
    }
    const line = lineOf(error, { ...others, ...flags });
    if (line === undefined) throw error;
    console.error(fitted(`error: ${line}`));
    Deno.exit(error instanceof UserError ? error.exitCode : 2);
  }
}

/** What `--help` prints. */
export function helpText({ name, words, about, flags }: AnyTask): string {
  const required = Object.entries(flags)
    .filter(([, flag]) => flag.required)
    .map(([flag, { value }]) => `--${flag} ${value}`);
  const usage = [name, words, ...required].filter(Boolean).join(" ");
  const paragraphs = about.replace(/^(\S.*)\n(?=\S)/gm, "$1 "); // broken anew, where it must be
  return `${fold(`deno task ${usage}: ${paragraphs}`)}\n\n${flagLines({ ...flags, help })}`;
}
