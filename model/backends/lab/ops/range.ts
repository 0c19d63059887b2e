/**
 * Numbers at equal distances.
 *
 * @module
 */
import type { Forward, Operation } from "./operation.ts";

const forward: Forward = (device, _, { start, stop, step, dtype }) => {
  const length = Math.max(0, Math.ceil((stop - start) / step));
  const values = Float32Array.from({ length }, (_, i) => start + i * step);
  return { dataId: device.write(values, [length], dtype), shape: [length], dtype };
};

export const range: Operation = { forward: { Range: forward } };
