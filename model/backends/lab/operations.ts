/**
 * TensorFlow.js's operations on the engine: those that the lab's models use. Any other is left to
 * TensorFlow.js's own CPU backend, outside captured steps.
 *
 * @module
 */
import * as tf from "../../tf.ts";
import type { AdamW } from "../../adamw.ts";
import type { Generator } from "../../random.ts";
import type { LabBackend } from "./backend.ts";
import { productKernel } from "./blas.ts";

/** The engine lacks this form of an operation. */
export class Unsupported extends Error {}

type Inputs = Record<string, tf.TensorInfo>;
// deno-lint-ignore no-explicit-any -- each operation knows its own attributes
type Attributes = any;
type Operation = (
  backend: LabBackend,
  inputs: Inputs,
  attributes: Attributes,
) => tf.TensorInfo | tf.TensorInfo[];

const size = ({ shape }: tf.TensorInfo) => tf.util.sizeFromShape(shape);
const vectors = (tensor: tf.TensorInfo) => Math.ceil(size(tensor) / 4);
const columnsOf = ({ shape }: tf.TensorInfo) => shape[shape.length - 1];
const rowsOf = (tensor: tf.TensorInfo) => size(tensor) / (columnsOf(tensor) || 1);

/** Runs an elementwise kernel: its arguments, then the range of vectors. */
function elementwise(backend: LabBackend, kernel: string, like: tf.TensorInfo, ...args: unknown[]) {
  const result = backend.make(like.shape);
  const [inputs, numbers] = [
    args.filter((a) => typeof a === "object"),
    args.filter((a) => typeof a === "number"),
  ];
  backend.call(
    kernel,
    ...inputs as tf.TensorInfo[],
    result,
    ...numbers as number[],
    0,
    vectors(like),
  );
  return result;
}

/** Whether b's shape ends a's: then b can be repeated for each of a's leading rows. */
function endsWith(a: number[], b: number[]): boolean {
  return b.length <= a.length && b.every((n, i) => n === a[a.length - b.length + i]);
}

function product(
  backend: LabBackend,
  form: "nt" | "nn" | "tn",
  [a, b, c, bias]: [tf.TensorInfo, tf.TensorInfo, tf.TensorInfo, tf.TensorInfo | undefined],
  [batch, m, n, k]: number[],
  [aStride, bStride]: number[],
): void {
  const { kernels } = backend.engine;
  const scratch = { scratch: Number(kernels.gemm_scratch_bytes(m)) };
  const sizes = [batch, m, n, k, aStride, bStride, m * n];
  const work = batch * m * n * k / 4; // multiply-adds by vectors
  const kernel = productKernel(kernels, form, [m, n, k]);
  backend.callWithWork(work, kernel, a, b, c, bias ?? 0, ...sizes, scratch, 0, batch * m);
}

/**
 * Sums over many rows are taken of two halves first, whatever the number of threads: two threads
 * then need not read each other's rows.
 */
function partsOf(rows: number): number {
  return rows >= 32 && rows % 2 === 0 ? 2 : 1;
}

/** The sum of a tensor's parts, which is freed: (parts, …shape) -> shape. */
function sumParts(backend: LabBackend, partial: tf.TensorInfo): tf.TensorInfo {
  const [parts, ...shape] = partial.shape;
  if (parts === 1) return { ...partial, shape };
  const total = backend.make(shape);
  const columns = size(total);
  backend.callLater("sum_rows", total, partial, total, parts, columns, 0, columns);
  backend.disposeData(partial.dataId);
  return total;
}

const batchMatMul: Operation = (backend, { a, b }, { transposeA, transposeB }) => {
  if (transposeA && transposeB) {
    throw new Unsupported("the engine does not turn both factors round");
  }
  const [aRows, aColumns] = a.shape.slice(-2);
  const [bRows, bColumns] = b.shape.slice(-2);
  const [m, k] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const [inner, n] = transposeB ? [bColumns, bRows] : [bRows, bColumns];
  if (k !== inner) {
    throw new Error(
      `Error in matMul: the inner sizes ${k} and ${inner} of (${a.shape.join(", ")}) and ` +
        `(${b.shape.join(", ")}) must match`,
    );
  }
  const [aBatch, bBatch] = [a, b].map((t) => tf.util.sizeFromShape(t.shape.slice(0, -2)));
  if (aBatch !== bBatch && aBatch !== 1 && bBatch !== 1) {
    throw new Unsupported(`the engine cannot multiply batches of ${aBatch} and ${bBatch} matrices`);
  }
  const batch = Math.max(aBatch, bBatch);
  const parts = batch === 1 && transposeA ? partsOf(k) : 1;
  if (parts > 1) {
    const partial = backend.make([parts, ...a.shape.slice(0, -2), m, n]);
    const sizes = [parts, m, n, k / parts];
    product(backend, "tn", [a, b, partial, undefined], sizes, [m * k / parts, k * n / parts]);
    return sumParts(backend, partial);
  }
  const leading = (aBatch >= bBatch ? a : b).shape.slice(0, -2);
  const c = backend.make([...leading, m, n]);
  const strides = [aBatch > 1 ? m * k : 0, bBatch > 1 ? k * n : 0];
  const form = transposeB ? "nt" : transposeA ? "tn" : "nn";
  product(backend, form, [a, b, c, undefined], [batch, m, n, k], strides);
  return c;
};

const add: Operation = (backend, { a, b }) => {
  if (size(a) < size(b)) [a, b] = [b, a];
  if (tf.util.arraysEqual(a.shape, b.shape)) return elementwise(backend, "add", a, a, b);
  if (!endsWith(a.shape, b.shape)) {
    throw new Unsupported(`the engine cannot add ${a.shape} and ${b.shape}`);
  }
  const c = backend.make(a.shape);
  backend.call("add_rows", a, b, c, size(b), 0, size(a) / size(b));
  return c;
};

const multiply: Operation = (backend, { a, b }) => {
  if (size(a) < size(b)) [a, b] = [b, a];
  if (tf.util.arraysEqual(a.shape, b.shape)) return elementwise(backend, "multiply", a, a, b);
  if (size(b) !== 1) throw new Unsupported(`the engine cannot multiply ${a.shape} by ${b.shape}`);
  const c = backend.make(a.shape);
  backend.call("scale", a, b, c, 0, vectors(a));
  return c;
};

const sum: Operation = (backend, { x }, { axis, keepDims }) => {
  const axes = tf.util.parseAxisParam(axis, x.shape);
  if (axes.some((a, i) => a !== i)) throw new Unsupported("the engine sums over leading axes only");
  const rest = x.shape.slice(axes.length);
  const columns = tf.util.sizeFromShape(rest);
  const shape = keepDims ? [...axes.map(() => 1), ...rest] : rest;
  const rows = size(x) / columns;
  const parts = partsOf(rows);
  const y = backend.make([parts, ...shape]);
  backend.call("sum_rows", x, y, rows / parts, columns, 0, parts * columns);
  return sumParts(backend, y);
};

const concat: Operation = (backend, inputs, { axis }) => {
  const parts = Object.values(inputs);
  const { shape } = parts[0];
  if (tf.util.parseAxisParam(axis, shape)[0] !== shape.length - 1) {
    throw new Unsupported("the engine concatenates along the last axis only");
  }
  const columns = parts.reduce((total, part) => total + columnsOf(part), 0);
  const result = backend.make([...shape.slice(0, -1), columns]);
  let offset = 0;
  for (const part of parts) {
    const width = columnsOf(part);
    backend.call("copy_columns", part, result, width, 0, columns, offset, width, 0, rowsOf(part));
    offset += width;
  }
  return result;
};

const splitV: Operation = (backend, { x }, { numOrSizeSplits, axis }) => {
  const last = x.shape.length - 1;
  if (tf.util.parseAxisParam(axis, x.shape)[0] !== last) {
    throw new Unsupported("the engine splits along the last axis only");
  }
  const columns = columnsOf(x);
  const widths: number[] = tf.backend_util.prepareSplitSize(x as tf.Tensor, numOrSizeSplits, last);
  let offset = 0;
  return widths.map((width) => {
    const part = backend.make([...x.shape.slice(0, -1), width]);
    backend.call("copy_columns", x, part, columns, offset, width, 0, width, 0, rowsOf(x));
    offset += width;
    return part;
  });
};

/** A slice that lies in one piece, such as one position of a context. */
const slice: Operation = (backend, { x }, { begin, size: wanted }) => {
  const [from, shape] = tf.slice_util.parseSliceParams(x as tf.Tensor, begin, wanted);
  const start = tf.slice_util.computeFlatOffset(from, tf.util.computeStrides(x.shape));
  if (x.dtype === "bool" || !tf.slice_util.isSliceContinous(x.shape, from, shape)) {
    throw new Unsupported("the engine slices in one piece only");
  }
  const part = backend.make(shape, x.dtype);
  const n = size(part);
  backend.call("copy_columns", x, part, 0, start, 0, 0, n, 0, 1);
  return part;
};

const linear: Operation = (backend, { x, weight, bias }) => {
  const [m, k] = x.shape;
  const n = weight.shape[0];
  const y = backend.make([m, n]);
  product(backend, "nt", [x, weight, y, bias], [1, m, n, k], [0, 0]);
  return y;
};

const embedding: Operation = (backend, { indices, table }) => {
  const count = size(indices);
  const y = backend.make([count, columnsOf(table)]);
  backend.call("embedding", indices, table, y, columnsOf(table), 0, count);
  return y;
};

const embeddingGradient: Operation = (backend, { indices, dy }, { n }) => {
  const columns = columnsOf(dy);
  const parts = size(indices) >= n ? partsOf(size(indices)) : 1; // a large table takes longer to add
  const dtable = backend.make([parts, n, columns]);
  const count = size(indices) / parts;
  const units = parts * columns;
  backend.call("embedding_backward", indices, dy, dtable, count, n, columns, 0, units);
  return sumParts(backend, dtable);
};

const maskFuture: Operation = (backend, { x }) => {
  const y = backend.make(x.shape);
  backend.call("mask_future", x, y, columnsOf(x), -Infinity, 0, rowsOf(x));
  return y;
};

const softmax: Operation = (backend, { x }) => {
  const y = backend.make(x.shape);
  backend.call("softmax", x, y, columnsOf(x), 0, rowsOf(x));
  return y;
};

const softmaxGradient: Operation = (backend, { y, dy }) => {
  const dx = backend.make(y.shape);
  backend.call("softmax_backward", y, dy, dx, columnsOf(y), 0, rowsOf(y));
  return dx;
};

const layerNorm: Operation = (backend, { x, weight, bias }, { epsilon }) => {
  const y = backend.make(x.shape);
  const [means, rstds] = [0, 1].map(() => backend.make([rowsOf(x)]));
  backend.call("layer_norm", x, weight, bias, y, means, rstds, columnsOf(x), epsilon, 0, rowsOf(x));
  return [y, means, rstds];
};

const layerNormGradient: Operation = (backend, { x, weight, means, rstds, dy }) => {
  const dx = backend.make(x.shape);
  backend.call("layer_norm_backward", x, weight, means, rstds, dy, dx, columnsOf(x), 0, rowsOf(x));
  return dx;
};

const layerNormWeightGradient: Operation = (backend, { x, means, rstds, dy }) => {
  const columns = columnsOf(x);
  const parts = partsOf(rowsOf(x));
  const dweight = backend.make([parts, columns]);
  const rows = rowsOf(x) / parts;
  const sizes = [rows, columns, 0, parts * columns];
  backend.call("layer_norm_weight", x, means, rstds, dy, dweight, ...sizes);
  return sumParts(backend, dweight);
};

const crossEntropy: Operation = (backend, { logits, targets }) => {
  const [rows, columns] = logits.shape;
  const losses = backend.make([rows]);
  const probs = backend.make(logits.shape);
  const loss = backend.make([]);
  backend.call("cross_entropy", logits, targets, losses, probs, columns, 0, rows);
  backend.call("mean", losses, loss, rows, 0);
  backend.disposeData(losses.dataId);
  return [loss, probs];
};

const crossEntropyGradient: Operation = (backend, { probs, targets, dloss }) => {
  const [rows, columns] = probs.shape;
  const dlogits = backend.make(probs.shape);
  backend.call("cross_entropy_backward", probs, targets, dloss, dlogits, rows, columns, 0, rows);
  return dlogits;
};

/** A word with the seed of a new stream, drawn each time the step runs. */
const seedFrom = (backend: LabBackend, generator: Generator) =>
  backend.hostWritten(4, (address) => {
    backend.engine.allInts[address / 4] = generator.streamSeed();
  });

const dropout: Operation = (
  backend,
  { x },
  { p, generator }: { p: number; generator: Generator },
) => {
  const n = size(x);
  const groups = Math.ceil(n / 16);
  const seed = seedFrom(backend, generator);
  const mask = backend.make([groups * 4], "int32"); // a byte for each of x's numbers
  backend.call("bernoulli", seed, mask, 1 - p, 0, groups);
  backend.releaseHostWritten(seed);
  return [applyDropout(backend, { x, mask }, { p }) as tf.TensorInfo, mask];
};

const applyDropout: Operation = (backend, { x, mask }, { p }) => {
  const y = backend.make(x.shape);
  backend.call("dropout", x, mask, y, 1 / (1 - p), 0, vectors(x));
  return y;
};

const multinomial: Operation = (backend, { probs }, { generator }: { generator: Generator }) => {
  const chosen = backend.make([rowsOf(probs)]);
  const seed = seedFrom(backend, generator);
  backend.call("multinomial", probs, seed, chosen, columnsOf(probs), 0, rowsOf(probs));
  backend.releaseHostWritten(seed);
  return chosen;
};

/** Counts a step and gives what its updates multiply with. */
const adamWFactors: Operation = (backend, _, { optimizer }: { optimizer: AdamW }) => {
  const written = backend.hostWritten(24, (address) => {
    optimizer.step++;
    const f = optimizer.factors();
    const { decay, oneMinusBeta1, beta2, oneMinusBeta2, stepSize, correction } = f;
    const values = [decay, oneMinusBeta1, beta2, oneMinusBeta2, stepSize, correction];
    backend.engine.allFloats.set(values, address / 4);
  });
  const factors = backend.make([6]);
  backend.call("copy_columns", written, factors, 6, 0, 6, 0, 6, 0, 1);
  backend.releaseHostWritten(written);
  return factors;
};

/** Updates p, m and v where they are. */
const adamW: Operation = (backend, { p, g, m, v, factors }, { epsilon }) => {
  backend.call("adamw", p, g, m, v, factors, epsilon, 0, vectors(p));
  return backend.alias(p, p.shape);
};

/** Copies x into a variable, which stays where it is. */
const copyInto: Operation = (backend, { x, variable }) => {
  const n = size(x);
  backend.call("copy_columns", x, variable, 0, 0, 0, 0, n, 0, 1);
  return backend.alias(variable, variable.shape);
};

const cast: Operation = (backend, { x }, { dtype }) => {
  if (x.dtype === dtype) return backend.alias(x, x.shape);
  const values = backend.readSync(x.dataId);
  return { dataId: backend.write(values, x.shape, dtype), shape: x.shape, dtype };
};

const range: Operation = (backend, _, { start, stop, step, dtype }) => {
  const length = Math.max(0, Math.ceil((stop - start) / step));
  const values = Float32Array.from({ length }, (_, i) => start + i * step);
  return { dataId: backend.write(values, [length], dtype), shape: [length], dtype };
};

/** The operation, for floats only: TensorFlow.js uses it on other types too. */
const onFloats = (operation: Operation): Operation => (backend, inputs, attributes) => {
  const other = Object.values(inputs).find(({ dtype }) => dtype !== "float32");
  if (other) throw new Unsupported(`the engine has no such operation on ${other.dtype} tensors`);
  return operation(backend, inputs, attributes);
};

/** Every operation that the engine has. */
export const operations: Record<string, Operation> = {
  Reshape: (backend, { x }, { shape }) =>
    backend.alias(x, tf.util.inferFromImplicitShape(shape, size(x))),
  Identity: (backend, { x }) => backend.alias(x, x.shape),
  Cast: cast,
  Range: range,
  Add: onFloats(add),
  Multiply: onFloats(multiply),
  Sum: onFloats(sum),
  Concat: onFloats(concat),
  SplitV: onFloats(splitV),
  Slice: slice,
  BatchMatMul: onFloats(batchMatMul),
  LabLinear: linear,
  LabEmbedding: embedding,
  LabEmbeddingGradient: embeddingGradient,
  LabMaskFuture: maskFuture,
  LabSoftmax: softmax,
  LabSoftmaxGradient: softmaxGradient,
  LabRelu: (backend, { x }) => elementwise(backend, "relu", x, x),
  LabReluGradient: (backend, { x, dy }) => elementwise(backend, "relu_backward", x, x, dy),
  LabGelu: (backend, { x }) => elementwise(backend, "gelu", x, x),
  LabGeluGradient: (backend, { x, dy }) => elementwise(backend, "gelu_backward", x, x, dy),
  LabLayerNorm: layerNorm,
  LabLayerNormGradient: layerNormGradient,
  LabLayerNormWeightGradient: layerNormWeightGradient,
  LabCrossEntropy: crossEntropy,
  LabCrossEntropyGradient: crossEntropyGradient,
  LabDropout: dropout,
  LabDropoutApply: applyDropout,
  LabMultinomial: multinomial,
  LabAdamWFactors: adamWFactors,
  LabAdamW: adamW,
  LabCopyInto: copyInto,
};
