/**
 * A run's final weights: the model they belong to, and what can be seen in it.
 *
 * @module
 */
import * as tf from "@hugo-lab/model/tf";
import {
  buildModel,
  Head,
  type LanguageModel,
  loadWeights,
  type ModelConfig,
  modelInfo,
  Module,
  readSafetensors,
  type Stage,
  type TensorFile,
  UserError,
  Vocabulary,
} from "@hugo-lab/model";
import { PCA } from "./packages.ts";

/** A run's last weights. */
export interface Weights {
  file: TensorFile;
  /** The configuration that the run had. */
  config: ModelConfig;
  /** The characters that it learned. */
  vocabulary: Vocabulary;
  /** Whether the losses are of a later run, which has not come to its end. */
  stale: boolean;
}

/**
 * The weights of a stage's last run that came to its end, if they are there.
 *
 * @throws {UserError} if the file is damaged or of another model
 */
export async function readWeights(folder: string, stage: Stage): Promise<Weights | undefined> {
  const path = `${folder}/${stage.name}/final.safetensors`;
  try {
    const file = await readSafetensors(path);
    const { config, vocabulary, stage: name } = modelInfo(file);
    if (name !== stage.name) throw new UserError(`it is of the stage ${name}`);
    for (const [name, { shape }] of buildModel(vocabulary.length, config).namedParameters()) {
      if (String(file.tensors.get(name)?.shape) !== String(shape)) {
        throw new UserError(`${name} is not there with the shape ${shape}`);
      }
    }
    const written = (await Deno.stat(path)).mtime;
    const losses = (await Deno.stat(`${folder}/${stage.name}/losses.csv`)).mtime;
    return { file, config, vocabulary: new Vocabulary(vocabulary), stale: written! < losses! };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (!(error instanceof UserError)) throw error;
    throw new UserError(
      `${path} cannot be used (${error.message}): ` +
        `write it again with deno task ${stage.name}, or delete it`,
    );
  }
}

/** The attention weights of one head on a line: (T, T). */
export interface AttentionMap {
  title: string;
  weights: number[][];
}

/** How much each head attends to what, when the model reads the line. */
export async function attentionOn(
  { file, config, vocabulary }: Weights,
  line: Int32Array,
): Promise<AttentionMap[]> {
  const model = buildModel(vocabulary.size, { ...config, dropout: 0 });
  loadWeights(model, file);
  const seen = recordHeads(model);
  const logits = tf.tidy(() => model.forward(tf.tensor2d(line, [1, line.length], "int32")));
  logits.dispose();
  const maps = await Promise.all(seen.map(async (weights, i) => {
    const [matrix] = await weights.array();
    weights.dispose();
    return { title: headTitle(i, seen.length, config), weights: matrix };
  }));
  model.dispose();
  return maps;
}

/** Keeps what every head's `weights` gives, in the order in which the model calls them. */
function recordHeads(model: LanguageModel): tf.Tensor3D[] {
  const seen: tf.Tensor3D[] = [];
  for (const head of modulesOf(model)) {
    if (!(head instanceof Head)) continue;
    const weights = head.weights.bind(head);
    head.weights = (x) => {
      const result = weights(x);
      seen.push(tf.keep(result.clone()));
      return result;
    };
  }
  return seen;
}

function* modulesOf(module: Module): IterableIterator<Module> {
  yield module;
  for (const child of Object.values(module)) {
    for (const item of Array.isArray(child) ? child : [child]) {
      if (item instanceof Module) yield* modulesOf(item);
    }
  }
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
export function embeddingPlane({ file }: Weights): Plane | undefined {
  const table = file.tensors.get("token_embedding_table.weight")!;
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
export function trainedPairs({ file, vocabulary: { size } }: Weights): number[][] {
  const { data } = file.tensors.get("embeddings.weight")!;
  return Array.from({ length: size }, (_, i) => {
    const scores = [...data.subarray(i * size, (i + 1) * size)];
    const largest = Math.max(...scores);
    const powers = scores.map((s) => Math.exp(s - largest));
    const sum = powers.reduce((a, b) => a + b, 0);
    return powers.map((p) => p / sum);
  });
}
