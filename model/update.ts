/**
 * An update of a model by a batch: gradients, their norm, AdamW; at once or in parts.
 *
 * @module
 */
import * as tf from "./tf.ts";
import type { AdamW } from "./adamw.ts";
import { type Batch, partsOfBatch } from "./batches.ts";
import { clipFactor, copyInto } from "./functions.ts";
import type { LanguageModel } from "./language_model.ts";
import { compile, type Program } from "./program.ts";
import type { TrainingConfig } from "./stages.ts";

/** What an update depends on. */
export type UpdateConfig = Pick<TrainingConfig, "batchSize" | "accumulate" | "clip">;

/** The updates of a model by batches of one size. */
export interface Update {
  /** Updates the model; gives the batch's mean loss before that. */
  run(batch: Batch): number | Promise<number>;
  /** Does beforehand what the first run would do once. */
  prepare(): void;
  /** Frees what it keeps. */
  dispose(): void;
}

/** Makes a model's update; its variables and the optimizer's moments are there already. */
export function compileUpdate(
  model: LanguageModel,
  optimizer: AdamW,
  config: UpdateConfig,
): Update {
  const { accumulate } = config;
  return accumulate > 1
    ? new UpdateInParts(model, optimizer, config)
    : new UpdateAtOnce(model, optimizer, config);
}

/** What the optimizer updates. */
export function variablesOf(model: LanguageModel): tf.Variable[] {
  return [...model.namedParameters()].map(([, parameter]) => parameter.variable);
}

/** What an update computes, uncompiled: x, y (B, T) int32 -> the loss before it. */
export function update(
  model: LanguageModel,
  optimizer: AdamW,
  clip: number,
  x: tf.Tensor2D,
  y: tf.Tensor2D,
): tf.Scalar {
  const loss = () => model.loss(x, y);
  if (clip === 0) return optimizer.minimize(loss, true, variablesOf(model))!;
  const { value, grads } = optimizer.computeGradients(loss, variablesOf(model));
  apply(optimizer, grads, clip);
  tf.dispose(grads);
  return value;
}

/** Updates variables by their gradients, scaled to the norm if there is a largest one. */
function apply(optimizer: AdamW, gradients: tf.NamedTensorMap, clip: number): void {
  const found = Object.values(gradients).filter((gradient) => gradient); // of what the loss uses
  const factor = clip > 0 ? clipFactor(found, clip) : undefined;
  optimizer.applyGradients(gradients, factor);
  factor?.dispose();
}

/** The whole batch in one program. */
class UpdateAtOnce implements Update {
  readonly #program: Program;

  constructor(model: LanguageModel, optimizer: AdamW, { batchSize, clip }: UpdateConfig) {
    const shape: [number, number] = [batchSize, model.blockSize];
    this.#program = compile((x, y) => update(model, optimizer, clip, x, y), [shape, shape]);
  }

  run({ x, y }: Batch): number | Promise<number> {
    const losses = this.#program.run(x, y);
    return losses instanceof Promise ? losses.then(([loss]) => loss) : losses[0];
  }

  prepare(): void {
    this.#program.prepare();
  }

  dispose(): void {
    this.#program.dispose();
  }
}

/** Parts of the batch one after the other, whose gradients add up to the mean of the parts'. */
class UpdateInParts implements Update {
  /** Of each variable that the loss depends on. */
  readonly #sums = new Map<string, tf.Variable>();
  readonly #all: tf.Variable[];
  readonly #add: Program;
  readonly #apply: Program;
  readonly #parts: number;

  constructor(model: LanguageModel, optimizer: AdamW, config: UpdateConfig) {
    const { batchSize, accumulate, clip } = config;
    this.#parts = accumulate;
    const variables = variablesOf(model);
    for (const { name, shape } of variables) {
      this.#sums.set(name, tf.tidy(() => tf.variable(tf.zeros(shape), false)));
    }
    this.#all = [...this.#sums.values()];
    const shape: [number, number] = [batchSize / accumulate, model.blockSize];
    const share = (x: tf.Tensor2D, y: tf.Tensor2D) =>
      model.loss(x, y).mul<tf.Scalar>(1 / accumulate);
    this.#add = compile((x, y) => {
      const { value, grads } = optimizer.computeGradients(() => share(x, y), variables);
      for (const [name, sum] of this.#sums) {
        if (grads[name]) copyInto(sum, sum.add(grads[name]));
        else this.#sums.delete(name); // the loss does not depend on it
      }
      return value;
    }, [shape, shape]);
    this.#apply = compile(() => {
      apply(optimizer, Object.fromEntries(this.#sums), clip);
      for (const sum of this.#sums.values()) copyInto(sum, tf.zeros(sum.shape));
      return tf.scalar(0); // a program has a result
    }, []);
  }

  async run(batch: Batch): Promise<number> {
    let loss = 0;
    for (const { x, y } of partsOfBatch(batch, this.#parts)) loss += (await this.#add.run(x, y))[0];
    await this.#apply.run();
    return loss;
  }

  prepare(): void {
    this.#add.prepare();
    this.#apply.prepare();
  }

  dispose(): void {
    this.#add.dispose();
    this.#apply.dispose();
    tf.dispose(this.#all);
  }
}
