/**
 * The training loop: draw, step, evaluate, save.
 *
 * @module
 */
import { type Evaluation, formatLoss, isEvaluated, type Trainer } from "@hugo-lab/model";
import { Progress } from "../task/progress.ts";
import { Interrupted } from "../task/signals.ts";
import type { Start } from "./checkpoints.ts";
import type { Dump } from "./dump.ts";
import type { OpenRun } from "./open.ts";

/** What differs from run to run. */
export interface LoopOptions {
  /** What `--dump` writes. */
  dump?: Dump;
  /** Cells more in each row of the CSV files. */
  extra?: unknown[];
  /** Before which iterations the losses are estimated. */
  evaluateAt?: (iteration: number) => boolean;
}

/** Trains from where a run starts to its end, printing and writing each evaluation. */
export async function train(
  { results, checkpoints, signals, values }: OpenRun,
  trainer: Trainer,
  start: Start,
  { dump, extra = [], evaluateAt = (i) => isEvaluated(i, trainer.config) }: LoopOptions = {},
): Promise<void> {
  const before = start.isResumed ? Number(results.timings.rows.at(-1)?.[1] ?? 0) : 0; // seconds
  const started = performance.now() - 1000 * before;
  const { iters } = trainer.config;
  const progress = new Progress(iters, Boolean(values.quiet));
  try {
    for (let iteration = start.iteration; iteration < iters; iteration++) {
      const isDone = start.evaluated && iteration === start.iteration;
      if (evaluateAt(iteration) && !isDone) {
        await checkpoints.beforeEvaluation(iteration);
        const evaluation = await trainer.evaluate((share) => {
          progress.update(iteration, `evaluating ${Math.round(share * 100)} %`);
          signals.throwIfAsked();
        });
        const { step, trainLoss, valLoss } = evaluation;
        progress.clear();
        await checkpoints.claim();
        console.log(evaluationLine(evaluation));
        results.losses.append([step, formatLoss(trainLoss), formatLoss(valLoss), ...extra]);
        const seconds = (performance.now() - started) / 1000;
        results.timings.append([step, seconds.toFixed(3), ...extra]);
        await checkpoints.afterEvaluation(evaluation);
      }
      const batch = trainer.getBatch("train");
      if (iteration === 0) await dump?.iteration0(trainer, batch);
      const loss = await trainer.step(batch);
      dump?.loss(loss);
      progress.update(iteration + 1, `loss ${loss.toFixed(4)}`);
      signals.throwIfAsked();
    }
    await checkpoints.finish();
  } catch (error) {
    if (!(error instanceof Interrupted)) {
      await checkpoints.writeBest();
      throw error;
    }
    const message = `stopped at iteration ${await checkpoints.interrupt()}`;
    throw new Interrupted(`${message}: the same command with --resume goes on`, error.code);
  } finally {
    progress.clear();
  }
}

/** The line of an evaluation, as the notebook prints it. */
export function evaluationLine({ step, trainLoss, valLoss }: Evaluation): string {
  return `step ${step}: train loss ${trainLoss.toFixed(4)}, val loss ${valLoss.toFixed(4)}`;
}
