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
import { PCA } from "./packages.ts";
import { rewrite } from "./runs.ts";

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
export async function attentionOn(
  { weights, config, vocabulary }: Trained,
  line: Int32Array,
): Promise<AttentionMap[]> {
  const model = buildModel(vocabulary.size, { ...config, dropout: 0 });
  loadWeights(model, weights);
  const seen: tf.Tensor3D[] = []; // in the order in which the model asks its heads
  const attend = (head: Head, x: tf.Tensor3D) => {
    seen.push(tf.keep(head.weights(x)));
    return head.forward(x);
  };
  const logits = tf.tidy(() => model.forward(tf.tensor2d(line, [1, line.length], "int32"), attend));
  logits.dispose();
  const maps = await Promise.all(seen.map(async (weights, i) => {
    const [matrix] = await weights.array();
    weights.dispose();
    return { title: headTitle(i, seen.length, config), weights: matrix };
  }));
  model.dispose();
  return maps;
}

function headTitle(i: number, count: number, { nHead }: ModelConfig): string {
  if (count === 1) return "the head";
  const head = `head ${i % nHead + 1}`;
  return count > nHead ? `block ${Math.floor(i / nHead) + 1}, ${head}` : head;
}

/** Points in two dimensions, and how much of the variance each dimension holds. */
export interface Plane {
  points: [number, number][];
  shares: [number, number];
}

/** The token embeddings on their two principal components; none if they have fewer. */
export function embeddingPlane({ weights }: Trained): Plane | undefined {
  const table = weights.get("token_embedding_table.weight")!;
  const [rows, columns] = table.shape;
  if (rows < 3 || columns < 2) return undefined;
  const matrix = Array.from(
    { length: rows },
    (_, i) => [...table.data.subarray(i * columns, (i + 1) * columns)],
  );
  if (!matrix.flat().every(Number.isFinite)) return undefined; // of a training that diverged
  const pca = new PCA(matrix);
  const points = pca.predict(matrix, { nComponents: 2 }).to2DArray();
  const [first, second] = pca.getExplainedVariance();
  return { points: points.map(([x, y]) => [x, y]), shares: [first, second] };
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
