/**
 * Generating text: one character at a time, each drawn from the model's probabilities.
 *
 * @module
 */
import { softmax } from "./functions.ts";
import type { LanguageModel } from "./language_model.ts";
import { compile, type Program } from "./program.ts";
import type { Generator } from "./random.ts";

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
  let context: Int32Array = prompt.slice(-model.blockSize); // (T)
  try {
    for (let i = 0; i < length; i++) {
      const program = programs.get(context.length) ?? compileNext(model, context.length);
      programs.set(context.length, program);
      const next = generator.multinomial(await program.run(context));
      context = shifted(context, next, model.blockSize);
      yield next;
    }
  } finally {
    for (const program of programs.values()) program.dispose();
  }
}

/** Probabilities of the character after T others: (1, T) -> (1, vocabSize). */
function compileNext(model: LanguageModel, T: number): Program {
  return compile((idx) => softmax(model.next(idx)), [[1, T]]);
}

/** The context with another character at its end, and without its first if it is full. */
function shifted(context: Int32Array, next: number, blockSize: number): Int32Array {
  const isFull = context.length === blockSize;
  const result = new Int32Array(isFull ? blockSize : context.length + 1);
  result.set(isFull ? context.subarray(1) : context);
  result[result.length - 1] = next;
  return result;
}
