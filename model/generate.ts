/**
 * Generating text: one character at a time, each drawn from the model's probabilities.
 *
 * @module
 */
import type * as tf from "./tf.ts";
import { CachedModel } from "./cache.ts";
import { multinomial, softmax } from "./functions.ts";
import { AttentionLanguageModel, type LanguageModel } from "./language_model.ts";
import { compile, type Program } from "./program.ts";
import type { Generator } from "./random.ts";

/** How the next character is chosen from the model's probabilities. */
export interface SamplingOptions {
  /** Scores are divided by it: below 1 the likely become likelier; 0 takes the likeliest. */
  temperature?: number;
  /** Only so many of the likeliest characters. */
  topK?: number;
  /** Only the likeliest characters that together have this probability. */
  topP?: number;
}

/** How text is generated. */
export interface GenerateOptions extends SamplingOptions {
  /**
   * Whether keys and values are kept while the text fits into the model's window. That is faster
   * where the window is long; the probabilities may differ in their last bits.
   */
  cache?: boolean;
}

/**
 * Yields `length` characters' numbers that continue the prompt, dropout off. Without options they
 * are PyTorch's.
 *
 * @param prompt at least one number
 */
export async function* generate(
  model: LanguageModel,
  generator: Generator,
  prompt: Int32Array,
  length: number,
  options: GenerateOptions = {},
): AsyncIterableIterator<number> {
  model.eval();
  const T = model.blockSize;
  const context = new Int32Array(T); // filled up behind the text: no position looks ahead
  let used = Math.min(prompt.length, T);
  context.set(prompt.subarray(prompt.length - used));
  const at = new Int32Array(1);
  let cache = options.cache ? cacheFor(model, prompt) : undefined;
  let window: Window | undefined; // made once it is needed
  try {
    for (let i = 0; i < length; i++) {
      let next: number;
      if (cache) {
        next = choose(await feedRest(cache, context.subarray(0, used)), options, generator);
      } else {
        window ??= compileWindow(model, generator, options);
        at[0] = used - 1;
        const values = window.program.run(context, at);
        // Waiting for what is there already would take as long as drawing it.
        next = window.choice(values instanceof Promise ? await values : values);
      }
      if (used < T) {
        used++;
      } else {
        context.copyWithin(0, 1); // the window slides
        cache?.dispose();
        cache = undefined;
      }
      context[used - 1] = next;
      yield next;
    }
  } finally {
    cache?.dispose();
    window?.program.dispose();
  }
}

/** Reads a whole window at each character. */
interface Window {
  /** Of the context (1, T) and the last character's position (1, 1). */
  program: Program;
  /** The next character, from what the program gives. */
  choice: (values: Float32Array) => number;
}

/** A draw without options is a part of the program; else the program gives the probabilities. */
function compileWindow(
  model: LanguageModel,
  generator: Generator,
  options: SamplingOptions,
): Window {
  const probabilities = (idx: tf.Tensor2D, at: tf.Tensor2D) => softmax(model.next(idx, at));
  const draw = (idx: tf.Tensor2D, at: tf.Tensor2D) =>
    multinomial(probabilities(idx, at), generator);
  const shapes: [number, number][] = [[1, model.blockSize], [1, 1]];
  return isPlain(options) ? { program: compile(draw, shapes), choice: (drawn) => drawn[0] } : {
    program: compile(probabilities, shapes),
    choice: (values) => choose(values, options, generator),
  };
}

/** A cache, if the model has keys and values and the window is not full already. */
function cacheFor(model: LanguageModel, prompt: Int32Array): CachedModel | undefined {
  const isOfUse = model instanceof AttentionLanguageModel && prompt.length < model.blockSize;
  return isOfUse ? new CachedModel(model) : undefined;
}

/** Feeds the characters that the cache has not seen; gives the probabilities of the next one. */
async function feedRest(cache: CachedModel, text: Int32Array): Promise<Float32Array> {
  let probabilities: Float32Array = new Float32Array();
  while (cache.length < text.length) probabilities = await cache.feed(text[cache.length]);
  return probabilities;
}

const isPlain = ({ temperature = 1, topK, topP }: SamplingOptions) =>
  temperature === 1 && topK === undefined && topP === undefined;

/** Chooses a character; without options it is PyTorch's `multinomial`. */
export function choose(
  probabilities: Float32Array,
  { temperature = 1, topK, topP }: SamplingOptions,
  generator: Generator,
): number {
  if (temperature === 0) return probabilities.indexOf(Math.max(...probabilities));
  const heated = temperature === 1 ? probabilities : heat(probabilities, temperature);
  if (topK === undefined && topP === undefined) return generator.multinomial(heated);
  return generator.multinomial(cut(heated, topK ?? Infinity, topP ?? 1));
}

/** The softmax of scores divided by the temperature, from the softmax of the scores. */
function heat(probabilities: Float32Array, temperature: number): Float32Array {
  const highest = Math.log(Math.max(...probabilities));
  const powers = Float64Array.from(
    probabilities,
    (p) => Math.exp((Math.log(p) - highest) / temperature),
  );
  const total = powers.reduce((sum, power) => sum + power, 0);
  return Float32Array.from(powers, (power) => power / total);
}

/** Zero for all but the likeliest: at most k, and among these as many as reach the share p. */
function cut(probabilities: Float32Array, k: number, p: number): Float32Array {
  const order = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]);
  const kept = order.slice(0, k);
  const wanted = p * kept.reduce((sum, i) => sum + probabilities[i], 0);
  const result = new Float32Array(probabilities.length);
  let sum = 0;
  for (const i of kept) {
    if (sum >= wanted) break;
    result[i] = probabilities[i];
    sum += probabilities[i];
  }
  return result;
}
