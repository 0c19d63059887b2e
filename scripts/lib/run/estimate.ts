/**
 * How long a run will take, roughly, from how fast this machine multiplies matrices.
 *
 * @module
 */
import * as tf from "@hugo-lab/model/tf";
import { type LanguageModel, threadsInUse, type TrainingConfig } from "@hugo-lab/model";
import { evaluationsFrom } from "./time_left.ts";

const SIZE = 384;
const TRIES = 6;
/** The share of a matrix product's speed that a whole step reaches, as the bench measures it. */
const EFFICIENCY = 0.7;
/** Models below this many operations a step are over before an estimate is of use. */
const SMALL_STEP = 1e9;

/** Seconds for a run's training and evaluations; 0 for a small one. */
export async function estimateSeconds(
  model: LanguageModel,
  training: TrainingConfig,
  valLength: number,
): Promise<number> {
  const { iters, batchSize, evalIters, evaluate } = training;
  const tokens = batchSize * model.blockSize;
  const forward = 2 * model.countParameters() * tokens; // a multiplication and an addition each
  if (3 * forward < SMALL_STEP) return 0;
  const seconds = forward / await multiplicationRate();
  const steps = 3 * iters * seconds;
  const batches = evaluate === "whole" ? valLength / tokens : evalIters; // of each part
  return steps + evaluationsFrom(training, 0, steps) * 2 * batches * seconds;
}

/** Operations a second in a matrix product. */
async function multiplicationRate(): Promise<number> {
  const a = tf.ones<tf.Rank.R2>([SIZE, SIZE]);
  const multiply = async () => {
    const product = tf.matMul(a, a);
    await product.data();
    product.dispose();
  };
  let best = Infinity;
  for (let i = 0; i < TRIES; i++) { // the first ones warm up
    const started = performance.now();
    await multiply();
    best = Math.min(best, (performance.now() - started) / 1000);
  }
  a.dispose();
  return EFFICIENCY * threadsInUse() * 2 * SIZE ** 3 / Math.max(best, 1e-6);
}
