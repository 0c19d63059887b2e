/**
 * What a stage's captured training step consists of.
 *
 * @module
 */
import * as tf from "@hugo-lab/model/tf";
import {
  buildModel,
  Generator,
  type StageName,
  stages,
  Trainer,
  useBackend,
  UserError,
} from "@hugo-lab/model";
import { didYouMean } from "../task/nearest.ts";
import type { LabBackend } from "../../../model/backends/lab/mod.ts";
import { data, VOCABULARY } from "./measure.ts";

/** `scaled` takes minutes with its own batch. */
const SCALED_BATCH = 8;

/** How many runs a profile is the median of: some seconds. */
const RUNS = { scaled: 3, small: 200 };

/** The kernel calls of a stage's step as a table. */
export function callsOfStep(name: string): Promise<string> {
  return ofStep(name, "calls", (step) => step.table());
}

/** Where the time of a stage's step goes, as a table: milliseconds, share and speed by operation. */
export function profileOfStep(name: string): Promise<string> {
  return ofStep(name, "profile", (step) => step.profile(RUNS[name === "scaled" ? name : "small"]));
}

/** Captures a stage's training step, and asks it something. */
async function ofStep(
  name: string,
  flag: string,
  ask: (step: LabBackend["captured"] extends Set<infer Step> ? Step : never) => string,
): Promise<string> {
  if (!Object.hasOwn(stages, name)) {
    const names = Object.keys(stages);
    const instead = didYouMean(name, names) || `: give one of ${names.join(", ")}`;
    throw new UserError(`--${flag} takes a stage, got "${name}"${instead}`);
  }
  await useBackend("lab");
  const { model: config, training } = stages[name as StageName];
  const batchSize = name === "scaled" ? SCALED_BATCH : training.batchSize;
  const generator = new Generator(1);
  const model = buildModel(VOCABULARY, config, generator).initialize(generator);
  const trainer = new Trainer(model, data, { ...training, batchSize, iters: 1 }, generator);
  await trainer.step();
  const [step] = (tf.backend() as LabBackend).captured;
  const text = ask(step);
  trainer.dispose();
  model.dispose();
  return text;
}
