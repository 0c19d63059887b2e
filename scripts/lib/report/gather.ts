/**
 * Everything that a report is made from, read from the results folder and the text.
 *
 * @module
 */
import { type Corpus, type ModelConfig, type StageName, stages, Vocabulary } from "@hugo-lab/model";
import { readCsv, readRuns, type Run } from "./runs.ts";
import { readWeights, type Weights } from "./weights.ts";

/** Where the results lie, and what to look at them with. */
export interface Source {
  folder: string;
  /** The text that was learned from, if it is here. */
  corpus?: Corpus;
  /** The line on which attention is shown; one of the text unless told. */
  prompt?: string;
}

/** What was found. */
export interface Findings extends Source {
  runs: Map<StageName, Run[]>;
  weights: Map<StageName, Weights>;
  /** Each character's count, most frequent first. */
  counts?: [character: string, count: number][];
  split?: Record<string, string>[];
  contexts?: Record<string, string>[];
  /** The weights of the attention demo: (T, T). */
  demo?: number[][];
}

/** Reads a results folder. @throws {UserError} if a file in it is damaged */
export async function gather(source: Source): Promise<Findings> {
  const { folder } = source;
  const read = (task: string, file: string, ...columns: string[]) =>
    readCsv(`${folder}/${task}/${file}.csv`, task, columns);
  const counts = await read("stats", "counts", "character", "count");
  const demo = await read("attention", "weights", "row", "column", "weight");
  const weights = new Map<StageName, Weights>();
  for (const stage of Object.values(stages)) {
    const found = await readWeights(folder, stage);
    if (found) weights.set(stage.name, found);
  }
  return {
    ...source,
    runs: await readRuns(folder),
    weights,
    counts: counts?.map(({ character, count }) => [character, Number(count)]),
    split: await read("split", "split", "set", "characters"),
    contexts: await read("split", "context", "context", "target"),
    demo: demo && toMatrix(demo),
  };
}

function toMatrix(cells: Record<string, string>[]): number[][] {
  const matrix: number[][] = [];
  for (const { row, column, weight } of cells) {
    (matrix[Number(row)] ??= [])[Number(column)] = Number(weight);
  }
  return matrix;
}

/** A stage's model as it was run, or as it would be; sizes come from the weights if they are here. */
export function modelOf(
  { weights, counts, corpus }: Findings,
  stage: StageName,
): { config: ModelConfig; vocabSize?: number } {
  const found = weights.get(stage);
  if (found) return found;
  const vocabSize = counts?.length ?? (corpus && new Set(corpus.characters).size);
  return { config: stages[stage].model, vocabSize };
}

/** The numbering of characters that a stage's weights go by, if the text that it is of is here. */
export function vocabularyOf(
  { corpus, weights }: Findings,
  stage: StageName,
): Vocabulary | undefined {
  if (!corpus) return undefined;
  const order = stage === "bigram" ? "first appearance" : "code point";
  const vocabulary = Vocabulary.of(corpus.characters, order);
  return vocabulary.size === weights.get(stage)?.vocabSize ? vocabulary : undefined;
}

/** Whether the notebook's figures are of the same text. */
export function isHugo({ corpus, counts }: Findings): boolean {
  if (counts) return counts.reduce((sum, [, count]) => sum + count, 0) === 285222;
  return corpus?.isHugo ?? true;
}
