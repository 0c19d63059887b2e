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
import { withClosing } from "./lib/report/closing.ts";
import { trainingTask } from "./lib/run/stage.ts";
import { didYouMean } from "./lib/task/nearest.ts";
import { type AnyTask, helpText, main, task } from "./lib/task/task.ts";
import { scaled } from "./scaled.ts";

/** Every task that computes with tensors, each with the end that it has without native. */
const tasks: Record<string, AnyTask> = {
  ...Object.fromEntries(
    Object.keys(stages).map((name) => [name, withClosing(trainingTask(name as StageName))]),
  ),
  bigram: withClosing(bigram),
  attention: withClosing(attention),
  scaled,
  generate,
  lab,
};

/** The task, as far as no other one is named. */
const native = task({
  name: "native",
  words: "TASK",
  about: `runs a task with native code allowed

TASK is one of ${Object.keys(tasks).join(", ")}.
Flags are the task's own, such as --backend tensorflow.`,
  flags: {},
  run(_, [name]): void {
    if (name === undefined) return console.log(helpText(native));
    const instead = didYouMean(name, Object.keys(tasks)) || ": see deno task native --help";
    throw new UserError(`native has no task "${name}"${instead}`);
  },
});

if (import.meta.main) {
  const [name, ...args] = Deno.args;
  if (Object.hasOwn(tasks, name ?? "")) await main(tasks[name], args);
  else await main(native, name?.startsWith("-") ? Deno.args : Deno.args.slice(0, 1));
}
