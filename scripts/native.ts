/**
 * `deno task native TASK`: runs a task with the permission to load native code, which no other task
 * has. It adds nothing else: the task and its flags are those without `native`.
 *
 * @module
 */
import { type StageName, stages, UserError } from "@hugo-lab/model";
import { attention } from "./attention.ts";
import { bigram } from "./bigram.ts";
import { generate } from "./generate.ts";
import { lab } from "./lab.ts";
import { runStage } from "./lib/stage.ts";
import { runTask } from "./lib/task.ts";
import { scaled } from "./scaled.ts";

type Task = (args: string[]) => Promise<void>;

/** Every task that computes with tensors. */
const tasks: Record<string, Task> = {
  ...Object.fromEntries(
    Object.keys(stages).map((name) => [name, (args) => runStage(name as StageName, args)]),
  ),
  bigram,
  attention,
  scaled,
  generate,
  lab,
};

const HELP = `deno task native TASK: runs a task with native code allowed

TASK is one of ${Object.keys(tasks).join(", ")}.
Flags are the task's own, such as --backend tensorflow.`;

/** The task. */
export async function native(args: string[]): Promise<void> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help") return console.log(HELP);
  if (!Object.hasOwn(tasks, name)) {
    throw new UserError(`native has no task "${name}": see deno task native --help`);
  }
  await tasks[name](rest);
}

if (import.meta.main) await runTask(native);
