/**
 * Zeroes numbers at random and scales the others. Its gradient does the same with the same mask.
 *
 * @module
 */
import type * as tf from "../../../tf.ts";
import type { Generator } from "../../../random.ts";
import {
  first,
  type Forward,
  type Operation,
  requireSizes,
  run,
  size,
  vectors,
} from "./operation.ts";
import { seedFrom } from "./seed.ts";
import { bytesAUnit, reads, vectors as ownVectors, whole, writes } from "./touches.ts";

/** -> y, and the mask, a byte for each of x's numbers. */
const forward: Forward = (device, { x }, { p, generator }: { p: number; generator: Generator }) => {
  const groups = Math.ceil(size(x) / 16);
  const seed = seedFrom(device, generator);
  const mask = device.make([groups * 4], "int32");
  device.call("bernoulli", { seed, mask, p: 1 - p, begin: 0, end: groups });
  device.releaseHostWritten(seed);
  return [apply(device, { x, mask }, { p }) as tf.TensorInfo, mask];
};

const apply: Forward = (device, { x, mask }, { p }) => {
  requireSizes({ mask }, 4 * Math.ceil(size(x) / 16));
  const y = device.make(x.shape);
  device.call("dropout", { x, mask, y, s: 1 / (1 - p), begin: 0, end: vectors(x) });
  if (device.above(x) === "zero") device.setAbove(y, "zero");
  return y;
};

export const dropout: Operation = {
  forward: { LabDropout: forward, LabDropoutApply: apply },
  gradients: {
    LabDropout: {
      outputsToSave: [false, true],
      gradFunc: (dy, [mask], attributes) => ({
        x: () => run("LabDropoutApply", { x: first(dy), mask }, { p: attributes.p }),
      }),
    },
  },
  touches: {
    bernoulli: { seed: reads(whole), mask: writes(bytesAUnit(16)) },
    dropout: { x: reads(ownVectors), mask: reads(bytesAUnit(4)), y: writes(ownVectors) },
  },
};
