/**
 * More iterations for a run that has ended. Its last step is evaluated whatever the interval, and a
 * longer run does not draw those batches: it goes on from before them.
 *
 * @module
 */
import type { Checkpoint, RunState, TrainingConfig } from "@hugo-lab/model";

/** Whether an evaluation is one that a longer run makes too. */
export function isRegular(
  step: number,
  { iters, evalInterval, evalSeconds }: TrainingConfig,
): boolean {
  return evalSeconds === 0 ? step % evalInterval === 0 : step !== iters - 1;
}

/** Whether a run of so many iterations goes on from before a checkpoint's last evaluation. */
export function isPastLast({ run }: Checkpoint, iters: number): boolean {
  return iters > run.iters && run.iteration + (run.evaluated ? 1 : 0) >= run.iters;
}

/** The checkpoint to go on from, where there may be one from before the last evaluation. */
export function lengthened(saved: Checkpoint, earlier: Checkpoint | undefined): Checkpoint {
  if (!earlier || earlier.id !== saved.id || !isSameRun(earlier.run, saved.run)) return saved;
  return earlier;
}

function isSameRun(a: RunState, b: RunState): boolean {
  return a.iters === b.iters && JSON.stringify(a.settings) === JSON.stringify(b.settings);
}
