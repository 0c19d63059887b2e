/**
 * A tensor's parts along the last axis.
 *
 * @module
 */
import * as tf from "../../../tf.ts";
import {
  columnsOf,
  type Forward,
  onFloats,
  type Operation,
  rowsOf,
  Unsupported,
} from "./operation.ts";

const forward: Forward = (device, { x }, { numOrSizeSplits, axis }) => {
  const last = x.shape.length - 1;
  if (tf.util.parseAxisParam(axis, x.shape)[0] !== last) {
    throw new Unsupported("the engine splits along the last axis only");
  }
  const columns = columnsOf(x);
  const widths: number[] = tf.backend_util.prepareSplitSize(x as tf.Tensor, numOrSizeSplits, last);
  let offset = 0;
  return widths.map((width) => {
    const to = device.make([...x.shape.slice(0, -1), width]);
    device.call("copy_columns", {
      ...{ from: x, to, width },
      ...{ fromColumns: columns, fromOffset: offset, toColumns: width, toOffset: 0 },
      ...{ begin: 0, end: rowsOf(x) },
    });
    offset += width;
    return to;
  });
};

export const split: Operation = { forward: { SplitV: onFloats(forward) } };
