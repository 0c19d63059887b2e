/**
 * The sum of two tensors, one of which may be repeated for the other's leading rows.
 *
 * @module
 */
import * as tf from "../../../tf.ts";
import { type Forward, onFloats, type Operation, size, Unsupported, vectors } from "./operation.ts";
import { ownUnits, reads, vectors as ownVectors, whole, writes } from "./touches.ts";

const forward: Forward = (device, { a, b }) => {
  if (size(a) < size(b)) [a, b] = [b, a];
  const isSame = tf.util.arraysEqual(a.shape, b.shape);
  if (!isSame && !endsWith(a.shape, b.shape)) {
    throw new Unsupported(`the engine cannot add ${a.shape} and ${b.shape}`);
  }
  const c = device.make(a.shape);
  if (isSame) device.call("add", { a, b, c, begin: 0, end: vectors(a) });
  else device.call("add_rows", { a, b, c, columns: size(b), begin: 0, end: size(a) / size(b) });
  return c;
};

/** Whether b's shape ends a's: then b can be repeated for each of a's leading rows. */
function endsWith(a: number[], b: number[]): boolean {
  return b.length <= a.length && b.every((n, i) => n === a[a.length - b.length + i]);
}

export const add: Operation = {
  forward: { Add: onFloats(forward) },
  touches: {
    add: { a: reads(ownVectors), b: reads(ownVectors), c: writes(ownVectors) },
    add_rows: { a: reads(ownUnits), b: reads(whole), c: writes(ownUnits) },
  },
};
