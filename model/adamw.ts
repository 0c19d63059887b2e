/**
 * AdamW (Loshchilov and Hutter, 2019) as an optimizer in TensorFlow.js's conventions, with
 * PyTorch's arithmetic and defaults. TensorFlow.js has Adam only, without decoupled weight decay.
 *
 * @module
 */
import * as tf from "./tf.ts";
import { fused } from "./functions.ts";

/** What one update multiplies and adds with; it changes from step to step. */
export interface AdamWStep {
  /** 1 - learningRate * weightDecay. */
  decay: number;
  /** 1 - beta1. */
  oneMinusBeta1: number;
  /** The factor of the running mean of squares. */
  beta2: number;
  /** 1 - beta2. */
  oneMinusBeta2: number;
  /** learningRate / (1 - beta1^step). */
  stepSize: number;
  /** sqrt(1 - beta2^step). */
  correction: number;
}

/** Adam with decoupled weight decay. */
export class AdamW extends tf.Optimizer {
  /** The name under which TensorFlow.js would serialize it. */
  static className = "AdamW";
  /** How many updates were made. */
  step = 0;
  /** For each parameter the running means of its gradient (m) and of its square (v). */
  readonly moments: Map<string, { m: tf.Variable; v: tf.Variable }> = new Map();

  /**
   * Starts with no updates made; the defaults are PyTorch's.
   *
   * @param learningRate read anew at each update
   */
  constructor(
    public learningRate: number,
    readonly beta1 = 0.9,
    readonly beta2 = 0.999,
    readonly epsilon = 1e-8,
    readonly weightDecay = 0.01,
  ) {
    super();
  }

  /** The factors of the update number `step`, which starts at 1. */
  factors(step = this.step): AdamWStep {
    return {
      decay: 1 - this.learningRate * this.weightDecay,
      oneMinusBeta1: 1 - this.beta1,
      beta2: this.beta2,
      oneMinusBeta2: 1 - this.beta2,
      stepSize: this.learningRate / (1 - this.beta1 ** step),
      correction: Math.sqrt(1 - this.beta2 ** step),
    };
  }

  /**
   * Updates each variable that has a gradient of its name; the others stay, as in PyTorch.
   *
   * @param scale what the gradients are multiplied with, if with anything
   */
  override applyGradients(
    gradients: tf.NamedTensorMap | { name: string; tensor: tf.Tensor }[],
    scale?: tf.Scalar,
  ): void {
    const factors = fused("LabAdamWFactors", {}, { optimizer: this });
    if (!factors) this.step++;
    const named = Array.isArray(gradients)
      ? gradients.map(({ name, tensor }) => [name, tensor] as const)
      : Object.entries(gradients);
    for (const [name, unscaled] of named) {
      if (!unscaled) continue; // the loss does not depend on it
      const variable = tf.engine().registeredVariables[name];
      const moments = this.#momentsOf(name, variable);
      const gradient = scale ? unscaled.mul(scale) : unscaled;
      if (!factors) this.#update(variable, gradient, moments);
      else {
        const { epsilon } = this;
        fused("LabAdamW", { p: variable, g: gradient, ...moments, factors }, { epsilon })!
          .dispose();
      }
      if (scale) gradient.dispose();
    }
    factors?.dispose();
  }

  /** Makes the running means of variables beforehand: a captured step must not. */
  prepare(variables: tf.Variable[]): void {
    for (const variable of variables) this.#momentsOf(variable.name, variable);
  }

  #momentsOf(name: string, variable: tf.Variable): { m: tf.Variable; v: tf.Variable } {
    let moments = this.moments.get(name);
    if (!moments) {
      const zeros = () => tf.tidy(() => tf.variable(tf.zeros(variable.shape), false));
      moments = { m: zeros(), v: zeros() };
      this.moments.set(name, moments);
    }
    return moments;
  }

  #update(p: tf.Variable, g: tf.Tensor, { m, v }: { m: tf.Variable; v: tf.Variable }): void {
    const f = this.factors();
    tf.tidy(() => {
      m.assign(m.add(g.sub(m).mul(f.oneMinusBeta1)));
      v.assign(v.mul(f.beta2).add(g.square().mul(f.oneMinusBeta2)));
      const denominator = v.sqrt().div(f.correction).add(this.epsilon);
      p.assign(p.mul(f.decay).sub(m.div(denominator).mul(f.stepSize)));
    });
  }

  /** Frees the running means. */
  override dispose(): void {
    for (const { m, v } of this.moments.values()) tf.dispose([m, v]);
    this.moments.clear();
  }

  /** The settings, as TensorFlow.js serializes an optimizer. */
  override getConfig(): ReturnType<tf.Optimizer["getConfig"]> {
    const { learningRate, beta1, beta2, epsilon, weightDecay } = this;
    return { learningRate, beta1, beta2, epsilon, weightDecay };
  }
}
