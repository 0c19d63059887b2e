/** `deno task scaled`: trains the scaled-up GPT, or compares it with GPT-2. @module */
import { gpt2Models, stages } from "@hugo-lab/model";
import { compareModels } from "./lib/describe.ts";
import { readStageFlags, runStage } from "./lib/stage.ts";
import { runTask } from "./lib/task.ts";

/** Hugo's text has so many different characters. */
const VOCABULARY = 101;

/** The task. */
export async function scaled(args: string[]): Promise<void> {
  const flags = readStageFlags("scaled", args);
  if (!flags?.values.describe) return flags && await runStage("scaled", args);
  const { model } = flags.stage;
  console.log(compareModels([
    { name: "multi_head", vocabSize: VOCABULARY, model: stages.multi_head.model },
    { name: "scaled", vocabSize: VOCABULARY, model },
    ...gpt2Models,
  ]));
}

if (import.meta.main) await runTask(scaled);
