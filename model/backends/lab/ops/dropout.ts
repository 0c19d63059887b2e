/**
 * Zeroes numbers at random and scales the others. Its gradient does the same with the same mask.
 *
 * @module
 */
import type * as tf from "../../../tf.ts";
import type { Generator } from "../../../random.ts";
import {
  columnsOf,
  type Device,
  first,
  type Forward,
  type Operation,
  requireSizes,
  rowsOf,
  run,
  size,
  vectors,
} from "./operation.ts";
import { seedFrom } from "./seed.ts";
import {
  bytesAUnit,
  type Extent,
  numberOf,
  ownUnits,
  reads,
  vectors as ownVectors,
  whole,
  writes,
} from "./touches.ts";

/** -> y, and the mask, a byte for each of x's numbers; above a diagonal of zeros it holds anything. */
const forward: Forward = (device, { x }, { p, generator }: { p: number; generator: Generator }) => {
  const groups = Math.ceil(size(x) / 16);
  const seed = seedFrom(device, generator);
  const mask = device.make([groups * 4], "int32");
  const args = { seed, mask, p: 1 - p, begin: 0 };
  const matrix = lowerMatrix(device, x);
  if (matrix) device.call("bernoulli_lower", { ...args, size: matrix, end: rowsOf(x) });
  else device.call("bernoulli", { ...args, end: groups });
  device.releaseHostWritten(seed);
  return [apply(device, { x, mask, like: x }, { p }) as tf.TensorInfo, mask];
};

/** `like` is zero where the mask need not be looked at. */
const apply: Forward = (device, { x, mask, like }, { p }) => {
  requireSizes({ mask }, 4 * Math.ceil(size(x) / 16));
  requireSizes({ like }, size(x));
  const y = device.make(x.shape);
  const args = { x, mask, y, s: 1 / (1 - p), begin: 0 };
  const matrix = lowerMatrix(device, like);
  if (matrix) device.call("dropout_lower", { ...args, size: matrix, end: rowsOf(x) });
  else device.call("dropout", { ...args, end: vectors(x) });
  if (device.above(like) === "zero") device.setAbove(y, "zero");
  return y;
};

/** The size of x's square matrices if nothing above their diagonals needs a draw, else 0. */
function lowerMatrix(device: Device, x: tf.TensorInfo): number {
  const columns = columnsOf(x);
  return device.above(x) === "zero" && columns % 4 === 0 ? columns : 0;
}

/** A byte for each number of a row. */
const rowsOfMask: Extent = (share) => bytesAUnit(numberOf(share.args.size))(share);

export const dropout: Operation = {
  forward: { LabDropout: forward, LabDropoutApply: apply },
  gradients: {
    LabDropout: {
      outputsToSave: [true, true],
      gradFunc: (dy, [y, mask], { p }) => ({
        x: () => run("LabDropoutApply", { x: first(dy), mask, like: y }, { p }),
      }),
    },
  },
  touches: {
    bernoulli: { seed: reads(whole), mask: writes(bytesAUnit(16)) },
    bernoulli_lower: { seed: reads(whole), mask: writes(rowsOfMask) },
    dropout: { x: reads(ownVectors), mask: reads(bytesAUnit(4)), y: writes(ownVectors) },
    dropout_lower: { x: reads(ownUnits), mask: reads(rowsOfMask), y: writes(ownUnits) },
  },
};
