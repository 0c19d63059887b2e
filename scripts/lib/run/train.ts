/**
 * The training loop: draw, step, evaluate, save.
 *
 * @module
 */
import { type Evaluation, formatLoss, isEvaluated, type Trainer } from "@hugo-lab/model";
import { notify } from "../task/notices.ts";
import { formatSeconds, Progress } from "../task/progress.ts";
import { Interrupted } from "../task/signals.ts";
import type { Start } from "./checkpoints.ts";
import type { Dump } from "./dump.ts";
import type { OpenRun } from "./open.ts";
import { evaluationsSinceBest } from "./patience.ts";
import { evaluationsFrom, TimeLeft } from "./time_left.ts";

/** What differs from run to run. */
export interface LoopOptions {
  /** What `--dump` writes. */
  dump?: Dump;
  /** Cells more in each row of the CSV files. */
  extra?: unknown[];
  /** Before which iterations the losses are estimated, where that is not by seconds. */
  evaluateAt?: (iteration: number) => boolean;
  /** Whether the losses are told as perplexity and bits too, and the time left at evaluations. */
  inFull?: boolean;
}

/** A run is measured for so many milliseconds before it is told how long it takes. */
const MEASURED_MS = 5000;
/** Runs longer than this are told, and told again if it turns out otherwise by such a share. */
const LONG_SECONDS = 60;
const CHANGED = 0.2;

/**
 * Trains from where a run starts to its end, printing and writing each evaluation.
 *
 * @returns how many iterations were made
 */
export async function train(
  run: OpenRun,
  trainer: Trainer,
  start: Start,
  options: LoopOptions = {},
): Promise<number> {
  const loop = new Loop(run, trainer, start, options);
  try {
    return await loop.run();
  } catch (error) {
    if (!(error instanceof Interrupted)) {
      await run.checkpoints.writeBest();
      throw error;
    }
    const message = `stopped at iteration ${await run.checkpoints.interrupt()}`;
    throw new Interrupted(`${message}: the same command with --resume goes on`, error.code);
  } finally {
    loop.progress.clear();
  }
}

/** One run's loop. */
class Loop {
  readonly progress: Progress;
  readonly #time: TimeLeft;
  /** When it would have started, had it been made at once. */
  readonly #started: number;
  #lastEvaluation: number; // seconds since then
  #told?: number; // when it is to end, in seconds since then

  constructor(
    readonly open: OpenRun,
    readonly trainer: Trainer,
    readonly start: Start,
    readonly options: LoopOptions,
  ) {
    const { iters } = trainer.config;
    const before = start.isResumed ? Number(open.results.timings.rows.at(-1)?.[1] ?? 0) : 0;
    this.#started = performance.now() - 1000 * before;
    this.#lastEvaluation = before;
    this.progress = new Progress(iters, Boolean(open.values.quiet));
    this.#time = new TimeLeft(
      iters,
      (from, seconds) => evaluationsFrom(trainer.config, from, seconds),
    );
  }

  async run(): Promise<number> {
    const { open: { checkpoints, signals }, trainer, start, options: { dump } } = this;
    const { iters } = trainer.config;
    let last = iters;
    for (let iteration = start.iteration; iteration < iters; iteration++) {
      const isDone = start.evaluated && iteration === start.iteration;
      if (!isDone && this.#isDue(iteration)) await this.#evaluate(iteration);
      if (this.#isOver(iteration)) {
        last = iteration;
        break;
      }
      const began = performance.now();
      const batch = trainer.getBatch("train");
      if (iteration === 0) await dump?.iteration0(trainer, batch);
      const loss = await trainer.step(batch);
      this.#time.step(performance.now() - began);
      dump?.loss(loss);
      this.#show(iteration + 1, `loss ${loss.toFixed(4)}`);
      if (this.#told === undefined) this.#tellTime(iteration + 1);
      signals.throwIfAsked();
    }
    await checkpoints.finish(last);
    return last;
  }

  get #seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  #isDue(iteration: number): boolean {
    const { trainer: { config }, options: { evaluateAt } } = this;
    const { evalSeconds, iters } = config;
    if (evalSeconds === 0) return evaluateAt?.(iteration) ?? isEvaluated(iteration, config);
    return iteration === 0 || iteration === iters - 1 ||
      this.#seconds - this.#lastEvaluation >= evalSeconds;
  }

  async #evaluate(iteration: number): Promise<void> {
    const { open: { checkpoints, results, signals }, trainer, options } = this;
    const { extra = [], inFull = false } = options;
    const began = performance.now();
    await checkpoints.beforeEvaluation(iteration);
    const evaluation = await trainer.evaluate((share) => {
      this.#show(iteration, `evaluating ${Math.round(share * 100)} %`);
      signals.throwIfAsked();
    });
    const { step, trainLoss, valLoss } = evaluation;
    this.progress.clear();
    await checkpoints.claim();
    console.log(evaluationLine(evaluation) + (inFull ? inOtherUnits(valLoss) : ""));
    results.losses.append([step, formatLoss(trainLoss), formatLoss(valLoss), ...extra]);
    results.timings.append([step, this.#seconds.toFixed(3), ...extra]);
    await checkpoints.afterEvaluation(evaluation);
    this.#lastEvaluation = this.#seconds;
    this.#time.evaluation(performance.now() - began);
    this.#tellTime(iteration);
  }

  /** Whether the validation loss has not become lower for as long as the run is to wait. */
  #isOver(iteration: number): boolean {
    const { open, trainer: { config: { patience } }, options: { extra = [] } } = this;
    if (patience === 0) return false;
    const isOwn = (row: string[]) => extra.every((cell, i) => row[3 + i] === String(cell));
    const since = evaluationsSinceBest(open.results.losses.rows.filter(isOwn));
    if (since < patience) return false;
    notify(open.values)(
      `ended at iteration ${iteration}: the validation loss was not lower in the last ` +
        `${since} evaluations (--patience); best.safetensors has the best weights`,
    );
    return true;
  }

  /** Says how long a long run takes, once that is known, and again if that changes. */
  #tellTime(iteration: number): void {
    const left = this.#time.secondsFrom(iteration);
    if (!this.options.inFull || left === undefined) return;
    const now = this.#seconds;
    if (this.#told === undefined) {
      if (1000 * (now - this.#lastEvaluation) < MEASURED_MS) return;
      if (left > LONG_SECONDS) notify(this.open.values)(this.#measured(left));
    } else {
      const foretold = this.#told - now;
      if (Math.abs(left - foretold) < Math.max(CHANGED * foretold, LONG_SECONDS / 2)) return;
      notify(this.open.values)(`now about ${formatSeconds(left)} are left`);
    }
    this.#told = now + left;
  }

  #measured(left: number): string {
    const { perStep, perEvaluation = 0 } = this.#time;
    return `about ${formatSeconds(left)} are left (${perStep!.toFixed(0)} ms an iteration, ` +
      `${(perEvaluation / 1000).toFixed(1)} s an evaluation)`;
  }

  #show(step: number, note: string): void {
    this.progress.update(step, note, this.#time.secondsFrom(step));
  }
}

/** The line of an evaluation, as the notebook prints it. */
export function evaluationLine({ step, trainLoss, valLoss }: Evaluation): string {
  return `step ${step}: train loss ${trainLoss.toFixed(4)}, val loss ${valLoss.toFixed(4)}`;
}

/** A loss as others tell it: among how many characters a guess would be, and in bits. */
function inOtherUnits(valLoss: number): string {
  const perplexity = Math.exp(valLoss).toFixed(2);
  return ` (perplexity ${perplexity}, ${(valLoss / Math.LN2).toFixed(3)} bits a character)`;
}
