/**
 * Training: what one iteration and one evaluation do. The loop is written by who trains:
 *
 * ```ts ignore
 * const trainer = new Trainer(model, data, training, generator);
 * for (let iteration = 0; iteration < training.iters; iteration++) {
 *   if (isEvaluated(iteration, training)) console.log(await trainer.evaluate());
 *   await trainer.step();
 * }
 * ```
 *
 * @module
 */
import * as tf from "./tf.ts";
import { AdamW } from "./adamw.ts";
import { type Batch, getBatch, partsOfBatch, type Split } from "./batches.ts";
import { UserError } from "./errors.ts";
import { type Evaluation, Evaluator, type OnBatch } from "./evaluation.ts";
import type { LanguageModel } from "./language_model.ts";
import type { Generator } from "./random.ts";
import { learningRateAt } from "./schedule.ts";
import type { TrainingConfig } from "./stages.ts";
import { compileUpdate, type Update, update, variablesOf } from "./update.ts";

/** Nats. Steps that are much too large take a loss here, and need not take it beyond floats. */
const DIVERGED = 1e6;

/** A model, its optimizer and everything drawn from one generator, ready to train. */
export class Trainer {
  /** What updates the model. */
  readonly optimizer: AdamW;
  readonly #update: Update;
  readonly #evaluator: Evaluator;
  #lastBatch?: Batch;

  /**
   * Compiles the update and the evaluation.
   *
   * @param model initialized; it is not disposed of here
   */
  constructor(
    readonly model: LanguageModel,
    readonly data: Split,
    readonly config: TrainingConfig,
    readonly generator: Generator,
  ) {
    const { learningRate, beta2, weightDecay } = config;
    this.optimizer = new AdamW(learningRate, undefined, beta2, undefined, weightDecay);
    this.optimizer.prepare(this.variables());
    this.#update = compileUpdate(model, this.optimizer, config);
    this.#evaluator = new Evaluator(model, data, config, generator);
  }

  /** How many updates were made. */
  get iteration(): number {
    return this.optimizer.step;
  }

  /** What the optimizer updates. */
  variables(): tf.Variable[] {
    return variablesOf(this.model);
  }

  /** Draws a batch of one part. */
  getBatch(part: "train" | "val"): Batch {
    return getBatch(this.data[part], this.config.batchSize, this.model.blockSize, this.generator);
  }

  /**
   * One iteration: an update by a batch's gradients, dropout on.
   *
   * @returns the batch's loss before the update, at once where the backend can: waiting for what is
   * there would take as long as a small step
   * @throws {UserError} if the loss is no finite number any more, or above a million
   */
  step(batch: Batch = this.getBatch("train")): number | Promise<number> {
    if (!this.model.training) this.model.train();
    const iteration = this.iteration;
    this.#lastBatch = batch;
    this.optimizer.learningRate = learningRateAt(iteration, this.config);
    const loss = this.#update.run(batch);
    if (loss instanceof Promise) return loss.then((loss) => this.#bounded(loss, iteration));
    return this.#bounded(loss, iteration);
  }

  /** What a step computes, uncompiled: x, y (B, T) int32 -> the loss before the update. */
  update(x: tf.Tensor2D, y: tf.Tensor2D): tf.Scalar {
    return update(this.model, this.optimizer, this.config.clip, x, y);
  }

  /**
   * The mean losses of both parts, dropout off: of `evalIters` random batches of each, or of all of
   * the validation part.
   *
   * @param onBatch told after each batch which share is done: a large model takes minutes
   * @throws {UserError} if a mean is no finite number, or above a million
   */
  async evaluate(onBatch?: OnBatch): Promise<Evaluation> {
    this.#prepare();
    const losses = await this.#evaluator.losses(onBatch);
    const [trainLoss, valLoss] = losses.map((loss) => this.#bounded(loss, this.iteration));
    return { step: this.iteration, trainLoss, valLoss };
  }

  /** The mean loss of every position of the test part, which there must be. */
  async testLoss(): Promise<number> {
    this.#prepare();
    return await this.#evaluator.wholeLoss(this.data.test!);
  }

  /** The update comes first, since the evaluation can then share its memory. */
  #prepare(): void {
    if (!this.model.training) this.model.train();
    this.#update.prepare();
  }

  /**
   * Checks that the last update did not ruin the model, which no step after it would tell; nothing
   * is drawn.
   *
   * @throws {UserError} if the last batch's loss is no finite number any more, or above a million
   */
  async check(): Promise<void> {
    if (!this.#lastBatch) return;
    const part = partsOfBatch(this.#lastBatch, this.config.accumulate).at(-1)!;
    this.#bounded(await this.#evaluator.lossOf(part), this.iteration);
  }

  #bounded(loss: number, iteration: number): number {
    if (Math.abs(loss) < DIVERGED) return loss; // NaN is not
    throw new UserError((nameOf) =>
      `the loss became ${loss.toPrecision(4)} at iteration ${iteration}: try a smaller ` +
      `${nameOf("learningRate")} than ${this.config.learningRate}`
    ).saying({ kind: "diverged", iteration, learningRate: this.config.learningRate });
  }

  /** Frees the optimizer's and the programs' memory. */
  dispose(): void {
    this.#update.dispose();
    this.#evaluator.dispose();
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
