/**
 * A small GPT that trains in minutes in a browser: the scaled stage's form, with other sizes.
 *
 * @module
 */
import { type Stage, stages } from "@hugo-lab/model";

const { scaled } = stages;

/** The sizes of the small GPT. */
export const quickPreset: Stage = {
  ...scaled,
  model: { ...scaled.model, blockSize: 64, nEmbd: 64, nHead: 4, nLayer: 4, dropout: 0.1 },
  training: {
    ...scaled.training,
    iters: 2000,
    batchSize: 16,
    learningRate: 1e-3,
    evalInterval: 200,
    evalIters: 20,
  },
};
