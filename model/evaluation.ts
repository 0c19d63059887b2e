/**
 * Evaluating a model: the mean loss of random batches, as the notebook does, or of every position.
 *
 * @module
 */
import {
  type Batch,
  getBatch,
  partsOfBatch,
  type Split,
  spreadBatches,
  wholeBatches,
} from "./batches.ts";
import type { LanguageModel } from "./language_model.ts";
import { compile, type Program } from "./program.ts";
import type { Generator } from "./random.ts";
import type { TrainingConfig } from "./stages.ts";
import type { Numbers } from "./text.ts";

/** The estimated losses at a step, in nats a character. */
export interface Evaluation {
  /** How many updates came before. */
  step: number;
  /** On the training part. */
  trainLoss: number;
  /** On the validation part. */
  valLoss: number;
}

/** Told after each batch which share of an evaluation is done: a large model takes minutes. */
export type OnBatch = (done: number) => void | Promise<void>;

/** Whether the notebook evaluates before an iteration: every `evalInterval`, and at the last. */
export function isEvaluated(iteration: number, { iters, evalInterval }: TrainingConfig): boolean {
  return iteration % evalInterval === 0 || iteration === iters - 1;
}

/** Computes losses, dropout off. */
export class Evaluator {
  /** Programs by the shape of their batches: `whole` has some with fewer windows, or a shorter one. */
  readonly #programs = new Map<string, Program>();
  readonly #rows: number;

  /** Compiles nothing yet. */
  constructor(
    readonly model: LanguageModel,
    readonly data: Split,
    readonly config: TrainingConfig,
    readonly generator: Generator,
  ) {
    this.#rows = config.batchSize / config.accumulate;
  }

  /** The mean losses of the training and of the validation part. */
  async losses(onBatch?: OnBatch): Promise<[train: number, val: number]> {
    const whole = this.config.evaluate === "whole";
    return whole ? await this.#wholeLosses(onBatch) : await this.#drawnLosses(onBatch);
  }

  /** `evalIters` random batches of each part. */
  async #drawnLosses(onBatch?: OnBatch): Promise<[number, number]> {
    const { evalIters, batchSize, accumulate } = this.config;
    const means = [];
    for (const [index, part] of (["train", "val"] as const).entries()) {
      const losses = new Float32Array(evalIters);
      for (let k = 0; k < evalIters; k++) {
        const { blockSize } = this.model;
        const batch = getBatch(this.data[part], batchSize, blockSize, this.generator);
        for (const piece of partsOfBatch(batch, accumulate)) {
          losses[k] += await this.lossOf(piece) / accumulate;
        }
        const waiting = onBatch?.((index * evalIters + k + 1) / (2 * evalIters));
        if (waiting) await waiting;
      }
      means.push(losses.reduce((sum, loss) => sum + loss, 0) / evalIters);
    }
    return means as [number, number];
  }

  /** All of the validation part, and as much of the training part, spread evenly over it. */
  async #wholeLosses(onBatch?: OnBatch): Promise<[number, number]> {
    const { train, val } = this.data;
    const length = Math.min(train.length, val.length);
    const spread = spreadBatches(train, length, this.#rows, this.model.blockSize);
    const half = (first: number): OnBatch => (done) => onBatch?.(first + done / 2);
    return [await this.#meanOf(spread, half(0)), await this.wholeLoss(val, half(0.5))];
  }

  /** The mean loss of every position of some text, none twice. */
  wholeLoss(data: Numbers, onBatch?: OnBatch): Promise<number> {
    return this.#meanOf(wholeBatches(data, this.#rows, this.model.blockSize), onBatch);
  }

  async #meanOf(batches: Batch[], onBatch?: OnBatch): Promise<number> {
    let [sum, count] = [0, 0];
    for (const [i, batch] of batches.entries()) {
      sum += batch.y.length * await this.lossOf(batch);
      count += batch.y.length;
      const waiting = onBatch?.((i + 1) / batches.length);
      if (waiting) await waiting;
    }
    return sum / count;
  }

  /** A batch's loss. */
  lossOf({ x, y, shape }: Batch): number | Promise<number> {
    if (this.model.training) this.model.eval();
    const losses = this.#programOf(shape).run(x, y);
    return losses instanceof Promise ? losses.then(([loss]) => loss) : losses[0];
  }

  #programOf(shape: Batch["shape"]): Program {
    const key = shape.join();
    let program = this.#programs.get(key);
    if (!program) {
      program = compile((x, y) => this.model.loss(x, y), [shape, shape]);
      this.#programs.set(key, program);
    }
    return program;
  }

  /** Frees the programs' memory. */
  dispose(): void {
    for (const program of this.#programs.values()) program.dispose();
    this.#programs.clear();
  }
}
