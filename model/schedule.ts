/**
 * The learning rate, iteration by iteration.
 *
 * @module
 */
import type { TrainingConfig } from "./stages.ts";

/** What the learning rate depends on. */
export type ScheduleConfig = Pick<
  TrainingConfig,
  "learningRate" | "warmup" | "schedule" | "minLearningRate" | "iters"
>;

/**
 * The learning rate of an iteration, from 0 on: as `get_lr` of nanoGPT's train.py (Karpathy, 2022),
 * whose lr_decay_iters is the run's length: linear up to the rate, then down half a cosine.
 */
export function learningRateAt(
  iteration: number,
  { learningRate, warmup, schedule, minLearningRate, iters }: ScheduleConfig,
): number {
  if (iteration < warmup) return learningRate * (iteration + 1) / (warmup + 1);
  if (schedule === "constant") return learningRate;
  const lowest = minLearningRate * learningRate;
  if (iteration >= iters) return lowest;
  const share = (iteration - warmup) / (iters - warmup);
  return lowest + 0.5 * (1 + Math.cos(Math.PI * share)) * (learningRate - lowest);
}
