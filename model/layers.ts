/**
 * The parts of GPT-2, from Linear to Block, under the notebook's names and in its order.
 *
 * Shapes: B windows a batch, T positions a window, C = nEmbd numbers a position.
 *
 * @module
 */
import * as tf from "./tf.ts";
import {
  dropout,
  embedding,
  gelu,
  layerNorm,
  linear,
  maskFuture,
  relu,
  softmax,
} from "./functions.ts";
import { Module, Parameter } from "./module.ts";
import type { Generator } from "./random.ts";
import type { Rotary } from "./rotary.ts";

/** y = x W^T + b, from U(-1/sqrt(in), 1/sqrt(in)) as PyTorch's `nn.Linear`. */
export class Linear extends Module {
  /** (out, in). */
  readonly weight: Parameter<tf.Tensor2D>;
  /** (out). */
  readonly bias?: Parameter<tf.Tensor1D>;
  /** What turns its results by their places, if anything does. */
  rotary?: Rotary;

  /** A layer without values yet. */
  constructor(inSize: number, outSize: number, options: { bias: boolean } = { bias: true }) {
    super();
    const bound = 1 / Math.sqrt(inSize);
    const draw = (g: Generator, size: number) => g.uniform(size, -bound, bound);
    this.weight = new Parameter([outSize, inSize], draw);
    if (options.bias) this.bias = new Parameter([outSize], draw);
  }

  /** (..., in) -> (..., out). */
  forward<T extends tf.Tensor>(x: T): T {
    const y = linear(x, this.weight.value, this.bias?.value);
    return this.rotary ? this.rotary.turn(y) : y;
  }
}

/** A table of one vector for each index, from N(0, 1). */
export class Embedding extends Module {
  /** (count, size). */
  readonly weight: Parameter<tf.Tensor2D>;

  /** A table without values yet. */
  constructor(count: number, size: number) {
    super();
    this.weight = new Parameter([count, size], (g, n) => g.normal(n));
  }

  /** (...) int32 -> (..., size). */
  forward(indices: tf.Tensor): tf.Tensor {
    return embedding(indices, this.weight.value);
  }
}

/** Each position scaled to mean 0 and variance 1, then by learned weights and biases. */
export class LayerNorm extends Module {
  /** (C), at first 1. */
  readonly weight: Parameter<tf.Tensor1D>;
  /** (C), at first 0. */
  readonly bias: Parameter<tf.Tensor1D>;

  /** A layer for vectors of the size. */
  constructor(size: number) {
    super();
    this.weight = new Parameter([size], (_, n) => new Float32Array(n).fill(1));
    this.bias = new Parameter([size], (_, n) => new Float32Array(n));
  }

  /** (..., C) -> (..., C). */
  forward<T extends tf.Tensor>(x: T): T {
    return layerNorm(x, this.weight.value, this.bias.value);
  }
}

/** What layers need to know besides their sizes. */
export interface LayerOptions {
  /** The probability with which dropout zeroes a value. */
  dropout: number;
  /** Where dropout's masks are drawn from. */
  generator?: Generator;
}

/** Zeroes values at random while training, none in evaluation. */
export class Dropout extends Module {
  /** Dropout with the options' probability. */
  constructor(readonly options: LayerOptions) {
    super();
  }

  /** (...) -> (...). */
  forward<T extends tf.Tensor>(x: T): T {
    // exercise blocks_norm: x as it is in evaluation; while training, dropout() of x
    const { dropout: p, generator } = this.options;
    if (!this.training || p === 0) return x;
    if (!generator) throw new Error("dropout needs a generator to draw its masks from");
    return dropout(x, p, generator);
    // end
  }
}

/** max(0, x). */
export class ReLU extends Module {
  /** (...) -> (...). */
  forward<T extends tf.Tensor>(x: T): T {
    return relu(x);
  }
}

/** A smooth ReLU: what GPT-2 has in its place. */
export class GELU extends Module {
  /** (...) -> (...). */
  forward<T extends tf.Tensor>(x: T): T {
    return gelu(x);
  }
}

/** How the heads are built. */
export interface AttentionOptions extends LayerOptions {
  /** Biases in key, query and value: GPT-2 has them, the notebook does not. */
  attentionBias?: boolean;
  /** What turns keys and queries by their places, where no table tells positions. */
  rotary?: Rotary;
  /** A FeedForward of its own at the end of the attention module. */
  innerFeedForward?: boolean;
  /** Whether dropout comes before proj, on the concatenated heads, or after it. */
  dropoutBeforeProj?: boolean;
}

/**
 * What a pass asks in the place of each head's own forward: the key-value cache (cache.ts), or who
 * wants to see the weights. (B, T, C) -> (B, T, headSize).
 */
export type Attend = (head: Head, x: tf.Tensor3D) => tf.Tensor3D;

/** One head of self-attention. */
export class Head extends Module {
  /** What a position offers: (B, T, C) -> (B, T, headSize). */
  readonly key: Linear;
  /** What a position looks for: (B, T, C) -> (B, T, headSize). */
  readonly query: Linear;
  /** What a position passes on: (B, T, C) -> (B, T, headSize). */
  readonly value: Linear;
  /** On the attention weights. */
  readonly dropout: Dropout;

  /** A head without values yet. */
  constructor(nEmbd: number, readonly headSize: number, options: AttentionOptions) {
    super();
    const bias = options.attentionBias ?? false;
    // exercise single_head: key, query and value: linear layers from nEmbd to headSize numbers
    this.key = new Linear(nEmbd, headSize, { bias });
    this.query = new Linear(nEmbd, headSize, { bias });
    this.value = new Linear(nEmbd, headSize, { bias });
    // end
    this.key.rotary = this.query.rotary = options.rotary;
    this.dropout = new Dropout(options);
  }

  /** How much each position attends to each one before it: (B, T, C) -> (B, T, T). */
  weights(x: tf.Tensor3D): tf.Tensor3D {
    // exercise single_head: q times k transposed, scaled, masked, and a softmax over each row
    const k = this.key.forward(x); // (B, T, headSize)
    const q = this.query.forward(x); // (B, T, headSize)
    const scores = tf.matMul(q, k, false, true).mul(this.headSize ** -0.5); // (B, T, T)
    return softmax(maskFuture(scores) as tf.Tensor3D); // (B, T, T)
    // end
  }

  /** (B, T, C) -> (B, T, headSize). */
  forward(x: tf.Tensor3D, attend?: Attend): tf.Tensor3D {
    if (attend) return attend(this, x); // (B, T, headSize)
    // exercise single_head: the weights of x, through dropout, times the values of x
    const weights = this.dropout.forward(this.weights(x)); // (B, T, T)
    const v = this.value.forward(x); // (B, T, headSize)
    return tf.matMul(weights, v); // (B, T, headSize)
    // end
  }
}

/** Several heads of self-attention in parallel, mixed by a projection. */
export class MultiHeadAttention extends Module {
  /** The heads, in the order in which they are concatenated. */
  readonly heads: Head[];
  /** Mixes the heads: (B, T, C) -> (B, T, C). */
  readonly proj: Linear;
  /** The FeedForward at the end, if there is one. */
  readonly ffwd?: FeedForward;
  /** Before or after the projection. */
  readonly dropout: Dropout;

  /** Heads without values yet; nHead divides nEmbd. */
  constructor(nEmbd: number, nHead: number, readonly options: AttentionOptions) {
    super();
    const headSize = nEmbd / nHead;
    // exercise multi_head: nHead heads, and proj from all they give together to nEmbd numbers
    this.heads = Array.from({ length: nHead }, () => new Head(nEmbd, headSize, options));
    this.proj = new Linear(nHead * headSize, nEmbd);
    // end
    if (options.innerFeedForward) this.ffwd = new FeedForward(nEmbd, options);
    this.dropout = new Dropout(options);
  }

  /** (B, T, C) -> (B, T, C). */
  forward(x: tf.Tensor3D, attend?: Attend): tf.Tensor3D {
    // exercise multi_head: each head on x, concatenated along the last axis, through proj, then dropout
    const heads = this.heads.map((head) => head.forward(x, attend)); // nHead times (B, T, headSize)
    let out = heads.length === 1 ? heads[0] : tf.concat(heads, -1); // (B, T, C)
    if (this.options.dropoutBeforeProj) out = this.proj.forward(this.dropout.forward(out));
    else out = this.dropout.forward(this.proj.forward(out)); // (B, T, C)
    return this.ffwd ? this.ffwd.forward(out) : out; // (B, T, C)
    // end
  }
}

/** How the computation layer is built. */
export interface FeedForwardOptions extends LayerOptions {
  /** How many times as wide the hidden layer is; none means Linear and ReLU alone. */
  widening?: number;
  /** What stands between the layers: the notebook's ReLU, unless it is GPT-2's GELU. */
  activation?: "relu" | "gelu";
}

/** A simple MLP: Linear, ReLU or GELU, and, if it widens inside, Linear back. */
export class FeedForward extends Module {
  /** The layers, under PyTorch's names net.0, net.1, …. */
  readonly net: (Linear | ReLU | GELU | Dropout)[];

  /** A layer without values yet. */
  constructor(nEmbd: number, options: FeedForwardOptions) {
    super();
    const { widening } = options;
    const activation = options.activation === "gelu" ? new GELU() : new ReLU();
    // exercise feed_forward: Linear and activation; the lab's own may widen, and ends in Dropout
    this.net = widening
      ? [
        new Linear(nEmbd, widening * nEmbd),
        activation,
        new Linear(widening * nEmbd, nEmbd),
        new Dropout(options),
      ]
      : [new Linear(nEmbd, nEmbd), activation, new Dropout(options)];
    // end
  }

  /** (B, T, C) -> (B, T, C). */
  forward(x: tf.Tensor3D): tf.Tensor3D {
    return this.net.reduce((y, layer) => layer.forward(y), x);
  }
}

/** How a block joins its parts. */
export interface BlockOptions extends AttentionOptions, FeedForwardOptions {
  /** "none": no skip connection, no LayerNorm; "notebook": as it ran there; "pre-norm": GPT-2's. */
  skip: "none" | "notebook" | "pre-norm";
}

/** Attention, then computation. */
export class Block extends Module {
  /** The attention. */
  readonly sa: MultiHeadAttention;
  /** The computation. */
  readonly ffwd: FeedForward;
  /** The LayerNorm before attention. */
  readonly ln1?: LayerNorm;
  /** The LayerNorm before computation. */
  readonly ln2?: LayerNorm;

  /** A block without values yet. */
  constructor(nEmbd: number, nHead: number, readonly options: BlockOptions) {
    super();
    // exercise blocks: sa, the attention, then ffwd, the computation
    this.sa = new MultiHeadAttention(nEmbd, nHead, options);
    this.ffwd = new FeedForward(nEmbd, options);
    // end
    if (options.skip !== "none") {
      // exercise blocks_norm: ln1 and ln2, for nEmbd numbers each
      this.ln1 = new LayerNorm(nEmbd);
      this.ln2 = new LayerNorm(nEmbd);
      // end
    }
  }

  /** (B, T, C) -> (B, T, C). */
  forward(x: tf.Tensor3D, attend?: Attend): tf.Tensor3D {
    // exercise blocks: without LayerNorm: attention, then computation
    if (!this.ln1 || !this.ln2) return this.ffwd.forward(this.sa.forward(x, attend));
    // end
    // exercise blocks_norm: x + sa(ln1(x)), then the same with ffwd and ln2
    if (this.options.skip === "notebook") {
      // The skip connection starts behind the LayerNorm: the notebook's code, not its text.
      x = this.ln1.forward(x);
      x = x.add(this.sa.forward(x, attend));
      x = this.ln2.forward(x);
      return x.add(this.ffwd.forward(x));
    }
    x = x.add(this.sa.forward(this.ln1.forward(x), attend));
    return x.add(this.ffwd.forward(this.ln2.forward(x)));
    // end
  }
}
