/**
 * What gradients are multiplied with, so that their norm is not too large.
 *
 * @module
 */
import { type Forward, onFloats, type Operation, size } from "./operation.ts";
import { type Extent, ownUnits, reads, whole, writes } from "./touches.ts";

/** So many numbers the kernel sums into one. */
const CHUNK = 4096;

/** x (...) -> the sums of its squares, chunk by chunk, whatever the number of threads: (chunks). */
const squareSums: Forward = (device, { x }) => {
  const chunks = Math.max(1, Math.ceil(size(x) / CHUNK));
  const y = device.make([chunks]);
  device.call("square_sums", { x, y, size: size(x), begin: 0, end: chunks });
  return y;
};

/** sums (n) -> the factor. */
const factor: Forward = (device, { sums }, { limit }: { limit: number }) => {
  const y = device.make([]);
  device.call("clip_factor", { x: sums, y, n: size(sums), limit });
  return y;
};

const ownChunks: Extent = ({ bytes, begin, end }) =>
  [begin, end].map((chunk) => Math.min(bytes, chunk * CHUNK * 4)) as [number, number];

export const clip: Operation = {
  forward: { LabSquareSums: onFloats(squareSums), LabClipFactor: onFloats(factor) },
  touches: {
    square_sums: { x: reads(ownChunks), y: writes(ownUnits) },
    clip_factor: { x: reads(whole), y: writes(whole) },
  },
};
