/**
 * The notebook's conclusion as a table: this lab's models beside GPT-2, each counted.
 *
 * @module
 */
import { buildModel, gpt2Models, hugoCounts, type ModelConfig, stages } from "@hugo-lab/model";

/** A model to compare. */
export interface Described {
  name: string;
  vocabSize: number;
  model: ModelConfig;
}

/** multi_head, the scaled model and GPT-2. */
export function comparedModels(scaled: ModelConfig): Described[] {
  return [
    { name: "multi_head", vocabSize: hugoCounts.vocabulary, model: stages.multi_head.model },
    { name: "scaled", vocabSize: hugoCounts.vocabulary, model: scaled },
    ...gpt2Models,
  ];
}

/** The models' sizes, a row each: its title, then a cell a model; none of them is given memory. */
export function comparisonRows(models: Described[]): string[][] {
  const rows: [string, (m: Described) => number][] = [
    ["vocabulary", (m) => m.vocabSize],
    ["context (block_size, n_ctx)", (m) => m.model.blockSize],
    ["embedding (n_embd)", (m) => m.model.nEmbd],
    ["blocks (n_layer)", (m) => m.model.nLayer],
    ["heads (n_head)", (m) => m.model.nHead],
    ["parameters", (m) => buildModel(m.vocabSize, m.model).countParameters()],
  ];
  return rows.map(([title, value]) => [title, ...models.map((m) => value(m).toLocaleString("en"))]);
}

/** The rows as text in columns, each as wide as it must be. */
export function compareModels(models: Described[]): string {
  const rows = [["", ...models.map((m) => m.name)], ...comparisonRows(models)];
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows
    .map(([title, ...cells]) =>
      title.padEnd(widths[0]) + cells.map((c, i) => c.padStart(widths[i + 1] + 2)).join("")
    )
    .join("\n");
}
