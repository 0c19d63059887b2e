/**
 * How long a run still takes: from what its iterations and its evaluations took so far.
 *
 * @module
 */
import type { TrainingConfig } from "@hugo-lab/model";

/** The first iterations also start threads, and have memory to get used to. */
const WARM_UP = 2;
/** Each iteration counts for so much at least: a machine may become slower, or less busy. */
const NEWEST = 1 / 100;

/** Takes the times of a run's parts, and foretells the rest. */
export class TimeLeft {
  #steps = 0;
  #step = 0; // milliseconds
  #evaluation?: number; // milliseconds

  /**
   * Of a run of so many iterations.
   *
   * @param evaluationsFrom how many evaluations there are from an iteration on, for so many seconds
   */
  constructor(
    readonly iters: number,
    readonly evaluationsFrom: (iteration: number, seconds: number) => number,
  ) {}

  /** Notes what an iteration took. */
  step(milliseconds: number): void {
    const count = ++this.#steps - WARM_UP;
    if (count <= 0) return;
    this.#step += (milliseconds - this.#step) * Math.max(1 / count, NEWEST);
  }

  /** Notes what an evaluation took, and what is written after it. */
  evaluation(milliseconds: number): void {
    this.#evaluation = milliseconds;
  }

  /** Milliseconds an iteration, once that is known. */
  get perStep(): number | undefined {
    return this.#steps > WARM_UP ? this.#step : undefined;
  }

  /** Milliseconds an evaluation, once that is known. */
  get perEvaluation(): number | undefined {
    return this.#evaluation;
  }

  /** Seconds from an iteration on; nothing before some iterations were made. */
  secondsFrom(iteration: number): number | undefined {
    if (this.perStep === undefined) return undefined;
    const steps = (this.iters - iteration) * this.#step / 1000;
    return steps + this.evaluationsFrom(iteration, steps) * (this.#evaluation ?? 0) / 1000;
  }
}

/** How many evaluations there are from an iteration on, if the iterations take so many seconds. */
export function evaluationsFrom(
  { evalInterval, evalSeconds, iters }: TrainingConfig,
  iteration: number,
  seconds: number,
): number {
  if (evalSeconds > 0) return Math.floor(seconds / evalSeconds) + 1;
  const last = (iters - 1) % evalInterval === 0 ? 0 : 1;
  return Math.floor((iters - 1) / evalInterval) - Math.floor((iteration - 1) / evalInterval) + last;
}
