/**
 * Whether a run overfits, or has learned nothing, by its losses.
 *
 * @module
 */
import type { LossRow } from "../run/read_csv.ts";

/** Nats by which the losses must part, or the validation loss rise again, to be called overfitting. */
const GAP = 0.25;
const RISE = 0.1;

/** The evaluation with the lowest validation loss. */
export function bestRow(rows: LossRow[]): LossRow {
  return rows.reduce((a, b) => b.valLoss < a.valLoss ? b : a);
}

/** That a run ended no better than it began, in words; nothing where it learned. */
export function learnedNothing(rows: LossRow[]): string | undefined {
  const [first, last] = [rows.at(0), rows.at(-1)];
  if (!first || !last) return undefined;
  const rises = [last.trainLoss - first.trainLoss, last.valLoss - first.valLoss];
  if (!rises.every((rise) => rise >= RISE)) return undefined;
  return `It has learned nothing: its validation loss is ${last.valLoss.toPrecision(4)}, and was ` +
    `${first.valLoss.toPrecision(4)} at step ${first.step}. A smaller learning rate may help.`;
}

/** Where a run overfits, in words; nothing where it does not. */
export function overfitting(rows: LossRow[]): string | undefined {
  const last = rows.at(-1);
  if (!last || learnedNothing(rows)) return undefined;
  const best = bestRow(rows);
  const gap = last.valLoss - last.trainLoss;
  const rise = last.valLoss - best.valLoss;
  const parts = gap >= RISE && last.trainLoss < best.trainLoss; // else it wavers
  if (rise >= RISE && parts) {
    const [lowest, end] = [best.valLoss.toFixed(2), last.valLoss.toFixed(2)];
    return `It overfits: the validation loss was lowest at step ${best.step}, ${lowest}, and ` +
      `ends at ${end}, while the training loss went on to ${last.trainLoss.toFixed(2)}.`;
  }
  if (gap < GAP) return undefined;
  return `It overfits: its loss is ${last.trainLoss.toFixed(2)} on the training part and ` +
    `${last.valLoss.toFixed(2)} on the other. Part of what it learned holds for the first alone.`;
}
