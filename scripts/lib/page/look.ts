/**
 * Looking into a model: the text it writes, what its heads attend to, what it expects next.
 *
 * @module
 */
import * as tf from "@hugo-lab/model/tf";
import {
  AttentionLanguageModel,
  BigramLanguageModel,
  generate,
  Generator,
  type Head,
  type LanguageModel,
  type SamplingOptions,
  softmax,
  type Vocabulary,
} from "@hugo-lab/model";

/** More characters of a prompt are not shown: a picture of hundreds is not readable. */
export const LONGEST_LOOK = 16;

/** A model, whatever it comes from. */
export interface Seen {
  model: LanguageModel;
  vocabulary: Vocabulary;
}

/** How the page's own text is written. */
export interface Writing extends SamplingOptions {
  prompt: string;
  length: number;
  seed: number;
}

/**
 * A text that continues the prompt, from a generator of its own: the run's stays where it is.
 *
 * @throws {UserError} if the prompt has a character that the vocabulary lacks
 */
export async function write({ model, vocabulary }: Seen, writing: Writing): Promise<string> {
  const { prompt, length, seed, ...options } = writing;
  const start = vocabulary.encode(prompt === "" ? "\n" : prompt);
  const numbers: number[] = [];
  for await (const n of generate(model, new Generator(seed), start, length, options)) {
    numbers.push(n);
  }
  return vocabulary.decode(numbers);
}

/** What a model makes of a prompt. */
export interface Look {
  /** The characters that the model sees of it. */
  characters: string[];
  /** Each head's weights (T, T), by block. */
  heads: { block: number; head: number; weights: number[][] }[];
  /** How likely each character is next, the likeliest first. */
  next: { character: string; probability: number }[];
}

/**
 * What a model makes of the end of a prompt.
 *
 * @throws {UserError} if the prompt has a character that the vocabulary lacks
 */
export async function look({ model, vocabulary }: Seen, prompt: string): Promise<Look> {
  model.eval();
  const all = vocabulary.encode(prompt === "" ? "\n" : prompt);
  const line = all.slice(-Math.min(LONGEST_LOOK, model.blockSize));
  const T = line.length;
  const seen: tf.Tensor3D[] = []; // in the order in which the model asks its heads
  const attend = (head: Head, x: tf.Tensor3D) => {
    seen.push(tf.keep(head.weights(x))); // (1, T, T)
    return head.forward(x);
  };
  const probabilities = tf.tidy(() => {
    const idx = tf.tensor2d(line, [1, T], "int32");
    const logits = model instanceof AttentionLanguageModel
      ? model.forward(idx, attend)
      : model.forward(idx); // (1, T, vocabSize)
    return softmax(logits.slice([0, T - 1, 0], [1, 1, -1])); // (1, 1, vocabSize)
  });
  const values = await probabilities.data<"float32">();
  probabilities.dispose();
  const perBlock = model instanceof AttentionLanguageModel && model.blocks.length > 0
    ? seen.length / model.blocks.length
    : seen.length;
  const heads = await Promise.all(seen.map(async (tensor, i) => {
    const [weights] = await tensor.array();
    tensor.dispose();
    return { block: Math.floor(i / perBlock), head: i % perBlock, weights };
  }));
  const next = Array.from(values, (probability, i) => ({
    character: vocabulary.characters[i],
    probability,
  })).sort((a, b) => b.probability - a.probability);
  return { characters: [...vocabulary.decode(line)], heads, next };
}

/** Bigram's table as chances, a row for each current character; nothing for other models. */
export async function learnedPairs({ model }: Seen): Promise<number[][] | undefined> {
  if (!(model instanceof BigramLanguageModel)) return undefined;
  const chances = tf.tidy(() => softmax(model.embeddings.weight.value)); // (vocabSize, vocabSize)
  const rows = await chances.array() as number[][];
  chances.dispose();
  return rows;
}
