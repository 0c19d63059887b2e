/**
 * The mean of -log softmax(logits)[target].
 *
 * @module
 */
import { first, type Forward, type Operation, requireSizes, run } from "./operation.ts";
import { ownUnits, reads, whole, writes } from "./touches.ts";

/** logits (rows, columns), targets (rows) -> the loss, and the probabilities for the gradient. */
const forward: Forward = (device, { logits, targets }) => {
  const [rows, columns] = logits.shape;
  requireSizes({ targets }, rows);
  device.requireIndices(targets, columns);
  const losses = device.make([rows]);
  const probs = device.make(logits.shape);
  const loss = device.make([]);
  const units = { begin: 0, end: rows };
  device.call("cross_entropy", { logits, targets, losses, probs, columns, ...units });
  device.call("mean", { x: losses, y: loss, n: rows });
  device.disposeData(losses.dataId);
  return [loss, probs];
};

const gradient: Forward = (device, { probs, targets, dloss }) => {
  const [rows, columns] = probs.shape;
  requireSizes({ targets }, rows);
  requireSizes({ dloss }, 1);
  device.requireIndices(targets, columns);
  const dlogits = device.make(probs.shape);
  const tensors = { probs, targets, dloss, dlogits };
  device.call("cross_entropy_backward", { ...tensors, rows, columns, begin: 0, end: rows });
  return dlogits;
};

export const crossEntropy: Operation = {
  forward: { LabCrossEntropy: forward, LabCrossEntropyGradient: gradient },
  gradients: {
    LabCrossEntropy: {
      inputsToSave: ["targets"],
      outputsToSave: [false, true],
      gradFunc: (dy, [targets, probs]) => ({
        logits: () => run("LabCrossEntropyGradient", { probs, targets, dloss: first(dy) }),
      }),
    },
  },
  touches: {
    cross_entropy: {
      ...{ logits: reads(ownUnits), targets: reads(ownUnits) },
      ...{ losses: writes(ownUnits), probs: writes(ownUnits) },
    },
    cross_entropy_backward: {
      ...{ probs: reads(ownUnits), targets: reads(ownUnits), dloss: reads(whole) },
      dlogits: writes(ownUnits),
    },
    mean: { x: reads(whole), y: writes(whole) },
  },
};
