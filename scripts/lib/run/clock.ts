/**
 * A run's time: how long it has gone on, how long it still takes, and what of that is shown.
 *
 * @module
 */
import type { TrainingConfig } from "@hugo-lab/model";
import { formatSeconds, Progress } from "../task/progress.ts";
import { evaluationsFrom, TimeLeft } from "./time_left.ts";

/** A run is measured for so many milliseconds before it is told how long it takes. */
const MEASURED_MS = 5000;
/** Runs longer than this are told, and told again if it turns out otherwise by such a share. */
const LONG_SECONDS = 60;
const CHANGED = 0.2;

/** What a clock is told of a run. */
export interface ClockOptions {
  /** Seconds that an interrupted run took before. */
  before: number;
  quiet: boolean;
  /** Told how long the run takes, in a line; nobody needs to be. */
  tell?: (line: string) => void;
}

/** A run's clock and its progress bar. */
export class Clock {
  readonly #progress: Progress;
  readonly #left: TimeLeft;
  /** When the run would have started, had it been made at once. */
  readonly #started: number;
  #lastEvaluation: number; // seconds since then
  #told?: number; // when the run is to end, in seconds since then

  /** Starts. */
  constructor(readonly config: TrainingConfig, readonly options: ClockOptions) {
    this.#started = performance.now() - 1000 * options.before;
    this.#lastEvaluation = options.before;
    this.#progress = new Progress(config.iters, options.quiet);
    this.#left = new TimeLeft(config.iters, (from, s) => evaluationsFrom(config, from, s));
  }

  /** Seconds since the run's start. */
  get seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  /** Whether the last evaluation was long enough ago, where they come by the clock. */
  isDue(iteration: number): boolean {
    const isEnd = iteration === 0 || iteration === this.config.iters - 1;
    return isEnd || this.seconds - this.#lastEvaluation >= this.config.evalSeconds;
  }

  /** Shows an iteration that began at `began` (performance.now), and counts it. */
  step(iteration: number, began: number, loss: number): void {
    this.#left.step(performance.now() - began);
    this.show(iteration + 1, `loss ${loss.toFixed(4)}`);
    if (this.#told === undefined) this.#tellLeft(iteration + 1);
  }

  /** Counts an evaluation that began at `began`, with what was written after it. */
  evaluation(iteration: number, began: number): void {
    this.#lastEvaluation = this.seconds;
    this.#left.evaluation(performance.now() - began);
    this.#tellLeft(iteration);
  }

  /** Draws the progress bar. */
  show(iteration: number, note: string): void {
    this.#progress.update(iteration, note, this.#left.secondsFrom(iteration));
  }

  /** Wipes the bar away, before something else is printed. */
  clear(): void {
    this.#progress.clear();
  }

  /** Says how long a long run takes, once that is known, and again if that changes. */
  #tellLeft(iteration: number): void {
    const left = this.#left.secondsFrom(iteration);
    if (!this.options.tell || left === undefined || this.#left.perEvaluation === undefined) return;
    const now = this.seconds;
    if (this.#told === undefined) {
      if (1000 * (now - this.#lastEvaluation) < MEASURED_MS) return;
      if (left > LONG_SECONDS) this.#say(this.#measured(left));
    } else {
      const foretold = this.#told - now;
      if (Math.abs(left - foretold) < Math.max(CHANGED * foretold, LONG_SECONDS / 2)) return;
      this.#say(`now about ${formatSeconds(left)} are left`);
    }
    this.#told = now + left;
  }

  #say(line: string): void {
    this.clear();
    this.options.tell!(line);
  }

  #measured(left: number): string {
    const { perStep, perEvaluation } = this.#left;
    return `about ${formatSeconds(left)} are left (${perStep!.toFixed(0)} ms an iteration, ` +
      `${(perEvaluation! / 1000).toFixed(1)} s an evaluation)`;
  }
}
