/**
 * Generating text: one character at a time, each drawn from the model's probabilities.
 *
 * @module
 */
import type * as tf from "./tf.ts";
import { multinomial, softmax } from "./functions.ts";
import type { LanguageModel } from "./language_model.ts";
import { compile } from "./program.ts";
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
  const T = model.blockSize;
  const context = new Int32Array(T); // filled up behind the text: no position looks ahead
  let used = Math.min(prompt.length, T);
  context.set(prompt.subarray(prompt.length - used));
  const at = new Int32Array(1);
  const draw = (idx: tf.Tensor2D, last: tf.Tensor2D) =>
    multinomial(softmax(model.next(idx, last)), generator); // (1)
  const program = compile(draw, [[1, T], [1, 1]]);
  try {
    for (let i = 0; i < length; i++) {
      at[0] = used - 1;
      const drawn = program.run(context, at);
      // Waiting for what is there already would take as long as drawing it.
      const [next] = drawn instanceof Promise ? await drawn : drawn;
      if (used === T) context.copyWithin(0, 1);
      else used++;
      context[used - 1] = next;
      yield next;
    }
  } finally {
    program.dispose();
  }
}
