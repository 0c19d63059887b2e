/**
 * Sums over leading axes, such as a bias's gradient.
 *
 * @module
 */
import * as tf from "../../../tf.ts";
import { type Forward, onFloats, type Operation, size, Unsupported } from "./operation.ts";
import { partsOf, sumParts } from "./parts.ts";
import { ownUnits, parts, reads, writes } from "./touches.ts";

const forward: Forward = (device, { x }, { axis, keepDims }) => {
  const axes = tf.util.parseAxisParam(axis, x.shape);
  if (axes.some((a, i) => a !== i)) throw new Unsupported("the engine sums over leading axes only");
  const rest = x.shape.slice(axes.length);
  const columns = tf.util.sizeFromShape(rest);
  const shape = keepDims ? [...axes.map(() => 1), ...rest] : rest;
  const rows = size(x) / columns;
  const parts = partsOf(rows);
  const y = device.make([parts, ...shape]);
  device.call("sum_rows", { x, y, rows: rows / parts, columns, begin: 0, end: parts * columns });
  return sumParts(device, y);
};

export const sum: Operation = {
  forward: { Sum: onFloats(forward) },
  touches: { sum_rows: { x: reads(parts("columns")), y: writes(ownUnits) } },
};
