/** `deno task scaled`: trains the scaled-up GPT, or compares it with GPT-2. @module */
import { comparedModels, compareModels } from "./lib/describe.ts";
import { readStageFlags, runStage } from "./lib/stage.ts";
import { runTask } from "./lib/task.ts";

/** The task. */
export async function scaled(args: string[]): Promise<void> {
  const flags = readStageFlags("scaled", args);
  if (!flags?.values.describe) return flags && await runStage("scaled", args);
  console.log(compareModels(comparedModels(flags.stage.model)));
}

if (import.meta.main) await runTask(scaled);
