/**
 * A slice that lies in one piece, such as one position of a context.
 *
 * @module
 */
import * as tf from "../../../tf.ts";
import { copyPiece } from "./copy_piece.ts";
import { type Forward, type Operation, size, Unsupported } from "./operation.ts";

const forward: Forward = (device, { x }, { begin, size: wanted }) => {
  const [from, shape] = tf.slice_util.parseSliceParams(x as tf.Tensor, begin, wanted);
  const start = tf.slice_util.computeFlatOffset(from, tf.util.computeStrides(x.shape));
  if (x.dtype === "bool" || !tf.slice_util.isSliceContinous(x.shape, from, shape)) {
    throw new Unsupported("the engine slices in one piece only");
  }
  const part = device.make(shape, x.dtype);
  if (start < 0 || start + size(part) > size(x)) {
    throw new Error(`a slice of ${shape} from ${from} is not within (${x.shape.join(", ")})`);
  }
  copyPiece(device, x, part, size(part), start);
  return part;
};

export const slice: Operation = { forward: { Slice: forward } };
