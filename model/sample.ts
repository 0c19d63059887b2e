/**
 * Generating text: one character at a time, each drawn from the model's probabilities.
 *
 * @module
 */
import type { LanguageModel } from "./language_model.ts";
import { compile, type Program } from "./program.ts";
import type { Generator } from "./random.ts";

/** softmax of some scores in float32: what PyTorch's multinomial is given. */
export function probabilities(logits: Float32Array): Float32Array {
  const max = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const exponentials = logits.map((x) => Math.exp(x - max));
  const sum = Math.fround(exponentials.reduce((a, b) => a + b, 0));
  return exponentials.map((e) => e / sum);
}

/**
 * Yields `length` characters' numbers that continue the prompt, dropout off.
 *
 * @param prompt at least one number
 */
export async function* generate(
  model: LanguageModel,
  generator: Generator,
  prompt: Int32Array,
  length: number,
): AsyncIterableIterator<number> {
  model.eval();
  const programs = new Map<number, Program>(); // by the context's length
  const text = [...prompt];
  try {
    for (let i = 0; i < length; i++) {
      const context = Int32Array.from(text.slice(-model.blockSize)); // (T)
      const logits = await lastLogits(model, programs, context); // (vocabSize)
      const next = generator.multinomial(probabilities(logits));
      text.push(next);
      yield next;
    }
  } finally {
    for (const program of programs.values()) program.dispose();
  }
}

/** Scores of the character after the context. */
async function lastLogits(
  model: LanguageModel,
  programs: Map<number, Program>,
  context: Int32Array,
): Promise<Float32Array> {
  const T = context.length;
  let program = programs.get(T);
  if (!program) {
    program = compile((idx) => model.forward(idx).slice([0, T - 1, 0], [1, 1, -1]), [[1, T]]);
    programs.set(T, program);
  }
  return await program.run(context);
}
