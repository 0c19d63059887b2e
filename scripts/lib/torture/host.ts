/**
 * A program that runs many tasks, one after the other, in its one process: a task a line of JSON on
 * standard input, and how it ended as a line on standard error. Thousands of tasks become affordable
 * so. What would end the process ends the task alone.
 *
 * @module
 */
import { TextLineStream } from "../task/line_stream.ts";
import { MARK } from "./mark.ts";
import { tryModel } from "./model.ts";
import { quickTasks } from "./tasks.ts";
import { type AnyTask, main, task } from "../task/task.ts";

/** Thrown in place of an exit. */
class Exit extends Error {
  constructor(readonly code: number) {
    super(`exit with ${code}`);
  }
}

/** No task of the lab: a model of the class `models`. */
const model = task({
  name: "model",
  about: "a model, tried",
  words: "SETTINGS",
  flags: {},
  run: (_, [settings]) => tryModel(JSON.parse(settings)),
});
const tasks: Record<string, AnyTask> = { ...quickTasks, model };

/** How a task ended: its exit code, and what Deno would print of an error that nobody caught. */
async function end(name: string, args: string[]): Promise<{ code: number; line: string }> {
  try {
    await main(tasks[name], args);
    return { code: 0, line: "" };
  } catch (error) {
    if (error instanceof Exit) return { code: error.code, line: "" };
    return { code: 1, line: `error: Uncaught ${(error as Error).stack ?? error}` };
  }
}

if (import.meta.main) {
  Deno.exit = (code = 0) => {
    throw new Exit(code);
  };
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  for await (const line of lines) {
    const { task, args } = JSON.parse(line);
    const answer = new TextEncoder().encode(`\n${MARK}${JSON.stringify(await end(task, args))}\n`);
    for (let done = 0; done < answer.length;) done += Deno.stderr.writeSync(answer.subarray(done));
  }
}
