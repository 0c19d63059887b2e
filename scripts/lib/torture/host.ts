/**
 * A program that runs many tasks, one after the other, in its one process: a task a line of JSON on
 * standard input, and how it ended as a line on standard error. Thousands of tasks become affordable
 * so. `runTask` (../task.ts) turns errors into lines and codes; here it is done in its place.
 *
 * @module
 */
import { type StageName, stages, UserError } from "@hugo-lab/model";
import { MARK, TextLineStream } from "./lines.ts";
import { attention } from "../../attention.ts";
import { bigram } from "../../bigram.ts";
import { exportStage } from "../../export.ts";
import { generate } from "../../generate.ts";
import { report } from "../../report.ts";
import { scaled } from "../../scaled.ts";
import { split } from "../../split.ts";
import { stats } from "../../stats.ts";
import { lineOf } from "../errors.ts";
import { Interrupted } from "../signals.ts";
import { runStage } from "../stage.ts";
import { tryModel } from "./model.ts";

/** The tasks that can be called, by name. */
const tasks: Record<string, (args: string[]) => Promise<unknown>> = {
  ...Object.fromEntries(
    Object.keys(stages).map((name) => [name, (args) => runStage(name as StageName, args)]),
  ),
  bigram,
  attention,
  export: exportStage,
  generate,
  report: (args) => report(args),
  scaled,
  split,
  stats,
  model: ([settings]) => tryModel(JSON.parse(settings)), // no task: a model of the class `models`
};

/** How a task ended: its exit code, and what `runTask` would print. */
async function end(task: string, args: string[]): Promise<{ code: number; line: string }> {
  try {
    await tasks[task](args);
    return { code: 0, line: "" };
  } catch (error) {
    if (error instanceof Interrupted) return { code: error.code, line: error.message };
    const line = lineOf(error);
    if (line !== undefined) {
      return { code: error instanceof UserError ? error.exitCode : 2, line: `error: ${line}` };
    }
    return { code: 1, line: `error: Uncaught ${(error as Error).stack ?? error}` };
  }
}

if (import.meta.main) {
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  for await (const line of lines) {
    const { task, args } = JSON.parse(line);
    const answer = new TextEncoder().encode(`\n${MARK}${JSON.stringify(await end(task, args))}\n`);
    for (let done = 0; done < answer.length;) done += Deno.stderr.writeSync(answer.subarray(done));
  }
}
