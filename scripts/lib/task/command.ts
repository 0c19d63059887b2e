/**
 * Tasks as commands: what deno.json has them started with, and what a user types.
 *
 * @module
 */
import { rootOf } from "./root.ts";
import configuration from "../../../deno.json" with { type: "json" };

const tasks: Record<string, { command: string }> = configuration.tasks;
/** The tasks of deno.json that run a script. */
export const taskNames: string[] = Object.keys(tasks)
  .filter((name) => wordsOf(name)[1] === "run");

/**
 * The words of a task's command from `deno` on. Where a task may start some programs only, it
 * begins with `LD_LIBRARY_PATH= LD_PRELOAD=`: Deno hands none of these on, and refuses where they
 * are set.
 */
function wordsOf(task: string): string[] {
  const words = tasks[task].command.split(" ");
  return words.slice(words.indexOf("deno"));
}

/** The command line of a task as deno.json has it, to be run in any folder. */
export function commandOf(task: string, args: readonly string[]): string[] {
  const absolute = (word: string) =>
    word.replace(/^(--lock=)?(scripts\/.*)$/, (_, flag = "", path) => `${flag}${rootOf(path)}`);
  const [, , ...words] = wordsOf(task).map(absolute);
  return ["deno", "run", `--config=${rootOf("deno.json")}`, ...words, ...args];
}

/** The command as a user types it. */
export function typed(task: string, args: readonly string[]): string {
  const quoted = args.map((arg) => /^[\w\-=./,:]+$/.test(arg) ? arg : `'${escape(arg)}'`);
  return ["deno task", task, ...quoted].join(" ");
}

function escape(arg: string): string {
  return arg.replaceAll("'", `'\\''`).replace(
    /\p{Cc}/gu,
    (c) => JSON.stringify(c).slice(1, -1),
  );
}
