/**
 * GELU in its tanh form, as GPT-2 has it.
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
  device.call("gelu", { x, y, begin: 0, end: vectors(x) });
  return y;
};

const gradient: Forward = (device, { x, dy }) => {
  const dx = device.make(x.shape);
  requireSizes({ dy }, size(x));
  device.call("gelu_backward", { x, dy, dx, begin: 0, end: vectors(x) });
  return dx;
};

export const gelu: Operation = {
  forward: { LabGelu: forward, LabGeluGradient: gradient },
  gradients: {
    LabGelu: {
      inputsToSave: ["x"],
      gradFunc: (dy, [x]) => ({ x: () => run("LabGeluGradient", { x, dy: first(dy) }) }),
    },
  },
  touches: {
    gelu: { x: reads(ownVectors), y: writes(ownVectors) },
    gelu_backward: { x: reads(ownVectors), dy: reads(ownVectors), dx: writes(ownVectors) },
  },
};
