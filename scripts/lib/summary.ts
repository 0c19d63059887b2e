/**
 * The lab's result table as text: each stage's losses at its last evaluation, from the CSV files.
 *
 * @module
 */
import { parse } from "@std/csv";

/** A line a run: the stage, bigram's with its length, and its last losses. */
export async function resultTable(folder: string, stages: readonly string[]): Promise<string> {
  const lines = [line("stage", "train", "validation")];
  for (const stage of stages) {
    const text = await Deno.readTextFile(`${folder}/${stage}/losses.csv`);
    const last = new Map<string, Record<string, string>>(); // by the run's length
    for (const row of parse(text, { skipFirstRow: true })) last.set(row.iterations ?? "", row);
    for (const [iterations, { train_loss, val_loss }] of last) {
      const [train, val] = [train_loss, val_loss].map((loss) => Number(loss).toFixed(4));
      lines.push(line(`${stage} ${iterations}`, train, val));
    }
  }
  return lines.join("\n");
}

const line = (stage: string, train: string, val: string) =>
  stage.padEnd(14) + train.padStart(8) + val.padStart(12);
