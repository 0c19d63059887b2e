/**
 * One row of a variable, which stays where it is.
 *
 * @module
 */
import { columnsOf, type Forward, type Operation, requireSizes, rowsOf } from "./operation.ts";
import { reads, whole, writes } from "./touches.ts";

/** variable (..., rows, columns), row (columns), at (1) -> the variable. */
const forward: Forward = (device, { variable, row, at }) => {
  const columns = columnsOf(variable);
  requireSizes({ row }, columns);
  requireSizes({ at }, 1);
  device.requireIndices(at, rowsOf(variable));
  device.call("put_row", { row, at, table: variable, size: columns });
  return device.alias(variable, variable.shape);
};

export const putRow: Operation = {
  forward: { LabPutRow: forward },
  touches: { put_row: { row: reads(whole), at: reads(whole), table: writes(whole) } },
};
