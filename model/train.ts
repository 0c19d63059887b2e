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

/** Whether the notebook evaluates before an iteration: every `evalInterval`, and at the last. */
export function isEvaluated(iteration: number, { iters, evalInterval }: TrainingConfig): boolean {
  return iteration % evalInterval === 0 || iteration === iters - 1;
}

/** A model, its optimizer and everything drawn from one generator, ready to train. */
export class Trainer {
  /** What updates the model. */
  readonly optimizer: AdamW;
  readonly #update: Program;
  readonly #loss: Program;
  readonly #shape: [number, number];
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
    this.#shape = [config.batchSize, model.blockSize];
    this.optimizer = new AdamW(config.learningRate);
    this.optimizer.prepare(this.variables());
    this.#update = compile((x, y) => this.update(x, y), [this.#shape, this.#shape]);
    this.#loss = compile((x, y) => model.loss(x, y), [this.#shape, this.#shape]);
  }

  /** How many updates were made. */
  get iteration(): number {
    return this.optimizer.step;
  }

  /** What the optimizer updates. */
  variables(): tf.Variable[] {
    return [...this.model.namedParameters()].map(([, parameter]) => parameter.variable);
  }

  /** Draws a batch of one part. */
  getBatch(part: keyof Split): Batch {
    return getBatch(this.data[part], ...this.#shape, this.generator);
  }

  /**
   * One iteration: an update by a batch's gradients, dropout on.
   *
   * @returns the batch's loss before the update, at once where the backend can: waiting for what is
   * there would take as long as a small step
   * @throws {UserError} if the loss is no longer a finite number
   */
  step(batch: Batch = this.getBatch("train")): number | Promise<number> {
    if (!this.model.training) this.model.train();
    const iteration = this.iteration;
    this.#lastBatch = batch;
    const losses = this.#update.run(batch.x, batch.y);
    if (losses instanceof Promise) return losses.then(([loss]) => this.#finite(loss, iteration));
    return this.#finite(losses[0], iteration);
  }

  /** What a step computes, uncompiled: x, y (B, T) int32 -> the loss before the update. */
  update(x: tf.Tensor2D, y: tf.Tensor2D): tf.Scalar {
    return this.optimizer.minimize(() => this.model.loss(x, y), true, this.variables())!;
  }

  /**
   * The mean loss of `evalIters` random batches of each part, dropout off.
   *
   * @param onBatch told after each batch which share is done: a large model takes minutes
   * @throws {UserError} if a mean is not a finite number
   */
  async evaluate(onBatch?: (done: number) => void | Promise<void>): Promise<Evaluation> {
    if (!this.model.training) this.model.train();
    this.#update.prepare(); // first, since the evaluation can then share its memory
    const { evalIters } = this.config;
    const means = [];
    for (const [index, part] of (["train", "val"] as const).entries()) {
      const losses = new Float32Array(evalIters);
      for (let k = 0; k < evalIters; k++) {
        losses[k] = await this.#lossOf(this.getBatch(part));
        const waiting = onBatch?.((index * evalIters + k + 1) / (2 * evalIters));
        if (waiting) await waiting;
      }
      means.push(losses.reduce((sum, loss) => sum + loss, 0) / evalIters);
    }
    const [trainLoss, valLoss] = means.map((loss) => this.#finite(loss, this.iteration));
    return { step: this.iteration, trainLoss, valLoss };
  }

  /**
   * Checks that the last update did not ruin the model, which no step after it would tell; nothing
   * is drawn.
   *
   * @throws {UserError} if the last batch's loss is no longer a finite number
   */
  async check(): Promise<void> {
    if (this.#lastBatch) this.#finite(await this.#lossOf(this.#lastBatch), this.iteration);
  }

  /** A batch's loss, dropout off. */
  #lossOf({ x, y }: Batch): number | Promise<number> {
    if (this.model.training) this.model.eval();
    const losses = this.#loss.run(x, y);
    return losses instanceof Promise ? losses.then(([loss]) => loss) : losses[0];
  }

  #finite(loss: number, iteration: number): number {
    if (Number.isFinite(loss)) return loss;
    throw new UserError((nameOf) =>
      `the loss became ${loss} at iteration ${iteration}: try a smaller ` +
      `${nameOf("learningRate")} than ${this.config.learningRate}`
    );
  }

  /** Frees the optimizer's and the programs' memory. */
  dispose(): void {
    this.#update.dispose();
    this.#loss.dispose();
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
