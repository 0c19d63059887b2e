/**
 * A class of the model module as its file has it.
 *
 * @module
 */
import languageModel from "../../../model/language_model.ts" with { type: "text" };
import layers from "../../../model/layers.ts" with { type: "text" };
import type { PageStage } from "./lab.ts";

const files = { "model/language_model.ts": languageModel, "model/layers.ts": layers };

/** Each stage's class. */
const classes: Record<PageStage, [file: keyof typeof files, name: string]> = {
  bigram: ["model/language_model.ts", "BigramLanguageModel"],
  single_head: ["model/layers.ts", "Head"],
  multi_head: ["model/layers.ts", "MultiHeadAttention"],
  feed_forward: ["model/layers.ts", "FeedForward"],
  blocks: ["model/layers.ts", "Block"],
  blocks_norm: ["model/layers.ts", "Block"],
  gpt: ["model/language_model.ts", "AttentionLanguageModel"],
};

/** The source of a stage's class, without the marks of the exercises. */
export function sourceOf(stage: PageStage): { file: string; text: string } {
  const [file, name] = classes[stage];
  return { file, text: classIn(files[file].replaceAll("\r\n", "\n"), name) };
}

/** From a class's comment to its closing brace; its members are indented. */
function classIn(source: string, name: string): string {
  const lines = source.split("\n");
  const head = lines.findIndex((line) => line.startsWith(`export class ${name} `));
  if (head < 0) throw new Error(`the model module has no class ${name}`);
  const end = lines.indexOf("}", head);
  let start = head;
  while (start > 0 && lines[start - 1] !== "") start--;
  return lines.slice(start, end + 1)
    .filter((line) => !/^\s*\/\/ (exercise \w+:.*|end)$/.test(line))
    .join("\n");
}
