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
const operations = `
  abs acos acosh add all any argMax argMin asin asinh atan atan2 atanh avgPool batchToSpaceND
  batchNorm broadcastTo cast ceil clipByValue conv1d conv2d conv2dTranspose cos cosh cumprod
  cumsum depthToSpace depthwiseConv2d dilation2d div divNoNan dot elu equal erf euclideanNorm
  exp expandDims expm1 fft floor floorDiv gather greater greaterEqual ifft irfft isFinite isInf
  isNaN leakyRelu less lessEqual localResponseNormalization log log1p logSigmoid logSoftmax
  logSumExp logicalAnd logicalNot logicalOr logicalXor matMul max maxPool maximum mean min
  minimum mirrorPad mod mul neg norm notEqual oneHot onesLike pad pool pow prelu prod reciprocal
  relu relu6 reshape reverse rfft round rsqrt selu separableConv2d sigmoid sign sin sinh slice
  softmax softplus spaceToBatchND split sqrt square squaredDifference squeeze step stridedSlice
  sub sum tan tanh tile topk transpose unique unsortedSegmentSum unstack zerosLike
`.trim().split(/\s+/);

type Method = (x: core.Tensor, ...rest: never[]) => unknown;

/** Methods that are written differently from the operation behind them. */
const shortcuts: Record<string, Method> = {
  flatten: (x) => core.reshape(x, [x.size]),
  as1D: (x) => core.reshape(x, [x.size]),
  as2D: (x, ...shape) => core.reshape(x, shape),
  as3D: (x, ...shape) => core.reshape(x, shape),
  as4D: (x, ...shape) => core.reshape(x, shape),
  as5D: (x, ...shape) => core.reshape(x, shape),
  asScalar: (x) => core.reshape(x, []),
  reshapeAs: (x, { shape }: core.Tensor) => core.reshape(x, shape),
  asType: (x, dtype) => core.cast(x, dtype),
  toBool: (x) => core.cast(x, "bool"),
  toFloat: (x) => core.cast(x, "float32"),
  toInt: (x) => core.cast(x, "int32"),
  concat: (x, others: core.Tensor | core.Tensor[], axis?: number) =>
    core.concat([x, ...[others].flat()], axis),
  stack: (x, others: core.Tensor | core.Tensor[], axis?: number) =>
    core.stack([x, ...[others].flat()], axis),
  where: (x, condition: core.Tensor, otherwise: core.Tensor) => core.where(condition, x, otherwise),
  resizeBilinear: (x, ...rest) => core.image.resizeBilinear(x as core.Tensor3D, ...rest as [never]),
  resizeNearestNeighbor: (x, ...rest) =>
    core.image.resizeNearestNeighbor(x as core.Tensor3D, ...rest as [never]),
};

/** Gives tensors their methods. */
function registerMethods(): void {
  const functions = core as unknown as Record<string, Method>;
  const methods = core.Tensor.prototype as unknown as Record<string, unknown>;
  const named = operations.map((name) => [name, functions[name]] as const);
  for (const [name, operation] of [...named, ...Object.entries(shortcuts)]) {
    methods[name] = function (this: core.Tensor, ...rest: never[]) {
      return operation(this, ...rest);
    };
  }
}

registerMethods();
registerGradients();
