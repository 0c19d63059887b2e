/** The sample at a run's end. @module */
import { generate, type Generator, type LanguageModel } from "@hugo-lab/model";
import type { OpenRun } from "./open.ts";

/** Prints a sample while it is drawn, and gives it whole, prompt included. */
export async function writeSample(
  { vocabulary, prompt, signals }: OpenRun,
  model: LanguageModel,
  generator: Generator,
  length: number,
): Promise<string> {
  const write = (part: string) => Deno.stdout.write(new TextEncoder().encode(part));
  let text = vocabulary.decode(prompt);
  await write(text);
  for await (const number of generate(model, generator, prompt, length)) {
    const character = vocabulary.decode([number]);
    text += character;
    await write(character);
    signals.throwIfAsked(`stopped while sampling: the same command with --resume goes on`);
  }
  await write("\n");
  return text;
}
