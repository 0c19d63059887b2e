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
import { ownUnits, reads, whole, writes } from "./touches.ts";

const forward: Forward = (device, { x }) => {
  const y = device.make(x.shape);
  const columns = columnsOf(x);
  const isMasked = device.above(x) === "-infinity";
  const size = isMasked ? columns : 0;
  device.call("softmax", { x, s: 0, y, columns, size, begin: 0, end: rowsOf(x) });
  if (isMasked) device.setAbove(y, "zero");
  return y;
};

const gradient: Forward = (device, { y, dy }) => {
  const dx = device.make(y.shape);
  requireSizes({ dy }, size(y));
  const columns = columnsOf(y);
  const matrix = device.above(y) === "zero" ? columns : 0;
  const rows = { columns, size: matrix, begin: 0, end: rowsOf(y) };
  device.call("softmax_backward", { y, dy, s: 0, dx, ...rows });
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
    softmax: { x: reads(ownUnits), s: reads(whole), y: writes(ownUnits) },
    softmax_backward: {
      ...{ y: reads(ownUnits), dy: reads(ownUnits), s: reads(whole) },
      dx: writes(ownUnits),
    },
  },
};
