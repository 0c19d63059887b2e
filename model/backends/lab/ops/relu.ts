/**
 * max(x, 0).
 *
 * @module
 */
import {
  first,
  type Forward,
  type Operation,
  requireSizes,
  run,
  size,
  vectors,
} from "./operation.ts";
import { reads, vectors as ownVectors, writes } from "./touches.ts";

const forward: Forward = (device, { x }) => {
  const y = device.make(x.shape);
  device.call("relu", { x, y, begin: 0, end: vectors(x) });
  return y;
};

const gradient: Forward = (device, { x, dy }) => {
  const dx = device.make(x.shape);
  requireSizes({ dy }, size(x));
  device.call("relu_backward", { x, dy, dx, begin: 0, end: vectors(x) });
  return dx;
};

export const relu: Operation = {
  forward: { LabRelu: forward, LabReluGradient: gradient },
  gradients: {
    LabRelu: {
      // The output tells as much as the input, and the next layer keeps it anyway.
      outputsToSave: [true],
      gradFunc: (dy, [y]) => ({ x: () => run("LabReluGradient", { x: y, dy: first(dy) }) }),
    },
  },
  touches: {
    relu: { x: reads(ownVectors), y: writes(ownVectors) },
    relu_backward: { x: reads(ownVectors), dy: reads(ownVectors), dx: writes(ownVectors) },
  },
};
