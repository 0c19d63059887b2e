/**
 * Rows turned by angles, each by that of its place.
 *
 * @module
 */
import type * as tf from "../../../tf.ts";
import {
  columnsOf,
  type Device,
  first,
  type Forward,
  onFloats,
  type Operation,
  requireSizes,
  rowsOf,
  run,
} from "./operation.ts";
import { ownUnits, reads, whole, writes } from "./touches.ts";

/** x (..., places, columns), turns (places, columns) -> like x, turned forth or back. */
function turn(device: Device, x: tf.TensorInfo, turns: tf.TensorInfo, sign: 1 | -1): tf.TensorInfo {
  const columns = columnsOf(x);
  const places = rowsOf(turns);
  if (columns % 2 !== 0 || rowsOf(x) % places !== 0) {
    throw new Error(`(${x.shape.join(", ")}) cannot be turned by ${places} angles`);
  }
  requireSizes({ turns }, places * columns);
  const y = device.make(x.shape);
  const numbers = { half: columns / 2, places, sign, begin: 0, end: rowsOf(x) };
  device.call("rotary", { x, turns, y, ...numbers });
  return y;
}

const forward: Forward = (device, { x, turns }) => turn(device, x, turns, 1);
const gradient: Forward = (device, { dy, turns }) => turn(device, dy, turns, -1);

export const rotary: Operation = {
  forward: { LabRotary: onFloats(forward), LabRotaryGradient: onFloats(gradient) },
  gradients: {
    LabRotary: {
      inputsToSave: ["turns"],
      gradFunc: (dy, [turns]) => ({
        x: () => run("LabRotaryGradient", { dy: first(dy), turns }),
      }),
    },
  },
  touches: {
    rotary: { x: reads(ownUnits), turns: reads(whole), y: writes(ownUnits) },
  },
};
