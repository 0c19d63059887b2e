/**
 * The gradients of the engine's own operations, from the formulas in each kernel's file.
 *
 * @module
 */
import * as tf from "../../tf.ts";

function run<T extends tf.Tensor>(
  kernel: string,
  inputs: tf.NamedTensorMap,
  attributes: Record<string, unknown> = {},
): T {
  return tf.engine().runKernel(kernel, inputs, attributes as unknown as tf.NamedAttrMap) as T;
}

/** The gradient of the first result; the others are only kept for it. */
const first = (dy: tf.Tensor | tf.Tensor[]) => Array.isArray(dy) ? dy[0] : dy;

/** Registers every gradient, once. */
export function registerGradients(): void {
  tf.registerGradient({
    kernelName: "LabLinear",
    inputsToSave: ["x", "weight"],
    gradFunc: (dy, [x, weight]) => ({
      x: () => tf.matMul(first(dy), weight),
      weight: () => tf.matMul(first(dy), x, true),
      bias: () => first(dy).sum(0),
    }),
  });
  tf.registerGradient({
    kernelName: "LabEmbedding",
    inputsToSave: ["indices", "table"],
    gradFunc: (dy, [indices, table]) => ({
      table: () => run("LabEmbeddingGradient", { indices, dy: first(dy) }, { n: table.shape[0] }),
    }),
  });
  tf.registerGradient({
    // What comes back for the future is 0 already: softmax gives it no weight.
    kernelName: "LabMaskFuture",
    gradFunc: (dy) => ({ x: () => first(dy).clone() }),
  });
  tf.registerGradient({
    kernelName: "LabSoftmax",
    outputsToSave: [true],
    gradFunc: (dy, [y]) => ({ x: () => run("LabSoftmaxGradient", { y, dy: first(dy) }) }),
  });
  tf.registerGradient({
    // The output tells as much as the input, and the next layer keeps it anyway.
    kernelName: "LabRelu",
    outputsToSave: [true],
    gradFunc: (dy, [y]) => ({ x: () => run("LabReluGradient", { x: y, dy: first(dy) }) }),
  });
  tf.registerGradient({
    kernelName: "LabGelu",
    inputsToSave: ["x"],
    gradFunc: (dy, [x]) => ({ x: () => run("LabGeluGradient", { x, dy: first(dy) }) }),
  });
  tf.registerGradient({
    kernelName: "LabLayerNorm",
    inputsToSave: ["x", "weight"],
    outputsToSave: [false, true, true],
    gradFunc: (dys, [x, weight, means, rstds]) => {
      const dy = first(dys);
      return {
        x: () => run("LabLayerNormGradient", { x, weight, means, rstds, dy }),
        weight: () => run("LabLayerNormWeightGradient", { x, means, rstds, dy }),
        bias: () => dy.reshape([-1, x.shape[x.rank - 1]]).sum(0),
      };
    },
  });
  tf.registerGradient({
    kernelName: "LabCrossEntropy",
    inputsToSave: ["targets"],
    outputsToSave: [false, true],
    gradFunc: (dy, [targets, probs]) => ({
      logits: () => run("LabCrossEntropyGradient", { probs, targets, dloss: first(dy) }),
    }),
  });
  tf.registerGradient({
    kernelName: "LabDropout",
    outputsToSave: [false, true],
    gradFunc: (dy, [mask], attributes) => ({
      x: () => run("LabDropoutApply", { x: first(dy), mask }, { p: attributes.p }),
    }),
  });
}
