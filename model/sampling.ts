/**
 * Generating with options: temperature, top-k, top-p, and a key-value cache.
 *
 * @module
 */
import { CachedModel } from "./cache.ts";
import { AttentionLanguageModel, type LanguageModel } from "./language_model.ts";
import { softmax } from "./functions.ts";
import { compile, type Program } from "./program.ts";
import type { Generator } from "./random.ts";

/** How the next character is chosen from the model's probabilities. */
export interface SamplingOptions {
  /** Scores are divided by it: below 1 the likely become likelier; 0 takes the likeliest. */
  temperature: number;
  /** Only so many of the likeliest characters. */
  topK?: number;
  /** Only the likeliest characters that together have this probability. */
  topP?: number;
}

/** Chooses a character; at temperature 1 with no cut it is PyTorch's `multinomial`. */
export function choose(
  probabilities: Float32Array,
  { temperature, topK, topP }: SamplingOptions,
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

/**
 * Yields `length` characters' numbers that continue the prompt, dropout off.
 *
 * @param prompt at least one number
 * @param useCache whether to keep keys and values while the text fits into a window
 */
export async function* generateWith(
  model: LanguageModel,
  generator: Generator,
  prompt: Int32Array,
  length: number,
  options: SamplingOptions,
  useCache = true,
): AsyncIterableIterator<number> {
  model.eval();
  const T = model.blockSize;
  const text = [...prompt];
  let cache = useCache && model instanceof AttentionLanguageModel && text.length < T
    ? new CachedModel(model)
    : undefined;
  let window: Program | undefined;
  try {
    for (let i = 0; i < length; i++) {
      if (cache && text.length > T) {
        cache.dispose(); // from here on the window slides
        cache = undefined;
      }
      window ??= cache ? undefined : compileWindow(model);
      const probabilities = cache ? await feedAll(cache, text) : await runWindow(window!, text, T);
      const next = choose(probabilities, options, generator);
      text.push(next);
      yield next;
    }
  } finally {
    cache?.dispose();
    window?.dispose();
  }
}

/** Feeds what the cache has not seen. */
async function feedAll(cache: CachedModel, text: number[]): Promise<Float32Array> {
  let probabilities: Float32Array = new Float32Array();
  while (cache.length < text.length) probabilities = await cache.feed(text[cache.length]);
  return probabilities;
}

/** The probabilities after one position of a whole window. */
function compileWindow(model: LanguageModel): Program {
  return compile((idx, at) => softmax(model.next(idx, at)), [[1, model.blockSize], [1, 1]]);
}

function runWindow(
  window: Program,
  text: number[],
  T: number,
): Float32Array | Promise<Float32Array> {
  const used = Math.min(text.length, T);
  const context = new Int32Array(T); // filled up behind the text: no position looks ahead
  context.set(text.slice(-used));
  return window.run(context, Int32Array.of(used - 1));
}
