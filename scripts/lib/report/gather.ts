/**
 * Everything that a report is made from, read from the results folder and the text.
 *
 * @module
 */
import { type Corpus, hugoCounts, type ModelConfig, type StageName, stages } from "@hugo-lab/model";
import { readRuns, type Run } from "./runs.ts";
import {
  type Difference,
  differences,
  notebookSettings,
  readSettings,
  type Settings,
} from "./settings.ts";
import { readSearch, type Search } from "./search_file.ts";
import { readContexts, readCounts, readMatrix, readSplit } from "./shown_files.ts";
import { readStudies, type Studies } from "./study_files.ts";
import { ForeignWeights, readWeights, type Trained } from "./weights.ts";

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
  weights: Map<StageName, Trained>;
  /** What is said of weights that are of another run, and not used. */
  foreign: Map<StageName, string>;
  /** What the runs were made with, where their checkpoints tell it. */
  settings: Map<StageName, Settings>;
  /** Each character's count, most frequent first. */
  counts?: [character: string, count: number][];
  split?: [part: string, characters: number][];
  contexts?: Record<string, string>[];
  /** What `deno task study` left. */
  studies: Studies;
  /** What was tried before a configuration was chosen. */
  search: Search;
  /** The weights of the attention demo: (T, T). */
  demo?: number[][];
}

/**
 * Reads a results folder.
 *
 * @param last the last stage whose weights and settings are read; all, unless told
 * @throws {UserError} if a file in it is damaged
 */
export async function gather(source: Source, last: StageName = "scaled"): Promise<Findings> {
  const { folder } = source;
  const weights = new Map<StageName, Trained>();
  const foreign = new Map<StageName, string>();
  const names = Object.keys(stages);
  const isRead = (name: StageName) => names.indexOf(name) <= names.indexOf(last);
  for (const stage of Object.values(stages).filter(({ name }) => isRead(name))) {
    try {
      const found = await readWeights(folder, stage);
      if (found) weights.set(stage.name, found);
    } catch (error) {
      if (!(error instanceof ForeignWeights)) throw error;
      foreign.set(stage.name, error.message);
    }
  }
  const runs = await readRuns(folder);
  const settings = new Map<StageName, Settings>();
  for (const [name, all] of runs) {
    if (all.length === 0 || !isRead(name)) continue;
    const found = await readSettings(folder, name, all.flatMap(({ losses }) => losses));
    if (found.settings) settings.set(name, found.settings);
    if (found.hasOtherRows && weights.delete(name)) {
      foreign.set(
        name,
        `The weights in ${folder}/${name} are not used: the losses are another run's.`,
      );
    }
  }
  return {
    ...source,
    runs,
    weights,
    foreign,
    settings,
    search: await readSearch(folder),
    studies: await readStudies(folder),
    counts: await readCounts(`${folder}/stats/counts.csv`),
    split: await readSplit(`${folder}/split/split.csv`),
    contexts: await readContexts(`${folder}/split/context.csv`),
    demo: await readMatrix(`${folder}/attention/weights.csv`),
  };
}

/** A stage's model as it was run, which its weights or its checkpoint tell, or as it would be. */
export function modelOf(
  { weights, settings, counts, corpus }: Findings,
  stage: StageName,
): { config: ModelConfig; vocabSize?: number } {
  const found = weights.get(stage);
  if (found) return { config: found.config, vocabSize: found.vocabulary.size };
  const vocabSize = counts?.length ?? corpus?.text.characters.length;
  const own = stages[stage].model;
  const told = Object.entries(settings.get(stage) ?? {}).filter(([key]) => key in own);
  return { config: { ...own, ...Object.fromEntries(told) }, vocabSize };
}

/** The text that a stage's weights were learned from, if it is here. */
export function corpusOf({ corpus, weights }: Findings, stage: StageName): Corpus | undefined {
  const known = new Set(weights.get(stage)?.vocabulary.characters);
  const inText = new Set(corpus?.text.characters);
  return known.symmetricDifference(inText).size === 0 ? corpus : undefined;
}

/** Whether the notebook's figures are of the same text, known by its length where it is not here. */
export function isHugo({ corpus, counts }: Findings): boolean {
  if (corpus && !corpus.isHugo) return false;
  return !counts || counts.reduce((sum, [, count]) => sum + count, 0) === hugoCounts.characters;
}

/** What a stage's run was made with, as far as its files tell. */
export function settingsOf({ runs, weights, settings }: Findings, stage: StageName): Settings {
  const run = runs.get(stage)?.at(-1);
  const end = run?.finished && stage !== "bigram" ? run.losses.at(-1) : undefined; // it has three
  const length = end && { iters: end.step + 1 }; // the last evaluation is behind the last but one
  return { ...length, ...weights.get(stage)?.config, ...settings.get(stage) };
}

/** In what a stage's run is known to differ from the notebook's. */
export function notebookDifferences(findings: Findings, stage: StageName): Difference[] {
  return differences(settingsOf(findings, stage), notebookSettings(stages[stage]));
}

/** Whether a stage's losses may be set against the notebook's: nothing known forbids it. */
export function isComparable(findings: Findings, stage: StageName): boolean {
  return isHugo(findings) && notebookDifferences(findings, stage).length === 0;
}
