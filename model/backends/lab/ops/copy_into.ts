/**
 * New values for a variable, which stays where it is.
 *
 * @module
 */
import { copyPiece } from "./copy_piece.ts";
import { type Forward, type Operation, requireSizes, size } from "./operation.ts";

const forward: Forward = (device, { x, variable }) => {
  requireSizes({ x }, size(variable));
  copyPiece(device, x, variable, size(x));
  return device.alias(variable, variable.shape);
};

export const copyInto: Operation = { forward: { LabCopyInto: forward } };
