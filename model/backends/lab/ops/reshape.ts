/**
 * The same numbers under another shape, or under the same.
 *
 * @module
 */
import * as tf from "../../../tf.ts";
import { type Operation, size } from "./operation.ts";

export const reshape: Operation = {
  forward: {
    Reshape: (device, { x }, { shape }) =>
      device.alias(x, tf.util.inferFromImplicitShape(shape, size(x))),
    Identity: (device, { x }) => device.alias(x, x.shape),
  },
};
