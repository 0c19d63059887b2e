/**
 * GPT-2 from its published weights: the lab's own layers, configured as GPT-2.
 *
 * The names and the layout are those of the safetensors files that go round for GPT-2 and its
 * relatives of the same form. They name tokens by number: GPT-2's tokenizer is no part of the lab,
 * and neither is its dropout on the embeddings, which only training would need.
 *
 * @module
 */
import { UserError } from "./errors.ts";
import { AttentionLanguageModel, type ModelConfig } from "./language_model.ts";
import type { StoredTensor, TensorFile } from "./safetensors.ts";
import { gpt2Models } from "./stages.ts";
import { loadWeights, type Weights } from "./weights.ts";

/** Every published GPT-2 has heads of this size; a file does not tell. */
const HEAD_SIZE = 64;

/** Sizes that a matrix has. */
const MATRIX = 2;

/** How to read a file. */
export interface Gpt2Options {
  /** Attention heads a layer; as published unless given, that is of 64 numbers each. */
  nHead?: number;
}

/** A model and its sizes. */
export interface Gpt2Model {
  /** In evaluation mode. */
  model: AttentionLanguageModel;
  /** How many tokens it knows. */
  vocabSize: number;
  /** As the file's shapes tell it. */
  config: ModelConfig;
}

/** Whether a tensor is one of the masks that some files hold beside the weights: skip it. */
export function isGpt2Mask(name: string): boolean {
  return /\.attn\.(masked_)?bias$/.test(name);
}

/**
 * The model in a file of GPT-2's weights.
 *
 * @example
 * ```ts ignore
 * const { model } = loadGpt2(await readSafetensors("model.safetensors", isGpt2Mask));
 * const logits = model.forward(tf.tensor2d([[464, 3290]], [1, 2], "int32"));
 * ```
 * @throws {UserError} if the file holds something else, naming the first thing that is wrong
 */
export function loadGpt2(file: TensorFile, options: Gpt2Options = {}): Gpt2Model {
  const gpt2 = new Gpt2File(file.tensors);
  const { vocabSize, config } = gpt2.sizes(options.nHead);
  const model = new AttentionLanguageModel(vocabSize, config);
  loadWeights(model, gpt2.labWeights(config));
  model.eval();
  return { model, vocabSize, config };
}

/** GPT-2's tensors, each given out once. */
class Gpt2File {
  readonly #tensors: Weights;

  /** Takes names with or without the prefix `transformer.`. */
  constructor(tensors: Weights) {
    this.#tensors = new Map(
      [...tensors].map(([name, tensor]) => [name.replace(/^transformer\./, ""), tensor]),
    );
  }

  /** The configuration, which but for the heads shows in the shapes. */
  sizes(nHead?: number): { vocabSize: number; config: ModelConfig } {
    const [vocabSize, nEmbd] = this.#find("wte.weight", MATRIX).shape;
    const [blockSize] = this.#find("wpe.weight", MATRIX).shape;
    const nLayer = new Set([...this.#tensors.keys()].map((name) => /^h\.(\d+)\./.exec(name)?.[1]));
    nLayer.delete(undefined);
    const widening = this.#find("h.0.mlp.c_fc.weight", MATRIX).shape[1] / nEmbd;
    nHead ??= nEmbd / HEAD_SIZE;
    if (!Number.isInteger(nHead) || nHead < 1 || nEmbd % nHead !== 0) {
      throw new UserError((nameOf) =>
        `${nEmbd} numbers a position cannot be divided among ${nHead} heads: ` +
        `tell how many there are (${nameOf("nHead")})`
      );
    }
    const sizes = { blockSize, nEmbd, nHead, nLayer: nLayer.size, widening };
    return { vocabSize, config: { ...gpt2Models[0].model, ...sizes } };
  }

  /** The same weights under the lab's names and in PyTorch's layout. */
  labWeights({ nLayer, nHead }: ModelConfig): Weights {
    const weights: Weights = new Map();
    this.#checkLastLayer();
    weights.set("token_embedding_table.weight", this.#take("wte.weight"));
    weights.set("position_embedding_table.weight", this.#take("wpe.weight"));
    for (let i = 0; i < nLayer; i++) {
      const [from, to] = [`h.${i}`, `blocks.${i}`];
      this.#copy(weights, `${from}.ln_1`, `${to}.ln1`);
      this.#splitHeads(weights, `${from}.attn.c_attn`, `${to}.sa.heads`, nHead);
      this.#turn(weights, `${from}.attn.c_proj`, `${to}.sa.proj`);
      this.#copy(weights, `${from}.ln_2`, `${to}.ln2`);
      this.#turn(weights, `${from}.mlp.c_fc`, `${to}.ffwd.net.0`);
      this.#turn(weights, `${from}.mlp.c_proj`, `${to}.ffwd.net.2`);
    }
    this.#copy(weights, "ln_f", "ln_f");
    const [other] = this.#tensors.keys();
    if (other) throw new UserError(`GPT-2 has no weight ${other}`);
    return weights;
  }

  /** A layer norm's weight and bias, which need no change. */
  #copy(weights: Weights, from: string, to: string): void {
    for (const part of ["weight", "bias"]) {
      weights.set(`${to}.${part}`, this.#take(`${from}.${part}`));
    }
  }

  /** A layer whose matrix lies as (in, out), where PyTorch's Linear has (out, in). */
  #turn(weights: Weights, from: string, to: string): void {
    weights.set(`${to}.weight`, transposed(this.#take(`${from}.weight`, MATRIX)));
    weights.set(`${to}.bias`, this.#take(`${from}.bias`));
  }

  /** c_attn: every head's query, then every head's key, then every head's value, side by side. */
  #splitHeads(weights: Weights, from: string, to: string, nHead: number): void {
    const weight = transposed(this.#take(`${from}.weight`, MATRIX)); // (3 C, C)
    const bias = this.#take(`${from}.bias`); // (3 C)
    const C = weight.shape[1];
    if (weight.shape[0] !== 3 * C || bias.data.length !== 3 * C) {
      throw new UserError(`${from} does not hold three times ${C} columns`);
    }
    const size = C / nHead;
    for (const [part, name] of ["query", "key", "value"].entries()) {
      for (let head = 0; head < nHead; head++) {
        const first = part * C + head * size;
        weights.set(`${to}.${head}.${name}.weight`, {
          shape: [size, C],
          data: weight.data.slice(first * C, (first + size) * C),
        });
        weights.set(`${to}.${head}.${name}.bias`, {
          shape: [size],
          data: bias.data.slice(first, first + size),
        });
      }
    }
  }

  /** A file may repeat the token embedding as lm_head.weight; another last layer is not GPT-2. */
  #checkLastLayer(): void {
    if (!this.#tensors.has("lm_head.weight")) return;
    const { data } = this.#take("lm_head.weight");
    const { data: tokens } = this.#find("wte.weight", MATRIX);
    if (data.length !== tokens.length || data.some((v, i) => v !== tokens[i])) {
      throw new UserError(
        "lm_head.weight differs from wte.weight, which GPT-2 uses as its last layer",
      );
    }
  }

  /** A tensor, which then is no longer among those left over. */
  #take(name: string, rank?: number): StoredTensor {
    const tensor = this.#find(name, rank);
    this.#tensors.delete(name);
    return tensor;
  }

  #find(name: string, rank?: number): StoredTensor {
    const tensor = this.#tensors.get(name);
    if (!tensor) throw new UserError(`no file of GPT-2's weights: it lacks ${name}`);
    if (rank !== undefined && tensor.shape.length !== rank) {
      throw new UserError(`${name} should be a matrix, and has the shape [${tensor.shape}]`);
    }
    return tensor;
  }
}

/** (a, b) -> (b, a). */
function transposed({ shape: [rows, columns], data }: StoredTensor): StoredTensor {
  const turned = new Float32Array(data.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) turned[j * rows + i] = data[i * columns + j];
  }
  return { shape: [columns, rows], data: turned };
}
