/** What a run of the last stage would take on this machine, measured by some of its steps. @module */
import {
  buildModel,
  type Corpus,
  Generator,
  splitData,
  Trainer,
  UserError,
  Vocabulary,
} from "@hugo-lab/model";
import { formatSeconds } from "../task/progress.ts";
import { backendInUse, checkMemoryOf, memoryOf, useBackendOf } from "./backend.ts";
import type { RunValues } from "./flags.ts";
import { choosePreset } from "./preset.ts";
import { evaluationsFrom, TimeLeft } from "./time_left.ts";

const STEPS = 6;

/** The line that tells it; nothing where the text or the memory does not do for it. */
export async function foretellScaled(
  values: RunValues,
  corpus: Corpus,
): Promise<string | undefined> {
  const { name, why, stage } = await choosePreset(values);
  const vocabulary = Vocabulary.of(corpus.text, "code point");
  const data = splitData(vocabulary.encode(corpus.text));
  const { model: config, training } = stage;
  if (data.val.length <= config.blockSize) return undefined;
  try {
    await useBackendOf({ ...values, quiet: true }, stage);
    checkMemoryOf(stage, vocabulary, backendInUse());
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
  const generator = new Generator(training.seed);
  const model = buildModel(vocabulary.size, config, generator).initialize(generator);
  const trainer = new Trainer(model, data, training, generator);
  const time = new TimeLeft(training.iters, (from, s) => evaluationsFrom(training, from, s));
  for (let i = 0; i < STEPS; i++) {
    const began = performance.now();
    await trainer.step();
    time.step(performance.now() - began);
  }
  // Without gradients a batch takes about a third of a step.
  const batches = training.evaluate === "whole"
    ? data.val.length / (training.batchSize * config.blockSize)
    : training.evalIters;
  time.evaluation(2 * batches * time.perStep! / 3);
  trainer.dispose();
  model.dispose();
  return `deno task scaled would take about ${formatSeconds(time.secondsFrom(0)!)} here, and ` +
    `${memoryOf(stage, vocabulary)} of memory (preset ${name}: ${why})`;
}
