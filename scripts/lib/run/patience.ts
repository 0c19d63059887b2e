/** When a run ends since it no longer gets better. @module */

/** The validation loss's column in the rows of losses.csv. */
const VAL_LOSS = 2;

/** How many evaluations came after the one with the lowest validation loss, by a run's rows. */
export function evaluationsSinceBest(rows: readonly (readonly string[])[]): number {
  const losses = rows.map((row) => Number(row[VAL_LOSS]));
  return losses.length === 0 ? 0 : losses.length - 1 - losses.indexOf(Math.min(...losses));
}
