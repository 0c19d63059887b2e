/**
 * Each stage's configuration: what the stages share once, then only what differs.
 *
 * @module
 */
import type { ModelConfig } from "./language_model.ts";

/** How a model is trained and sampled. */
export interface TrainingConfig {
  /** Of the one generator that everything is drawn from. */
  seed: number;
  /** Training iterations. */
  iters: number;
  /** Windows a batch. */
  batchSize: number;
  /** AdamW's. */
  learningRate: number;
  /** Iterations from one evaluation to the next. */
  evalInterval: number;
  /** Batches of each part an evaluation averages. */
  evalIters: number;
  /** What the sample continues. */
  prompt: string;
  /** Characters generated after the prompt. */
  sampleLength: number;
}

/** One stage of the lab. */
export interface Stage {
  /** Its task's name. */
  name: StageName;
  /** What it is, in a few words. */
  title: string;
  /** Its model. */
  model: ModelConfig;
  /** Its training. */
  training: TrainingConfig;
}

/** The trained stages, in the notebook's order. */
export type StageName =
  | "bigram"
  | "single_head"
  | "multi_head"
  | "feed_forward"
  | "blocks"
  | "blocks_norm"
  | "scaled";

const model: ModelConfig = {
  body: "multi_head",
  blockSize: 8,
  nEmbd: 32,
  nHead: 4,
  nLayer: 1,
  dropout: 0,
  skip: "none",
  innerFeedForward: false,
  dropoutBeforeProj: false,
  widening: 0,
  activation: "relu",
  attentionBias: false,
  tiedEmbeddings: false,
};

const training: TrainingConfig = {
  seed: 2023,
  iters: 5000,
  batchSize: 32,
  learningRate: 1e-3,
  evalInterval: 500,
  evalIters: 200,
  prompt: "\n",
  sampleLength: 500,
};

const blocks: ModelConfig = { ...model, body: "blocks", nLayer: 3, innerFeedForward: true };

const scaled: ModelConfig = {
  ...model,
  body: "blocks",
  blockSize: 256,
  nEmbd: 384,
  nHead: 6,
  nLayer: 6,
  dropout: 0.2,
  skip: "pre-norm",
  widening: 4,
};

/** Every trained stage. */
export const stages: Record<StageName, Stage> = {
  bigram: {
    name: "bigram",
    title: "A bigram model",
    model: { ...model, body: "bigram" },
    training: { ...training, batchSize: 4, evalIters: 20, sampleLength: 100 },
  },
  single_head: {
    name: "single_head",
    title: "One attention head",
    model: { ...model, body: "head", nHead: 1 },
    training,
  },
  multi_head: { name: "multi_head", title: "Several heads and a projection", model, training },
  feed_forward: {
    name: "feed_forward",
    title: "A computation layer after the heads",
    model: { ...model, body: "feed_forward" },
    training,
  },
  blocks: { name: "blocks", title: "Three blocks", model: blocks, training },
  blocks_norm: {
    name: "blocks_norm",
    title: "Skip connections, LayerNorm and dropout",
    model: { ...blocks, dropout: 0.2, skip: "notebook", dropoutBeforeProj: true },
    training,
  },
  scaled: {
    name: "scaled",
    title: "The scaled-up GPT",
    model: scaled,
    training: { ...training, seed: 1337, batchSize: 64, learningRate: 3e-4 },
  },
};

/** The lengths of the notebook's three runs of bigram. */
export const bigramRuns: readonly number[] = [100, 1000, 10000];

/** The stages that train in seconds, besides bigram. */
export const smallStages: readonly StageName[] = (Object.keys(stages) as StageName[])
  .filter((name) => name !== "bigram" && name !== "scaled");

const gpt2: ModelConfig = {
  ...scaled,
  blockSize: 1024,
  nEmbd: 768,
  nHead: 12,
  nLayer: 12,
  dropout: 0.1,
  activation: "gelu",
  attentionBias: true,
  tiedEmbeddings: true,
};

/** The published GPT-2 models (Radford et al., 2019) that the conclusion compares with. */
export const gpt2Models: { name: string; vocabSize: number; model: ModelConfig }[] = [
  { name: "GPT-2 small", vocabSize: 50257, model: gpt2 },
  { name: "GPT-2 XL", vocabSize: 50257, model: { ...gpt2, nEmbd: 1600, nHead: 25, nLayer: 48 } },
];
