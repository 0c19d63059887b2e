/**
 * tf.matMul. Its gradients are products too.
 *
 * @module
 */
import * as tf from "../../../tf.ts";
import { type Forward, onFloats, type Operation, Unsupported } from "./operation.ts";
import { partsOf, sumParts } from "./parts.ts";
import { product, productTouches } from "./product.ts";

const forward: Forward = (device, { a, b }, { transposeA, transposeB }) => {
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
    const c = device.make([parts, ...a.shape.slice(0, -2), m, n]);
    const [aStride, bStride] = [m * k / parts, k * n / parts];
    product(device, "tn", { a, b, c }, { batch: parts, m, n, k: k / parts, aStride, bStride });
    return sumParts(device, c);
  }
  const leading = (aBatch >= bBatch ? a : b).shape.slice(0, -2);
  const c = device.make([...leading, m, n]);
  const [aStride, bStride] = [aBatch > 1 ? m * k : 0, bBatch > 1 ? k * n : 0];
  const isLower = !transposeB && device.above(a) === "zero";
  const form = transposeB ? "nt" : transposeA ? "tn" : "nn";
  product(device, form, { a, b, c }, { batch, m, n, k, aStride, bStride }, isLower);
  return c;
};

export const matmul: Operation = {
  forward: { BatchMatMul: onFloats(forward) },
  touches: productTouches,
};
