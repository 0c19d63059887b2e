/**
 * The product of two tensors, number by number, or of a tensor and one number.
 *
 * @module
 */
import * as tf from "../../../tf.ts";
import { type Forward, onFloats, type Operation, size, Unsupported, vectors } from "./operation.ts";
import { reads, vectors as ownVectors, whole, writes } from "./touches.ts";

const forward: Forward = (device, { a, b }) => {
  if (size(a) < size(b)) [a, b] = [b, a];
  const isSame = tf.util.arraysEqual(a.shape, b.shape);
  if (!isSame && size(b) !== 1) {
    throw new Unsupported(`the engine cannot multiply ${a.shape} by ${b.shape}`);
  }
  const c = device.make(a.shape);
  const units = { begin: 0, end: vectors(a) };
  if (isSame) device.call("multiply", { a, b, c, ...units });
  else device.call("scale", { x: a, s: b, y: c, ...units });
  if (device.above(a) === "zero") device.setAbove(c, "zero");
  return c;
};

export const multiply: Operation = {
  forward: { Multiply: onFloats(forward) },
  touches: {
    multiply: { a: reads(ownVectors), b: reads(ownVectors), c: writes(ownVectors) },
    scale: { x: reads(ownVectors), s: reads(whole), y: writes(ownVectors) },
  },
};
