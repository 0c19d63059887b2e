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
  model: { ...scaled.model, blockSize: 64, nEmbd: 128, nHead: 4, nLayer: 4 },
  training: {
    ...scaled.training,
    iters: 9000,
    batchSize: 32,
    learningRate: 2e-3,
    warmup: 100,
    schedule: "cosine",
    evaluate: "whole",
    evalInterval: 250,
  },
};

const quick: Preset = {
  ...laptop,
  about: "a minute",
  model: { ...laptop.model, nEmbd: 64, nLayer: 3, dropout: 0.1 },
  training: { ...laptop.training, iters: 2000, batchSize: 16, evalInterval: 200 },
};

/** Every preset of the last stage. */
export const presets: Record<PresetName, Preset> = { notebook, laptop, quick };
