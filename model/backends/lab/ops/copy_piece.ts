/**
 * Copying numbers that lie side by side.
 *
 * @module
 */
import type * as tf from "../../../tf.ts";
import type { Buffer } from "../capture/trace.ts";
import type { Device } from "./operation.ts";

/** Copies `count` numbers, the first of which is the one at `start`. */
export function copyPiece(
  device: Device,
  from: tf.TensorInfo | Buffer,
  to: tf.TensorInfo,
  count: number,
  start = 0,
): void {
  device.call("copy_columns", {
    ...{ from, to, width: count },
    ...{ fromColumns: 0, fromOffset: start, toColumns: 0, toOffset: 0 },
    ...{ begin: 0, end: 1 },
  });
}
