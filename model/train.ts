/**
 * The one training loop: estimate the loss every now and then, draw a batch, update.
 *
 * @module
 */
import * as tf from "./tf.ts";
import { AdamW } from "./adamw.ts";
import { type Batch, getBatch, type Split } from "./batches.ts";
import { UserError } from "./errors.ts";
import type { LanguageModel } from "./language_model.ts";
import { compile, type Program } from "./program.ts";
import type { Generator } from "./random.ts";
import type { TrainingConfig } from "./stages.ts";

/** The estimated losses at a step, in nats a character. */
export interface Evaluation {
  /** How many updates came before. */
  step: number;
  /** On the training part. */
  trainLoss: number;
  /** On the validation part. */
  valLoss: number;
}

/** What a training reports while it goes on. */
export interface TrainingEvents {
  /** Before each evaluation. */
  onEvaluationStart?(step: number): void | Promise<void>;
  /** After each evaluation. */
  onEvaluation?(evaluation: Evaluation): void | Promise<void>;
  /** With the first training batch, before the update. */
  onFirstBatch?(batch: Batch): void | Promise<void>;
  /** After each iteration, with its batch's loss before the update. */
  onIteration?(step: number, loss: number): void | Promise<void>;
  /** After each batch of an evaluation, with the share of it that is done. */
  onEvaluationBatch?(step: number, done: number): void | Promise<void>;
}

/** The steps at which a run is evaluated; the notebook's loop evaluates the last one too. */
export type EvaluateAt = (step: number) => boolean;

/** Every `evalInterval` iterations and at the last. */
export function everyIntervalAndLast({ iters, evalInterval }: TrainingConfig): EvaluateAt {
  return (step) => step % evalInterval === 0 || step === iters - 1;
}

/** A model, its optimizer and everything drawn from one generator, ready to train. */
export class Trainer {
  /** What updates the model. */
  readonly optimizer: AdamW;
  readonly #step: Program;
  readonly #evaluation: Program;
  readonly #shape: [number, number];

  /**
   * Compiles the step and the evaluation.
   *
   * @param model initialized; it is not disposed of here
   */
  constructor(
    readonly model: LanguageModel,
    readonly data: Split,
    readonly config: TrainingConfig,
    readonly generator: Generator,
  ) {
    this.#shape = [config.batchSize, model.blockSize];
    this.optimizer = new AdamW(config.learningRate);
    this.optimizer.prepare(this.variables());
    const loss = (x: tf.Tensor2D, y: tf.Tensor2D) => model.loss(x, y);
    this.#step = compile(
      (x, y) => this.optimizer.minimize(() => loss(x, y), true, this.variables())!,
      [this.#shape, this.#shape],
    );
    this.#evaluation = compile(loss, [this.#shape, this.#shape]);
  }

  /** What the optimizer updates. */
  variables(): tf.Variable[] {
    return [...this.model.namedParameters()].map(([, parameter]) => parameter.variable);
  }

  /**
   * Runs the iterations.
   *
   * @param from the iteration to go on with, and whether its evaluation is done already
   * @throws {UserError} if a loss is no longer a finite number
   */
  async run(
    events: TrainingEvents,
    evaluateAt: EvaluateAt = everyIntervalAndLast(this.config),
    from: { iteration: number; evaluated: boolean } = { iteration: 0, evaluated: false },
  ): Promise<void> {
    this.model.train();
    this.#step.prepare(); // first, since the evaluation can then share its memory
    for (let step = from.iteration; step < this.config.iters; step++) {
      const isDone = from.evaluated && step === from.iteration;
      if (evaluateAt(step) && !isDone) {
        await events.onEvaluationStart?.(step);
        const evaluation = await this.estimateLoss(step, events);
        await events.onEvaluation?.(evaluation);
      }
      const batch = this.#draw("train");
      if (step === 0) await events.onFirstBatch?.(batch);
      this.model.train();
      const [loss] = await this.#step.run(batch.x, batch.y);
      if (!Number.isFinite(loss)) {
        throw new UserError(
          `the loss became ${loss} at iteration ${step}: try a smaller --learning-rate ` +
            `than ${this.config.learningRate}`,
        );
      }
      const waiting = events.onIteration?.(step, loss);
      if (waiting) await waiting; // awaiting nothing would still take time
    }
  }

  /** The mean loss of `evalIters` random batches of each part, dropout off. */
  async estimateLoss(step: number, events: TrainingEvents = {}): Promise<Evaluation> {
    this.model.eval();
    const { evalIters } = this.config;
    const means = [];
    for (const [index, part] of (["train", "val"] as const).entries()) {
      const losses = new Float32Array(evalIters);
      for (let k = 0; k < evalIters; k++) {
        const { x, y } = this.#draw(part);
        [losses[k]] = await this.#evaluation.run(x, y);
        const done = (index * evalIters + k + 1) / (2 * evalIters);
        const waiting = events.onEvaluationBatch?.(step, done);
        if (waiting) await waiting;
      }
      means.push(losses.reduce((sum, loss) => sum + loss, 0) / evalIters);
    }
    return { step, trainLoss: means[0], valLoss: means[1] };
  }

  #draw(part: keyof Split) {
    return getBatch(this.data[part], ...this.#shape, this.generator);
  }

  /** Frees the optimizer's and the programs' memory. */
  dispose(): void {
    this.#step.dispose();
    this.#evaluation.dispose();
    this.optimizer.dispose();
  }
}

/** The logits, loss and gradients of a batch, under the parameters' names. */
export async function inspectBatch(
  model: LanguageModel,
  x: tf.Tensor2D,
  y: tf.Tensor2D,
): Promise<{ loss: number; logits: tf.Tensor3D; gradients: Map<string, tf.Tensor> }> {
  const parameters = [...model.namedParameters()];
  const { value, grads } = tf.variableGrads(
    () => model.loss(x, y),
    parameters.map(([, parameter]) => parameter.variable),
  );
  const gradients = new Map(
    parameters.map(([name, { variable }]) => [name, grads[variable.name]]),
  );
  const [loss] = await value.data();
  value.dispose();
  return { loss, logits: tf.tidy(() => model.forward(x)), gradients };
}
