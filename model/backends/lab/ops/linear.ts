/**
 * x W^T + bias, as torch.nn.functional.linear.
 *
 * @module
 */
import * as tf from "../../../tf.ts";
import { first, type Forward, type Operation, requireSizes } from "./operation.ts";
import { product } from "./product.ts";

/** x (m, k), weight (n, k), bias (n) or none -> (m, n). */
const forward: Forward = (device, { x, weight, bias }) => {
  const [m, k] = x.shape;
  const n = weight.shape[0];
  requireSizes({ weight }, n * k);
  requireSizes({ bias }, n);
  const y = device.make([m, n]);
  const sizes = { batch: 1, m, n, k, aStride: 0, bStride: 0 };
  product(device, "nt", { a: x, b: weight, c: y, bias }, sizes);
  return y;
};

export const linear: Operation = {
  forward: { LabLinear: forward },
  gradients: {
    LabLinear: {
      inputsToSave: ["x", "weight"],
      gradFunc: (dy, [x, weight]) => ({
        x: () => tf.matMul(first(dy), weight),
        weight: () => tf.matMul(first(dy), x, true),
        bias: () => first(dy).sum(0),
      }),
    },
  },
};
