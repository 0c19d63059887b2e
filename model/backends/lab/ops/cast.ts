/**
 * The same numbers as another type.
 *
 * @module
 */
import type { Forward, Operation } from "./operation.ts";

const forward: Forward = (device, { x }, { dtype }) => {
  if (x.dtype === dtype) return device.alias(x, x.shape);
  const values = device.readSync(x.dataId);
  return { dataId: device.write(values, x.shape, dtype), shape: x.shape, dtype };
};

export const cast: Operation = { forward: { Cast: forward } };
