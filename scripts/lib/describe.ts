/**
 * The notebook's conclusion as a table: this lab's models beside GPT-2, each counted.
 *
 * @module
 */
import { buildModel, type ModelConfig } from "@hugo-lab/model";

/** A model to compare. */
export interface Described {
  name: string;
  vocabSize: number;
  model: ModelConfig;
}

/** A table of the models' sizes; none of them is given memory. */
export function compareModels(models: Described[]): string {
  const rows: [string, (m: Described) => number][] = [
    ["vocabulary", (m) => m.vocabSize],
    ["context (block_size, n_positions)", (m) => m.model.blockSize],
    ["embedding (n_embd)", (m) => m.model.nEmbd],
    ["blocks (n_layer)", (m) => m.model.nLayer],
    ["heads (n_head)", (m) => m.model.nHead],
    ["parameters", (m) => buildModel(m.vocabSize, m.model).countParameters()],
  ];
  const lines = [["", ...models.map((m) => m.name)]];
  for (const [title, value] of rows) {
    lines.push([title, ...models.map((m) => value(m).toLocaleString("en"))]);
  }
  return lines
    .map(([title, ...cells]) => title.padEnd(34) + cells.map((c) => c.padStart(15)).join(""))
    .join("\n");
}
