/**
 * The lab's result table as text: each run's losses at its last evaluation.
 *
 * @module
 */

/** A line a run, from the rows of each stage's losses.csv; bigram's have their length behind them. */
export function resultTable(stages: ReadonlyMap<string, readonly (readonly string[])[]>): string {
  const lines = [line("stage", "train", "validation")];
  for (const [stage, rows] of stages) {
    const last = new Map<string, readonly string[]>(); // by the run's length
    for (const row of rows) last.set(row[3] ?? "", row);
    for (const [length, [, ...losses]] of last) {
      const [train, val] = losses.map((loss) => Number(loss).toFixed(4));
      lines.push(line(`${stage} ${length}`, train, val));
    }
  }
  return lines.join("\n");
}

const line = (stage: string, train: string, val: string) =>
  stage.padEnd(14) + train.padStart(8) + val.padStart(12);
