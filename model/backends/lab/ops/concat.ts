/**
 * Tensors side by side, along the last axis.
 *
 * @module
 */
import * as tf from "../../../tf.ts";
import {
  columnsOf,
  type Forward,
  onFloats,
  type Operation,
  requireSizes,
  rowsOf,
  Unsupported,
} from "./operation.ts";
import { ownUnits, reads, writes } from "./touches.ts";

const forward: Forward = (device, inputs, { axis }) => {
  const parts = Object.values(inputs);
  const { shape } = parts[0];
  if (tf.util.parseAxisParam(axis, shape)[0] !== shape.length - 1) {
    throw new Unsupported("the engine concatenates along the last axis only");
  }
  const columns = parts.reduce((total, part) => total + columnsOf(part), 0);
  const to = device.make([...shape.slice(0, -1), columns]);
  let offset = 0;
  for (const part of parts) {
    const width = columnsOf(part);
    requireSizes({ part }, rowsOf(parts[0]) * width);
    device.call("copy_columns", {
      ...{ from: part, to, width },
      ...{ fromColumns: width, fromOffset: 0, toColumns: columns, toOffset: offset },
      ...{ begin: 0, end: rowsOf(part) },
    });
    offset += width;
  }
  return to;
};

export const concat: Operation = {
  forward: { Concat: onFloats(forward) },
  touches: { copy_columns: { from: reads(ownUnits), to: writes(ownUnits) } },
};
