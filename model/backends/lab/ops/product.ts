/**
 * Matrix products C = A B + bias for a batch of matrices, A and B either way round: what matmul and
 * linear have in common.
 *
 * @module
 */
import type * as tf from "../../../tf.ts";
import type { Device, Touches } from "./operation.ts";
import { type Extent, numberOf, ownUnits, parts, reads, whole, writes } from "./touches.ts";

/** A product is added to what C holds for factors up to so deep. */
export const LARGEST_ADDED_DEPTH = 512;

/** The factors of a product, its result and what is added to each of its rows. */
export interface Product {
  a: tf.TensorInfo;
  b: tf.TensorInfo;
  c: tf.TensorInfo;
  bias?: tf.TensorInfo;
}

/** How many products, each (m, k) by (k, n), and how far apart their factors lie. */
export interface ProductSizes {
  batch: number;
  m: number;
  n: number;
  k: number;
  /** 0 if all products have the same A. */
  aStride: number;
  /** 0 if all products have the same B. */
  bStride: number;
}

/**
 * Multiplies: "nt" with B turned round, "tn" with A turned round, "nn" with neither. Where all is zero
 * above A's diagonal, as in attention's weights, half the work is left out (not in form "nt").
 */
export function product(
  device: Device,
  form: "nt" | "nn" | "tn",
  { a, b, c, bias }: Product,
  sizes: ProductSizes,
  isLower = false,
): void {
  const { kernels } = device.engine;
  const { batch, m, n, k } = sizes;
  const args = { a, b, c, bias: bias ?? 0 as const, ...sizes, cStride: m * n };
  const work = batch * m * n * k / 4; // multiply-adds by vectors
  const scratch = { scratch: kernels.gemm_scratch_bytes(m) };
  const all = { ...args, scratch, begin: 0, end: batch * m };
  if (isLower && form !== "nt") device.call(`gemm_${form}_lower`, all, work / 2);
  else device.call(`gemm_${form}`, all, work);
}

/** Each matrix of the batch that the share's rows belong to, or the one that all have. */
const matrices = (stride: "aStride" | "bStride"): Extent => (share) => {
  const { batch } = share.args;
  const isShared = share.args[stride] === 0 && numberOf(batch) > 1;
  return isShared ? whole(share) : parts("m")(share);
};

/** The rows of A that the share multiplies. */
const rowsOfA: Extent = (share) => {
  const isShared = share.args.aStride === 0 && numberOf(share.args.batch) > 1;
  return isShared ? whole(share) : ownUnits(share);
};

const common = { b: reads(matrices("bStride")), c: writes(ownUnits), bias: reads(whole) };

/** Units are rows of C. */
export const productTouches: Touches = {
  gemm_nn: { a: reads(rowsOfA), ...common },
  gemm_nt: { a: reads(rowsOfA), ...common },
  gemm_nn_added: { a: reads(rowsOfA), ...common },
  gemm_nn_lower: { a: reads(rowsOfA), ...common },
  gemm_nt_lower: { a: reads(rowsOfA), ...common },
  gemm_tn: { a: reads(matrices("aStride")), ...common }, // columns of A
  gemm_tn_lower: { a: reads(matrices("aStride")), ...common },
};
