/**
 * What PyTorch offers as one function each, `torch.nn.functional` in short: linear, embedding,
 * masking, gelu, layer norm, cross entropy, dropout.
 *
 * Each is spelled out in TensorFlow.js operations, from which its gradient follows. A backend that
 * has a kernel of the same name registered computes it in one go instead.
 *
 * @module
 */
import * as tf from "./tf.ts";
import type { Generator } from "./random.ts";

/** The result of the current backend's own kernel for the whole function, if it has one. */
export function fused<T extends tf.Tensor>(
  kernel: string,
  inputs: tf.NamedTensorMap,
  attributes: Record<string, unknown> = {},
): T | undefined {
  if (!tf.getKernel(kernel, tf.getBackend())) return undefined;
  const results = tf.engine()
    .runKernel(kernel, inputs, attributes as unknown as tf.NamedAttrMap) as T | T[];
  return Array.isArray(results) ? results[0] : results; // the others serve the gradient
}

/** x W^T + b: x (..., in), weight (out, in), bias (out) -> (..., out). */
export function linear<T extends tf.Tensor>(x: T, weight: tf.Tensor2D, bias?: tf.Tensor1D): T {
  const [outSize, inSize] = weight.shape;
  const rows = x.reshape<tf.Tensor2D>([-1, inSize]); // (rows, in)
  const y =
    fused<tf.Tensor2D>("LabLinear", bias ? { x: rows, weight, bias } : { x: rows, weight }) ??
      (bias
        ? tf.matMul(rows, weight, false, true).add(bias)
        : tf.matMul(rows, weight, false, true));
  return y.reshape<T>([...x.shape.slice(0, -1), outSize]);
}

/** Row i of the table for each index i: indices (...), table (n, d) -> (..., d). */
export function embedding(indices: tf.Tensor, table: tf.Tensor2D): tf.Tensor {
  const [n, d] = table.shape;
  const flat = indices.flatten<tf.Tensor1D>(); // (tokens)
  const rows = fused<tf.Tensor2D>("LabEmbedding", { indices: flat, table }) ??
    gather(flat, table, n);
  return rows.reshape([...indices.shape, d]);
}

/** tf.gather with a gradient that every backend can compute: tfjs wasm lacks UnsortedSegmentSum. */
function gather(indices: tf.Tensor1D, table: tf.Tensor2D, n: number): tf.Tensor2D {
  const withGradient = tf.customGrad((...inputs) => {
    const [t, save] = inputs as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    save([indices]);
    return {
      value: tf.gather(t, indices),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        tf.matMul(oneHot(saved[0], n), dy as tf.Tensor2D, true),
    };
  });
  return withGradient(table) as tf.Tensor2D;
}

/** 1 at each index, else 0, also for n = 1, which tf.oneHot refuses: (N) int32 -> (N, n). */
function oneHot(indices: tf.Tensor, n: number): tf.Tensor2D {
  return tf.equal(indices.expandDims(1), tf.range(0, n, 1, "int32")).toFloat() as tf.Tensor2D;
}

/** Scores with those of the future, above the diagonal, set to -infinity: (..., T, T) -> same. */
export function maskFuture<T extends tf.Tensor>(scores: T): T {
  const masked = fused<T>("LabMaskFuture", { x: scores });
  if (masked) return masked;
  const size = scores.shape[scores.rank - 1];
  const column = tf.range(0, size); // (T)
  const isFuture = tf.greater(column, column.expandDims(1)); // (T, T)
  const penalty = tf.where(isFuture, tf.fill([size, size], -Infinity), tf.zeros([size, size]));
  return scores.add(penalty);
}

/** e^x / sum of them over the last axis. */
export function softmax<T extends tf.Tensor>(x: T): T {
  return fused<T>("LabSoftmax", { x }) ?? tf.softmax(x);
}

/** max(0, x). */
export function relu<T extends tf.Tensor>(x: T): T {
  return fused<T>("LabRelu", { x }) ?? tf.relu(x);
}

/** x times how likely a number of N(0, 1) is below x, in GPT-2's approximation by tanh. */
export function gelu<T extends tf.Tensor>(x: T): T {
  const y = fused<T>("LabGelu", { x });
  if (y) return y;
  const inner = x.square().mul(0.044715).add(1).mul(x).mul(Math.sqrt(2 / Math.PI));
  return inner.tanh().add(1).mul(x).mul(0.5) as T;
}

/** (x - mean) / sqrt(variance + epsilon) * weight + bias over the last axis (Ba et al., 2016). */
export function layerNorm<T extends tf.Tensor>(
  x: T,
  weight: tf.Tensor1D,
  bias: tf.Tensor1D,
  epsilon = 1e-5,
): T {
  const y = fused<T>("LabLayerNorm", { x, weight, bias }, { epsilon });
  if (y) return y;
  const { mean, variance } = tf.moments(x, -1, true); // (..., 1)
  const normalized = x.sub(mean).div(variance.add(epsilon).sqrt());
  return normalized.mul(weight).add(bias) as T;
}

/**
 * Rows turned by their places: x (..., T, d), turns (T, d), the cosines of T x d/2 angles and then
 * their sines -> like x. The numbers j and d/2 + j of a row are one point's coordinates.
 */
export function rotary<T extends tf.Tensor>(x: T, turns: tf.Tensor2D): T {
  const y = fused<T>("LabRotary", { x, turns });
  if (y) return y;
  const [a, b] = tf.split(x, 2, -1); // (..., T, d/2) each
  const [cosines, sines] = tf.split(turns, 2, -1); // (T, d/2) each
  const turned = [a.mul(cosines).sub(b.mul(sines)), a.mul(sines).add(b.mul(cosines))];
  return tf.concat(turned, -1) as T;
}

/**
 * What gradients are multiplied with so that their norm, of all together, is at most `limit`: as
 * `torch.nn.utils.clip_grad_norm_`, which never makes them larger.
 */
export function clipFactor(gradients: tf.Tensor[], limit: number): tf.Scalar {
  return tf.tidy(() => {
    const sums = gradients.map((g) => fused<tf.Tensor1D>("LabSquareSums", { x: g }));
    if (sums[0]) {
      const all = tf.concat(sums as tf.Tensor1D[]);
      return fused<tf.Scalar>("LabClipFactor", { sums: all }, { limit })!;
    }
    const squares = gradients.map((g) => g.square().sum().reshape<tf.Tensor1D>([1]));
    const norm = tf.concat(squares).sum().sqrt();
    return tf.minimum<tf.Scalar>(1, tf.div(limit, norm.add(1e-6)));
  });
}

/** The mean of -log softmax(logits)[target]: logits (N, classes), targets (N) int32 -> scalar. */
export function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor1D): tf.Scalar {
  const loss = fused<tf.Scalar>("LabCrossEntropy", { logits, targets });
  if (loss) return loss;
  const isTarget = oneHot(targets, logits.shape[1]); // (N, classes)
  return tf.logSoftmax(logits).mul(isTarget).sum(-1).mean<tf.Scalar>().neg();
}

/** Zeroes each value with probability p and scales the others by 1 / (1 - p). */
export function dropout<T extends tf.Tensor>(x: T, p: number, generator: Generator): T {
  const y = fused<T>("LabDropout", { x }, { p, generator });
  if (y) return y;
  const mask = tf.tensor(generator.bernoulli(x.size, 1 - p), x.shape, "float32");
  return x.mul(mask).mul(1 / (1 - p)) as T;
}

/**
 * For each row an index drawn with its probabilities, as `torch.multinomial(probs, 1)`:
 * (rows, n) -> (rows). PyTorch divides each by an exponential draw and takes the largest quotient.
 */
export function multinomial(probs: tf.Tensor2D, generator: Generator): tf.Tensor1D {
  const drawn = fused<tf.Tensor1D>("LabMultinomial", { probs }, { generator });
  if (drawn) return drawn;
  const q = tf.tensor2d(generator.exponential(probs.size), probs.shape); // (rows, n)
  return probs.div<tf.Tensor2D>(q).argMax<tf.Tensor1D>(-1).toFloat(); // (rows)
}

/**
 * `variable.copy_(x)`: new values in the variable's own memory, where captured steps find them;
 * TensorFlow.js's `assign` would give it other memory.
 */
export function copyInto(variable: tf.Variable, x: tf.Tensor): void {
  tf.tidy(() => {
    if (!fused("LabCopyInto", { x, variable })) variable.assign(x);
  });
}

/**
 * Puts a row where a variable's memory has zeros: variable (1, n, d), row (1, 1, d), at (1, 1) int32;
 * gives all its rows (1, n, d).
 */
export function putRow(
  variable: tf.Variable<tf.Rank.R3>,
  row: tf.Tensor3D,
  at: tf.Tensor2D,
): tf.Tensor3D {
  const put = fused<tf.Tensor3D>("LabPutRow", { variable, row, at });
  if (put) return put;
  const here = oneHot(at.reshape([1]), variable.shape[1]); // (1, n)
  const placed = tf.matMul(here, row.squeeze<tf.Tensor2D>([0]), true); // (n, d)
  const sum = variable.add<tf.Tensor3D>(placed.reshape(variable.shape)); // (1, n, d)
  copyInto(variable, sum);
  return sum;
}
