/**
 * Layer norm over the last axis.
 *
 * @module
 */
import {
  columnsOf,
  first,
  type Forward,
  type Operation,
  requireSizes,
  rowsOf,
  run,
  size,
} from "./operation.ts";
import { partsOf, sumParts } from "./parts.ts";
import { ownUnits, parts as inParts, reads, whole, writes } from "./touches.ts";

/** -> y, and each row's mean and 1 / standard deviation for the gradients. */
const forward: Forward = (device, { x, weight, bias }, { epsilon }) => {
  const y = device.make(x.shape);
  requireSizes({ weight, bias }, columnsOf(x));
  const [means, rstds] = [0, 1].map(() => device.make([rowsOf(x)]));
  const units = { begin: 0, end: rowsOf(x) };
  const tensors = { x, weight, bias, y, means, rstds };
  device.call("layer_norm", { ...tensors, columns: columnsOf(x), epsilon, ...units });
  return [y, means, rstds];
};

const gradient: Forward = (device, { x, weight, means, rstds, dy }) => {
  const dx = device.make(x.shape);
  requireSizes({ weight }, columnsOf(x));
  requireSizes({ means, rstds }, rowsOf(x));
  requireSizes({ dy }, size(x));
  const tensors = { x, weight, means, rstds, dy, dx };
  const units = { begin: 0, end: rowsOf(x) };
  device.call("layer_norm_backward", { ...tensors, columns: columnsOf(x), ...units });
  return dx;
};

const weightGradient: Forward = (device, { x, means, rstds, dy }) => {
  const columns = columnsOf(x);
  const parts = partsOf(rowsOf(x));
  requireSizes({ means, rstds }, rowsOf(x));
  requireSizes({ dy }, size(x));
  const dweight = device.make([parts, columns]);
  const sizes = { rows: rowsOf(x) / parts, columns, begin: 0, end: parts * columns };
  device.call("layer_norm_weight", { x, means, rstds, dy, dweight, ...sizes });
  return sumParts(device, dweight);
};

const partsOfRows = reads(inParts("columns"));

export const layerNorm: Operation = {
  forward: {
    LabLayerNorm: forward,
    LabLayerNormGradient: gradient,
    LabLayerNormWeightGradient: weightGradient,
  },
  gradients: {
    LabLayerNorm: {
      inputsToSave: ["x", "weight"],
      outputsToSave: [false, true, true],
      gradFunc: (dys, [x, weight, means, rstds]) => {
        const dy = first(dys);
        return {
          x: () => run("LabLayerNormGradient", { x, weight, means, rstds, dy }),
          weight: () => run("LabLayerNormWeightGradient", { x, means, rstds, dy }),
          bias: () => dy.reshape([-1, x.shape[x.rank - 1]]).sum(0),
        };
      },
    },
  },
  touches: {
    layer_norm: {
      ...{ x: reads(ownUnits), weight: reads(whole), bias: reads(whole) },
      ...{ y: writes(ownUnits), means: writes(ownUnits), rstds: writes(ownUnits) },
    },
    layer_norm_backward: {
      ...{ x: reads(ownUnits), weight: reads(whole), means: reads(ownUnits) },
      ...{ rstds: reads(ownUnits), dy: reads(ownUnits), dx: writes(ownUnits) },
    },
    layer_norm_weight: {
      ...{ x: partsOfRows, means: partsOfRows, rstds: partsOfRows, dy: partsOfRows },
      dweight: writes(ownUnits),
    },
  },
};
