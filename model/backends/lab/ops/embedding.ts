/**
 * Rows of a table by index. The table's gradient adds up what comes back for each row.
 *
 * @module
 */
import {
  columnsOf,
  first,
  type Forward,
  type Operation,
  requireSizes,
  run,
  size,
} from "./operation.ts";
import { partsOf, sumParts } from "./parts.ts";
import { ownUnits, parts as inParts, reads, whole, writes } from "./touches.ts";

/** indices (count), table (n, columns) -> (count, columns). */
const forward: Forward = (device, { indices, table }) => {
  const end = size(indices);
  device.requireIndices(indices, table.shape[0]);
  const y = device.make([end, columnsOf(table)]);
  device.call("embedding", { indices, table, y, size: columnsOf(table), begin: 0, end });
  return y;
};

const gradient: Forward = (device, { indices, dy }, { n }) => {
  const columns = columnsOf(dy);
  device.requireIndices(indices, n);
  requireSizes({ dy }, size(indices) * columns);
  const parts = size(indices) >= n ? partsOf(size(indices)) : 1; // a large table takes longer to add
  const dtable = device.make([parts, n, columns]);
  const count = size(indices) / parts;
  const units = { begin: 0, end: parts * columns };
  device.call("embedding_backward", { indices, dy, dtable, count, n, size: columns, ...units });
  return sumParts(device, dtable);
};

export const embedding: Operation = {
  forward: { LabEmbedding: forward, LabEmbeddingGradient: gradient },
  gradients: {
    LabEmbedding: {
      inputsToSave: ["indices", "table"],
      gradFunc: (dy, [indices, table]) => ({
        table: () => run("LabEmbeddingGradient", { indices, dy: first(dy) }, { n: table.shape[0] }),
      }),
    },
  },
  touches: {
    embedding: { indices: reads(ownUnits), table: reads(whole), y: writes(ownUnits) },
    embedding_backward: {
      indices: reads(inParts("size")),
      dy: reads(inParts("size")),
      dtable: writes(inParts("size")),
    },
  },
};
