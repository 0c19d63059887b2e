/**
 * Softmax over the last axis.
 *
 * @module
 */
import {
  columnsOf,
  first,
  type Forward,
  type Operation,
  requireSizes,
  rowsOf,
  run,
  size,
} from "./operation.ts";
import { ownUnits, reads, writes } from "./touches.ts";

const forward: Forward = (device, { x }) => {
  const y = device.make(x.shape);
  device.call("softmax", { x, y, columns: columnsOf(x), begin: 0, end: rowsOf(x) });
  if (device.above(x) === "-infinity") device.setAbove(y, "zero");
  return y;
};

const gradient: Forward = (device, { y, dy }) => {
  const dx = device.make(y.shape);
  requireSizes({ dy }, size(y));
  device.call("softmax_backward", { y, dy, dx, columns: columnsOf(y), begin: 0, end: rowsOf(y) });
  device.setAbove(dx, device.above(y)); // y is a factor
  return dx;
};

export const softmax: Operation = {
  forward: { LabSoftmax: forward, LabSoftmaxGradient: gradient },
  gradients: {
    LabSoftmax: {
      outputsToSave: [true],
      gradFunc: (dy, [y]) => ({ x: () => run("LabSoftmaxGradient", { y, dy: first(dy) }) }),
    },
  },
  touches: {
    softmax: { x: reads(ownUnits), y: writes(ownUnits) },
    softmax_backward: { y: reads(ownUnits), dy: reads(ownUnits), dx: writes(ownUnits) },
  },
};
