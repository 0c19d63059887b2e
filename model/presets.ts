/**
 * Configurations of the last stage for more or less time: each states in what it differs.
 *
 * @module
 */
import { type Stage, stages } from "./stages.ts";

/** A preset's name. */
export type PresetName = "notebook" | "laptop" | "quick";

/** A configuration of the last stage. */
export interface Preset extends Stage {
  /** What it is for, in a few words. */
  about: string;
}

const { scaled } = stages;

const notebook: Preset = { ...scaled, about: "the notebook's own, half an hour of its GPU" };

const laptop: Preset = {
  ...scaled,
  about: "the best of a quarter of an hour on two cores",
  model: {
    ...scaled.model,
    blockSize: 128,
    nEmbd: 128,
    nHead: 4,
    nLayer: 4,
    activation: "gelu",
    positions: "rotary",
  },
  training: {
    ...scaled.training,
    iters: 6000,
    batchSize: 16,
    learningRate: 3e-3,
    warmup: 50,
    schedule: "cosine",
    clip: 1,
    weightDecay: 0.3,
    evaluate: "whole",
    evalInterval: 100,
  },
};

const quick: Preset = {
  ...laptop,
  about: "a minute",
  model: { ...laptop.model, blockSize: 64, nEmbd: 96, nLayer: 3, dropout: 0.05 },
  training: {
    ...laptop.training,
    iters: 1200,
    batchSize: 32,
    learningRate: 4e-3,
  },
};

/** Every preset of the last stage. */
export const presets: Record<PresetName, Preset> = { notebook, laptop, quick };
