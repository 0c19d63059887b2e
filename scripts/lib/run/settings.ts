/**
 * A training run without files or flags: what it must not change to go on, which run it is, and what
 * is bigram's own. The tasks and the page have it in common.
 *
 * @module
 */
import {
  type Corpus,
  Generator,
  getBatch,
  type ModelInfo,
  type Split,
  type Stage,
  type Vocabulary,
  withoutDefaults,
} from "@hugo-lab/model";

/** Each of bigram's runs is evaluated so many times. */
const EVALUATIONS = 10;

/**
 * What must be the same for a run to go on; its length, its sample and when it is evaluated or ends
 * may change. Options that are off are left out.
 *
 * @param runs how many runs the task makes
 */
export function settingsOf(
  { model, training }: Stage,
  runs: number,
  { sha256 }: Pick<Corpus, "sha256">,
  { characters }: Vocabulary,
): Record<string, unknown> {
  const { iters, prompt: _, sampleLength: __, patience: ___, evalSeconds: ____, ...rest } =
    training;
  return {
    ...withoutDefaults({ ...model, ...rest }),
    ...training.schedule === "constant" ? {} : { iters }, // which the rate depends on from the start
    "the corpus's sha256": sha256,
    "the vocabulary": characters,
    ...runs > 1 ? { "the number of runs": runs } : {},
  };
}

/** A run's id, of its stage and settings: the same for the same numbers. */
export async function idOf(stage: string, settings: Record<string, unknown>): Promise<string> {
  const text = JSON.stringify({ stage, settings });
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex();
}

/** What a stage's files tell of its model. */
export function infoOf(stage: Stage, { characters }: Vocabulary): ModelInfo {
  return { stage: stage.name, config: stage.model, vocabulary: characters };
}

/** Bigram with a run's length, and evaluations spread over it unless an interval is given. */
export function bigramOfLength(stage: Stage, iters: number, interval?: number): Stage {
  const evalInterval = interval ?? Math.max(1, Math.floor(iters / EVALUATIONS));
  return { ...stage, training: { ...stage.training, iters, evalInterval } };
}

/**
 * The generator each of bigram's runs starts from: behind the draws of the cells before it in the
 * notebook, a window for the contexts and one batch. Where the notebook's own stood is unknown: its
 * cells ran out of order.
 */
export function bigramGenerator({ model, training }: Stage, data: Split): Generator {
  const generator = new Generator(training.seed);
  generator.randint(data.train.length + data.val.length - model.blockSize);
  getBatch(data.train, training.batchSize, model.blockSize, generator);
  return generator;
}
