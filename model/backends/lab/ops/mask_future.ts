/**
 * Attention's weights before softmax, those of the future -infinity.
 *
 * @module
 */
import { columnsOf, first, type Forward, type Operation, rowsOf } from "./operation.ts";
import { ownUnits, reads, writes } from "./touches.ts";

const forward: Forward = (device, { x }) => {
  const y = device.make(x.shape);
  if (x.shape.at(-2) !== columnsOf(x)) {
    throw new Error(`the future is masked in square matrices, not in (${x.shape.join(", ")})`);
  }
  const args = { x, y, size: columnsOf(x), fill: -Infinity, begin: 0, end: rowsOf(x) };
  device.call("mask_future", args);
  device.setAbove(y, "-infinity");
  return y;
};

export const maskFuture: Operation = {
  forward: { LabMaskFuture: forward },
  gradients: {
    LabMaskFuture: {
      // What comes back for the future is 0 already: softmax gives it no weight.
      gradFunc: (dy) => ({ x: () => first(dy).clone() }),
    },
  },
  touches: { mask_future: { x: reads(ownUnits), y: writes(ownUnits) } },
};
