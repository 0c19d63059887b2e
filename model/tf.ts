/**
 * What TensorFlow.js is to the lab: tensors, operations, automatic differentiation and the CPU
 * backend. Every other file takes it from here, under the name `tf`.
 *
 * The union package `@tensorflow/tfjs` has the same and six times as many megabytes (layers, data,
 * converter, WebGL), so the lab takes its two parts. What the union registers besides is registered
 * here: operations as methods of tensors, and gradients (tf_gradients.ts).
 *
 * @module
 */
import "@tensorflow/tfjs-backend-cpu";
import * as core from "@tensorflow/tfjs-core";
import type {} from "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.d.ts";
import { registerGradients } from "./tf_gradients.ts";

export * from "@tensorflow/tfjs-core";

/** Operations that a tensor has as methods: x.add(y) is tf.add(x, y). */
const operations = [
  ...["abs", "add", "argMax", "argMin", "cast", "concat", "div", "equal", "exp", "expandDims"],
  ...["gather", "greater", "greaterEqual", "less", "lessEqual", "log", "logSoftmax", "matMul"],
  ...["max", "maximum", "mean", "min", "minimum", "mul", "neg", "notEqual", "oneHot", "pad", "pow"],
  ...["relu", "reshape", "rsqrt", "sigmoid", "slice", "softmax", "split", "sqrt", "square"],
  ...["squaredDifference", "squeeze", "stack", "sub", "sum", "tanh", "tile", "topk", "transpose"],
  ...["unstack", "where", "zerosLike", "onesLike"],
] as const;

/** What is written differently as a method. */
const shortcuts = {
  flatten: (x: core.Tensor) => core.reshape(x, [x.size]),
  as1D: (x: core.Tensor) => core.reshape(x, [x.size]),
  asScalar: (x: core.Tensor) => core.reshape(x, []),
  toFloat: (x: core.Tensor) => core.cast(x, "float32"),
  toInt: (x: core.Tensor) => core.cast(x, "int32"),
};

type Methods = Record<string, (this: core.Tensor, ...args: never[]) => unknown>;

/** Gives tensors their methods. */
function registerMethods(): void {
  const functions = core as unknown as Record<string, (...args: unknown[]) => unknown>;
  const methods = core.Tensor.prototype as unknown as Methods;
  for (const name of operations) {
    methods[name] = function (...args) {
      return name === "concat" || name === "stack"
        ? functions[name]([this, ...[args[0]].flat()], args[1])
        : functions[name](this, ...args);
    };
  }
  for (const [name, shortcut] of Object.entries(shortcuts)) {
    methods[name] = function () {
      return shortcut(this);
    };
  }
}

registerMethods();
registerGradients();
