/**
 * The stages as models: each gives, for every position, a score for every next character.
 *
 * @module
 */
import * as tf from "./tf.ts";
import { crossEntropy, embedding, linear } from "./functions.ts";
import {
  type Attend,
  Block,
  type BlockOptions,
  Embedding,
  FeedForward,
  Head,
  LayerNorm,
  Linear,
  MultiHeadAttention,
} from "./layers.ts";
import { drawGpt2 } from "./initialization.ts";
import { Module } from "./module.ts";
import type { Generator } from "./random.ts";
import { Rotary } from "./rotary.ts";

/** Sizes and parts of a model. */
export interface ModelConfig {
  /** What stands between the embeddings and the last layer. */
  body: "bigram" | "head" | "multi_head" | "feed_forward" | "blocks";
  /** T, the longest context. */
  blockSize: number;
  /** C, the numbers a position. */
  nEmbd: number;
  /** Attention heads a layer. */
  nHead: number;
  /** Blocks; of use only where the body is "blocks". */
  nLayer: number;
  /** The probability with which dropout zeroes a value. */
  dropout: number;
  /** How a block joins its parts. */
  skip: BlockOptions["skip"];
  /** Whether attention ends in a FeedForward of its own. */
  innerFeedForward: boolean;
  /** Whether attention's dropout comes before its projection. */
  dropoutBeforeProj: boolean;
  /** How many times as wide FeedForward is inside; 0 is Linear and its activation alone. */
  widening: number;
  /** What FeedForward has between its layers: GPT-2 has GELU. */
  activation: "relu" | "gelu";
  /** Whether key, query and value have biases. */
  attentionBias: boolean;
  /** Whether the last layer is the token embedding used again, without a bias, as in GPT-2. */
  tiedEmbeddings: boolean;
  /** How heads know where characters stand: by a learned table, or by turning queries and keys. */
  positions: "learned" | "rotary";
  /** How weights are drawn: as PyTorch's layers do, or as GPT-2's. */
  initialization: "pytorch" | "gpt2";
}

/** A model of the next character. */
export abstract class LanguageModel extends Module {
  /**
   * A model without values yet.
   *
   * @param blockSize T, the longest context that the model takes
   */
  constructor(readonly blockSize: number) {
    super();
  }

  /**
   * Scores of the next character: idx (B, T) int32 -> (B, T, vocabSize).
   *
   * @param attend asked in place of every head, if there are heads
   */
  abstract forward(idx: tf.Tensor2D, attend?: Attend): tf.Tensor3D;

  /** Scores of the character after position `at` alone: idx (1, T), at (1, 1) -> (1, vocabSize). */
  abstract next(idx: tf.Tensor2D, at: tf.Tensor2D): tf.Tensor2D;

  /** The mean cross entropy of the scores, in nats: idx, targets (B, T) int32 -> scalar. */
  loss(idx: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
    // exercise bigram: the mean cross entropy of the scores of every position and its target
    const logits = this.forward(idx); // (B, T, vocabSize)
    const vocabSize = logits.shape[2];
    return crossEntropy(logits.reshape([-1, vocabSize]), targets.flatten());
    // end
  }
}

/** The next character depends on the current one alone: a table of scores. */
export class BigramLanguageModel extends LanguageModel {
  /** The table of scores: one row for each current character. */
  readonly embeddings: Embedding;

  /** A table without values yet. */
  constructor(vocabSize: number, blockSize: number) {
    super(blockSize);
    // exercise bigram: an embedding of vocabSize numbers for each of vocabSize characters
    this.embeddings = new Embedding(vocabSize, vocabSize);
    // end
  }

  /** Scores of the next character: idx (B, T) int32 -> (B, T, vocabSize). */
  override forward(idx: tf.Tensor2D): tf.Tensor3D {
    // exercise bigram: the embedding of each index
    return this.embeddings.forward(idx) as tf.Tensor3D; // (B, T, vocabSize)
    // end
  }

  /** Scores of the character after position `at` alone: idx (1, T), at (1, 1) -> (1, vocabSize). */
  override next(idx: tf.Tensor2D, at: tf.Tensor2D): tf.Tensor2D {
    const x = this.forward(idx).squeeze<tf.Tensor2D>([0]); // (T, vocabSize)
    return embedding(at, x).reshape([1, -1]); // (1, vocabSize)
  }
}

/** Embeddings, attention in the stage's form, and a last linear layer. */
export class AttentionLanguageModel extends LanguageModel {
  /** What each character means: (vocabSize, C). */
  readonly tokenEmbeddingTable: Embedding;
  /** What each position means: (blockSize, C); none where heads turn keys and queries. */
  readonly positionEmbeddingTable?: Embedding;
  /** The attention of single_head. */
  readonly saHead?: Head;
  /** The attention of multi_head and feed_forward. */
  readonly saHeads?: MultiHeadAttention;
  /** The computation layer of feed_forward. */
  readonly ffwd?: FeedForward;
  /** The blocks of the later stages. */
  readonly blocks: Block[] = [];
  /** The last LayerNorm, where blocks have any. */
  readonly lnF?: LayerNorm;
  /** From features to scores; none where embeddings are tied. */
  readonly lmHead?: Linear;
  /** What turns keys and queries by their places, if anything does. */
  readonly rotary?: Rotary;

  /**
   * A model without values yet.
   *
   * @param generator where dropout's masks are drawn from; needed if there is dropout
   */
  constructor(vocabSize: number, readonly config: ModelConfig, generator?: Generator) {
    super(config.blockSize);
    const { body, blockSize, nEmbd, nHead, nLayer } = config;
    if (config.positions === "rotary") this.rotary = new Rotary(blockSize, nEmbd / nHead);
    const options = { ...config, generator, rotary: this.rotary };
    this.tokenEmbeddingTable = new Embedding(vocabSize, nEmbd);
    if (!this.rotary) this.positionEmbeddingTable = new Embedding(blockSize, nEmbd);
    if (body === "head") {
      this.saHead = new Head(nEmbd, nEmbd, options);
    } else if (body === "blocks") {
      this.blocks = Array.from({ length: nLayer }, () => new Block(nEmbd, nHead, options));
      if (config.skip !== "none") this.lnF = new LayerNorm(nEmbd);
    } else {
      this.saHeads = new MultiHeadAttention(nEmbd, nHead, options);
      if (body === "feed_forward") this.ffwd = new FeedForward(nEmbd, options);
    }
    if (!config.tiedEmbeddings) this.lmHead = new Linear(nEmbd, vocabSize);
  }

  /** Draws every parameter's initial values, in order. */
  override initialize(generator: Generator): this {
    if (this.config.initialization !== "gpt2") return super.initialize(generator);
    for (const [name, parameter] of this.namedParameters()) {
      parameter.set(drawGpt2(name, parameter, this.config.nLayer, generator));
    }
    return this;
  }

  /**
   * What the model knows before its last layer: idx (B, T) -> (B, T, C).
   *
   * @param attend asked in place of every head
   * @param positions where the characters stand: (T), from 0 on unless told
   */
  features(
    idx: tf.Tensor2D,
    attend?: Attend,
    positions: tf.Tensor = tf.range(0, idx.shape[1], 1, "int32"),
  ): tf.Tensor3D {
    let x = this.tokenEmbeddingTable.forward(idx) as tf.Tensor3D; // (B, T, C)
    if (this.positionEmbeddingTable) x = x.add(this.positionEmbeddingTable.forward(positions));
    this.rotary?.stand(positions);
    if (this.saHead) x = this.saHead.forward(x, attend); // (B, T, C)
    if (this.saHeads) x = this.saHeads.forward(x, attend); // (B, T, C)
    if (this.ffwd) x = this.ffwd.forward(x); // (B, T, C)
    for (const block of this.blocks) x = block.forward(x, attend); // (B, T, C)
    return this.lnF ? this.lnF.forward(x) : x; // (B, T, C)
  }

  /** Scores of the next character: idx (B, T) int32 -> (B, T, vocabSize). */
  override forward(idx: tf.Tensor2D, attend?: Attend): tf.Tensor3D {
    return this.scores(this.features(idx, attend)); // (B, T, vocabSize)
  }

  /** Scores of the character after position `at` alone: idx (1, T), at (1, 1) -> (1, vocabSize). */
  override next(idx: tf.Tensor2D, at: tf.Tensor2D): tf.Tensor2D {
    const x = this.features(idx).squeeze<tf.Tensor2D>([0]); // (T, C)
    const chosen = embedding(at, x) as tf.Tensor3D; // (1, 1, C)
    return this.scores(chosen).reshape([1, -1]); // (1, vocabSize)
  }

  /** The last layer: x (B, T, C) -> (B, T, vocabSize). */
  scores(x: tf.Tensor3D): tf.Tensor3D {
    if (this.lmHead) return this.lmHead.forward(x); // (B, T, vocabSize)
    return linear(x, this.tokenEmbeddingTable.weight.value); // (B, T, vocabSize)
  }
}

/** The model of a configuration, without values yet: initialize it before use. */
export function buildModel(
  vocabSize: number,
  config: ModelConfig,
  generator?: Generator,
): LanguageModel {
  return config.body === "bigram"
    ? new BigramLanguageModel(vocabSize, config.blockSize)
    : new AttentionLanguageModel(vocabSize, config, generator);
}
