/**
 * The training loop: draw, step, evaluate, save.
 *
 * @module
 */
import {
  type Evaluation,
  formatLoss,
  isEvaluated,
  type Trainer,
  type TrainingConfig,
} from "@hugo-lab/model";
import { countOf } from "../task/lines.ts";
import { notify } from "../task/notices.ts";
import { Interrupted } from "../task/signals.ts";
import type { Start } from "./checkpoints.ts";
import { Clock } from "./clock.ts";
import type { Dump } from "./dump.ts";
import type { OpenRun } from "./open.ts";
import { evaluationsSinceBest } from "./patience.ts";

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
  const clock = clockOf(run, trainer.config, start, options);
  try {
    return await loop(run, trainer, start, clock, options);
  } catch (error) {
    if (!(error instanceof Interrupted)) {
      await run.checkpoints.writeBest();
      throw error;
    }
    const message = `stopped at iteration ${await run.checkpoints.interrupt()}`;
    throw new Interrupted(`${message}: the same command with --resume goes on`, error.code);
  } finally {
    clock.clear();
  }
}

async function loop(
  run: OpenRun,
  trainer: Trainer,
  start: Start,
  clock: Clock,
  options: LoopOptions,
): Promise<number> {
  const { config } = trainer;
  const { dump, evaluateAt = (i: number) => isEvaluated(i, config) } = options;
  const isDue = (i: number) => config.evalSeconds > 0 ? clock.isDue(i) : evaluateAt(i);
  let iteration = start.iteration;
  for (; iteration < config.iters; iteration++) {
    const isDone = start.evaluated && iteration === start.iteration;
    if (!isDone && isDue(iteration)) await evaluate(run, trainer, iteration, clock, options);
    if (isWaitedOut(run, trainer.config, iteration, options)) break;
    const began = performance.now();
    const batch = trainer.getBatch("train");
    if (iteration === 0) await dump?.iteration0(trainer, batch);
    const loss = await trainer.step(batch);
    dump?.loss(loss);
    clock.step(iteration, began, loss);
    run.signals.throwIfAsked();
  }
  await run.checkpoints.finish(iteration);
  return iteration;
}

/** Estimates the losses before an iteration, prints and writes them, and saves the run. */
async function evaluate(
  { checkpoints, results, signals }: OpenRun,
  trainer: Trainer,
  iteration: number,
  clock: Clock,
  { extra = [], inFull = false }: LoopOptions,
): Promise<void> {
  const began = performance.now();
  await checkpoints.beforeEvaluation(iteration);
  const evaluation = await trainer.evaluate((share) => {
    clock.show(iteration, `evaluating ${Math.round(share * 100)} %`);
    signals.throwIfAsked();
  });
  const { step, trainLoss, valLoss } = evaluation;
  clock.clear();
  await checkpoints.claim();
  console.log(evaluationLine(evaluation) + (inFull ? inOtherUnits(valLoss) : ""));
  results.losses.append([step, formatLoss(trainLoss), formatLoss(valLoss), ...extra]);
  results.timings.append([step, clock.seconds.toFixed(3), ...extra]);
  await checkpoints.afterEvaluation(evaluation);
  clock.evaluation(iteration, began);
}

/** Whether the validation loss has not become lower for as long as the run is to wait. */
function isWaitedOut(
  { results, values }: OpenRun,
  { patience }: TrainingConfig,
  iteration: number,
  { extra = [] }: LoopOptions,
): boolean {
  if (patience === 0) return false;
  const isOwn = (row: string[]) => extra.every((cell, i) => row[3 + i] === String(cell));
  const since = evaluationsSinceBest(results.losses.rows.filter(isOwn));
  if (since < patience) return false;
  notify(values)(
    `ended at iteration ${iteration}: the validation loss was not lower in the last ` +
      `${
        countOf(since, "evaluation")
      } (--patience); best.safetensors has the best weights, and a larger ` +
      "--patience with --resume goes on",
  );
  return true;
}

function clockOf(
  { results, values }: OpenRun,
  config: TrainingConfig,
  { isResumed }: Start,
  { inFull = false }: LoopOptions,
): Clock {
  const before = isResumed ? Number(results.timings.rows.at(-1)?.[1] ?? 0) : 0;
  const tell = inFull ? notify(values) : undefined;
  return new Clock(config, { before, quiet: Boolean(values.quiet), tell });
}

/** The line of an evaluation, as the notebook prints it. */
export function evaluationLine({ step, trainLoss, valLoss }: Evaluation): string {
  return `step ${step}: train loss ${trainLoss.toFixed(4)}, val loss ${valLoss.toFixed(4)}`;
}

/** A loss as others tell it: among how many characters a guess would be, and in bits. */
function inOtherUnits(valLoss: number): string {
  const perplexity = Math.exp(valLoss).toFixed(2);
  return ` (perplexity ${perplexity}, ${(valLoss / Math.LN2).toFixed(3)} bits)`;
}
