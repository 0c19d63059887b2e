/**
 * Sums over many rows, taken of two halves first, whatever the number of threads: two threads then
 * need not read each other's rows.
 *
 * @module
 */
import type * as tf from "../../../tf.ts";
import { type Device, size } from "./operation.ts";

/** How many parts so many rows are summed in. */
export function partsOf(rows: number): number {
  return rows >= 32 && rows % 2 === 0 ? 2 : 1;
}

/** The sum of a tensor's parts, which is freed: (parts, …shape) -> shape. */
export function sumParts(device: Device, partial: tf.TensorInfo): tf.TensorInfo {
  const [parts, ...shape] = partial.shape;
  if (parts === 1) return { ...partial, shape };
  const total = device.make(shape);
  const columns = size(total);
  const args = { x: partial, y: total, rows: parts, columns, begin: 0, end: columns };
  device.callLater("sum_rows", args, total);
  device.disposeData(partial.dataId);
  return total;
}
