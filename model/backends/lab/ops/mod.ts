/**
 * Every operation that the engine has, those that the lab's models use. Any other is left to
 * TensorFlow.js's own CPU backend, outside captured steps.
 *
 * @module
 */
import * as tf from "../../../tf.ts";
import { adamW } from "./adamw.ts";
import { add } from "./add.ts";
import { cast } from "./cast.ts";
import { clip } from "./clip.ts";
import { concat } from "./concat.ts";
import { copyInto } from "./copy_into.ts";
import { crossEntropy } from "./cross_entropy.ts";
import { dropout } from "./dropout.ts";
import { embedding } from "./embedding.ts";
import { gelu } from "./gelu.ts";
import { layerNorm } from "./layer_norm.ts";
import { linear } from "./linear.ts";
import { maskFuture } from "./mask_future.ts";
import { matmul } from "./matmul.ts";
import { multinomial } from "./multinomial.ts";
import { multiply } from "./multiply.ts";
import type { Forward, Operation, Touches } from "./operation.ts";
import { putRow } from "./put_row.ts";
import { range } from "./range.ts";
import { relu } from "./relu.ts";
import { reshape } from "./reshape.ts";
import { rotary } from "./rotary.ts";
import { slice } from "./slice.ts";
import { softmax } from "./softmax.ts";
import { split } from "./split.ts";
import { sum } from "./sum.ts";

const operations: Operation[] = [
  ...[adamW, add, cast, clip, concat, copyInto, crossEntropy, dropout, embedding, gelu, layerNorm],
  ...[
    linear,
    maskFuture,
    matmul,
    multinomial,
    multiply,
    putRow,
    range,
    relu,
    reshape,
    rotary,
    slice,
    softmax,
  ],
  ...[split, sum],
];

/** What computes each, by the name under which TensorFlow.js runs it. */
export const forwards: Record<string, Forward> = Object.assign(
  {},
  ...operations.map(({ forward }) => forward),
);

/** The memory that each kernel touches. */
export const touches: Touches = Object.assign({}, ...operations.map(({ touches }) => touches));

/** Tells TensorFlow.js the gradients, once. */
export function registerGradients(): void {
  for (const [kernelName, config] of operations.flatMap((o) => Object.entries(o.gradients ?? {}))) {
    tf.registerGradient({ kernelName, ...config });
  }
}
