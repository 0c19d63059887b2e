/**
 * The lab's result table as text: each run's losses at its last evaluation beside the notebook's.
 *
 * @module
 */
import { buildModel, type StageName, stages } from "@hugo-lab/model";
import type { NotebookRun } from "./runs.ts";
import { showDifference } from "./tables.ts";

/** The rows of each stage's losses.csv. */
export type StageRows = ReadonlyMap<StageName, readonly (readonly string[])[]>;

/** What the table is of. */
export interface SummaryOptions {
  /** How many characters the vocabulary has, on which the parameters depend. */
  vocabSize: number;
  /** The notebook's run of a title; none on another text than Hugo's. */
  notebook(title: string): NotebookRun | undefined;
}

/** A line a run; bigram's have their length as a fourth cell. */
export function resultTable(rows: StageRows, { vocabSize, notebook }: SummaryOptions): string {
  const losses = ["notebook", "differ."];
  const lines = [
    line("stage", "params", ["train", ...losses], ["valid.", ...losses]),
  ];
  for (const [name, of] of rows) {
    const parameters = buildModel(vocabSize, stages[name].model).countParameters();
    const last = new Map<string, readonly string[]>(); // by the run's length
    for (const row of of) last.set(row[3] ?? "", row);
    for (const [length, [step, ...own]] of last) {
      const title = length ? `${name} ${length}` : name;
      const end = notebook(title)?.losses.at(-1);
      const isSame = end?.step === Number(step);
      const [train, valid] = [end?.trainLoss, end?.valLoss].map((other, i) => {
        const loss = Number(own[i]);
        if (!isSame || other === undefined) return [loss.toFixed(4), "", ""];
        return [loss.toFixed(4), other.toFixed(4), showDifference(loss, other)];
      });
      lines.push(line(title, String(parameters), train, valid));
    }
  }
  return lines.join("\n");
}

function line(title: string, parameters: string, ...losses: string[][]): string {
  const cells = losses.map(([own, notebook, difference]) =>
    own.padStart(10) + notebook.padStart(9) + difference.padStart(9)
  );
  return (title.padEnd(13) + parameters.padStart(7) + cells.join("")).trimEnd();
}
