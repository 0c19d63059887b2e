/**
 * An index drawn with each row's probabilities.
 *
 * @module
 */
import type { Generator } from "../../../random.ts";
import { columnsOf, type Forward, type Operation, rowsOf } from "./operation.ts";
import { seedFrom } from "./seed.ts";
import { ownUnits, reads, whole, writes } from "./touches.ts";

/** probs (rows, n) -> (rows). */
const forward: Forward = (device, { probs }, { generator }: { generator: Generator }) => {
  const chosen = device.make([rowsOf(probs)]);
  const seed = seedFrom(device, generator);
  const units = { begin: 0, end: rowsOf(probs) };
  device.call("multinomial", { probs, seed, chosen, n: columnsOf(probs), ...units });
  device.releaseHostWritten(seed);
  return chosen;
};

export const multinomial: Operation = {
  forward: { LabMultinomial: forward },
  touches: {
    multinomial: { probs: reads(ownUnits), seed: reads(whole), chosen: writes(ownUnits) },
  },
};
