/**
 * A small GPT that trains in minutes in a browser: the preset of a minute, for one core and a page
 * on which it is looked into.
 *
 * @module
 */
import { presets, type Stage } from "@hugo-lab/model";

const { about: _, ...quick } = presets.quick;

/** The configuration of the small GPT. */
export const quickPreset: Stage = {
  ...quick,
  model: { ...quick.model, nEmbd: 64, nLayer: 4, dropout: 0.1 },
  training: {
    ...quick.training,
    iters: 2000,
    batchSize: 16,
    learningRate: 2e-3,
    evalInterval: 200,
  },
};
