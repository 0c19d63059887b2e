/**
 * A run's final weights: the model they belong to, and what can be seen in it.
 *
 * @module
 */
import * as tf from "@hugo-lab/model/tf";
import {
  buildModel,
  decodeModel,
  type Head,
  loadWeights,
  type ModelConfig,
  readSafetensors,
  type Stage,
  UserError,
  Vocabulary,
  type Weights,
} from "@hugo-lab/model";
import { withFile } from "../task/errors.ts";
import { readIdentity, whyForeign } from "../run/identity.ts";
import { rewrite } from "../run/read_csv.ts";

/** A run's last weights, and what they are of. */
export interface Trained {
  weights: Weights;
  /** The configuration that the run had. */
  config: ModelConfig;
  /** The characters that it learned. */
  vocabulary: Vocabulary;
}

/** Weights that belong to another run than the folder's other files. */
export class ForeignWeights extends UserError {}

/**
 * The weights of a stage's last run that came to its end, if they are there.
 *
 * @throws {UserError} if the file is damaged or of another model
 * @throws {ForeignWeights} if it is of another run than the folder's last one
 */
export async function readWeights(
  folder: string,
  stage: Stage,
): Promise<Trained | undefined> {
  const path = `${folder}/${stage.name}/final.safetensors`;
  const read = async () => {
    const { weights, config, vocabulary, id } = decodeModel(
      await readSafetensors(path),
      stage.name,
    );
    return { weights, config, vocabulary: new Vocabulary(vocabulary), id };
  };
  try {
    const { id, ...found } = await withFile(path, read, { remedy: rewrite(stage.name) });
    const foreign = whyForeign(id, await readIdentity(`${folder}/${stage.name}`));
    if (foreign) throw new ForeignWeights(`${path} is not used: ${foreign}.`);
    return found;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The attention weights of one head on a line: (T, T). */
export interface AttentionMap {
  title: string;
  weights: number[][];
}

/** How much each head attends to what, when the model reads the line. */
export async function attentionOn(trained: Trained, line: Int32Array): Promise<AttentionMap[]> {
  const seen = await attentionOf(trained, [line]);
  return seen.map((weights, i) => ({
    title: headTitle(i, seen.length, trained.config),
    weights: weights[0],
  }));
}

/** How far back a head looks from a window's last position. */
export interface LookBack {
  title: string;
  /** The mean weight of the character so many places back, from 0, itself, on: (T). */
  byDistance: number[];
}

/** The mean weights of each head at the last position of windows of one length. */
export async function lookBack(trained: Trained, windows: Int32Array[]): Promise<LookBack[]> {
  const seen = await attentionOf(trained, windows);
  return seen.map((matrices, i) => {
    const last = matrices.map((matrix) => matrix.at(-1)!.toReversed()); // (T), from itself back
    const byDistance = last[0].map((_, d) =>
      last.reduce((sum, row) => sum + row[d], 0) / last.length
    );
    return { title: headTitle(i, seen.length, trained.config), byDistance };
  });
}

/** Each head's weights on windows of one length: heads times (B, T, T). */
async function attentionOf(
  { weights, config, vocabulary }: Trained,
  windows: Int32Array[],
): Promise<number[][][][]> {
  const model = buildModel(vocabulary.size, { ...config, dropout: 0 });
  loadWeights(model, weights);
  const seen: tf.Tensor3D[] = []; // in the order in which the model asks its heads
  const attend = (head: Head, x: tf.Tensor3D) => {
    seen.push(tf.keep(head.weights(x)));
    return head.forward(x);
  };
  const shape: [number, number] = [windows.length, windows[0].length];
  const numbers = windows.flatMap((window) => [...window]);
  tf.tidy(() => model.forward(tf.tensor2d(numbers, shape, "int32"), attend)).dispose();
  const read = await Promise.all(seen.map((weights) => weights.array()));
  seen.forEach((weights) => weights.dispose());
  model.dispose();
  return read;
}

function headTitle(i: number, count: number, { nHead }: ModelConfig): string {
  if (count === 1) return "the head";
  const head = `head ${i % nHead + 1}`;
  return count > nHead ? `block ${Math.floor(i / nHead) + 1}, ${head}` : head;
}

/** A table that has a row for each character. */
export interface CharacterTable {
  /** As the report calls it. */
  name: string;
  /** (vocabulary, numbers). */
  rows: number[][];
}

/**
 * What a model has of each character: where it writes from, and where it reads it. A tied table is
 * both.
 */
export function characterTables(
  { weights }: Trained,
): { last: CharacterTable; first?: CharacterTable } {
  const of = (weight: string, name: string) => ({ name, rows: rowsOf(weights, weight) });
  if (weights.has("embeddings.weight")) return { last: of("embeddings.weight", "the table") };
  const first = of("token_embedding_table.weight", "the token embedding");
  if (!weights.has("lm_head.weight")) return { last: first };
  return { last: of("lm_head.weight", "lm_head"), first };
}

function rowsOf(weights: Weights, name: string): number[][] {
  const { shape: [count, size], data } = weights.get(name)!;
  return Array.from({ length: count }, (_, i) => [...data.subarray(i * size, (i + 1) * size)]);
}

/** The bigram table as chances of the next character: softmax of each row. */
export function trainedPairs({ weights, vocabulary: { size } }: Trained): number[][] {
  const { data } = weights.get("embeddings.weight")!;
  return Array.from({ length: size }, (_, i) => {
    const scores = [...data.subarray(i * size, (i + 1) * size)];
    const largest = Math.max(...scores);
    const powers = scores.map((s) => Math.exp(s - largest));
    const sum = powers.reduce((a, b) => a + b, 0);
    return powers.map((p) => p / sum);
  });
}
