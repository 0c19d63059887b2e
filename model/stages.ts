/**
 * Each stage's configuration: what the stages share once, then only what differs.
 *
 * @module
 */
import type { ModelConfig } from "./language_model.ts";

/** What training may have besides what the notebook does; each is off in the notebook's stages. */
export interface TrainingOptions {
  /** Iterations in which the learning rate rises to its own value. */
  warmup: number;
  /** How the learning rate goes on from there: as it is, or down a cosine to the last iteration. */
  schedule: "constant" | "cosine";
  /** Where the cosine ends, as a share of the learning rate. */
  minLearningRate: number;
  /** The largest norm of all gradients together, to which a larger one is scaled; 0 is any. */
  clip: number;
  /** AdamW's factor of the running mean of squares. */
  beta2: number;
  /** AdamW's. */
  weightDecay: number;
  /** Parts of a batch that are computed one after the other, to take less memory. */
  accumulate: number;
  /** What an evaluation averages: random batches, or each position of the validation part once. */
  evaluate: "batches" | "whole";
  /** Seconds from one evaluation to the next, in place of iterations; 0 is by iterations. */
  evalSeconds: number;
  /** Evaluations without a better validation loss after which a run ends; 0 is none. */
  patience: number;
  /** Whether the training part's last tenth is left out, and looked at once, at the end. */
  testPart: boolean;
}

/** How a model is trained and sampled. */
export interface TrainingConfig extends TrainingOptions {
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

/** Training's options as they are where none is asked for: PyTorch's defaults, the notebook's way. */
export const trainingOptions: TrainingOptions = {
  warmup: 0,
  schedule: "constant",
  minLearningRate: 0,
  clip: 0,
  beta2: 0.999,
  weightDecay: 0.01,
  accumulate: 1,
  evaluate: "batches",
  evalSeconds: 0,
  patience: 0,
  testPart: false,
};

/** The options of a model, likewise. */
export const modelOptions: Pick<ModelConfig, "positions" | "initialization"> = {
  positions: "learned",
  initialization: "pytorch",
};

/**
 * A configuration without the options that are off. Files tell it so, and those of runs without
 * options are the same whatever options there are by now.
 */
export function withoutDefaults<T extends object>(config: T): Partial<T> {
  const off: Record<string, unknown> = { ...trainingOptions, ...modelOptions };
  const isOn = ([key, value]: [string, unknown]) => !(key in off) || off[key] !== value;
  return Object.fromEntries(Object.entries(config).filter(isOn)) as Partial<T>;
}

const model: ModelConfig = {
  ...modelOptions,
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
  ...trainingOptions,
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
