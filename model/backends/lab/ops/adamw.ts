/**
 * AdamW's update of a parameter, and what all updates of a step multiply with.
 *
 * @module
 */
import type { AdamW } from "../../../adamw.ts";
import { copyPiece } from "./copy_piece.ts";
import { type Forward, type Operation, requireSizes, size, vectors } from "./operation.ts";
import { reads, vectors as ownVectors, whole, writes } from "./touches.ts";

const FACTORS = 6;

/** Counts a step and gives its factors. */
const factorsOfStep: Forward = (device, _, { optimizer }: { optimizer: AdamW }) => {
  const written = device.hostWritten(FACTORS * 4, (address) => {
    optimizer.step++;
    const f = optimizer.factors();
    const { decay, oneMinusBeta1, beta2, oneMinusBeta2, stepSize, correction } = f;
    const values = [decay, oneMinusBeta1, beta2, oneMinusBeta2, stepSize, correction];
    device.engine.allFloats.set(values, address / 4);
  });
  const factors = device.make([FACTORS]);
  copyPiece(device, written, factors, FACTORS);
  device.releaseHostWritten(written);
  return factors;
};

/** Updates p, m and v where they are. */
const update: Forward = (device, { p, g, m, v, factors }, { epsilon }) => {
  requireSizes({ g, m, v }, size(p));
  requireSizes({ factors }, FACTORS);
  device.call("adamw", { p, g, m, v, factors, epsilon, begin: 0, end: vectors(p) });
  return device.alias(p, p.shape);
};

export const adamW: Operation = {
  forward: { LabAdamWFactors: factorsOfStep, LabAdamW: update },
  touches: {
    adamw: {
      ...{ p: writes(ownVectors), m: writes(ownVectors), v: writes(ownVectors) },
      ...{ g: reads(ownVectors), factors: reads(whole) },
    },
  },
};
