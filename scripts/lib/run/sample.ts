/** The sample at a run's end. @module */
import { generate, type Generator, type LanguageModel } from "@hugo-lab/model";
import { space } from "../task/notices.ts";
import { write } from "../task/screen.ts";
import type { OpenRun } from "./open.ts";

/** Prints a sample while it is drawn, and gives it whole, prompt included. */
export async function writeSample(
  { vocabulary, prompt, signals, values }: OpenRun,
  model: LanguageModel,
  generator: Generator,
  length: number,
): Promise<string> {
  let text = vocabulary.decode(prompt);
  if (!text.startsWith("\n")) space(values);
  write(text);
  for await (const number of generate(model, generator, prompt, length)) {
    const character = vocabulary.decode([number]);
    text += character;
    write(character);
    signals.throwIfAsked(`stopped while sampling: the same command with --resume goes on`);
  }
  write("\n");
  return text;
}
