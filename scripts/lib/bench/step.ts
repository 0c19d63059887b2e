/**
 * What a stage's captured training step consists of.
 *
 * @module
 */
import * as tf from "@hugo-lab/model/tf";
import {
  buildModel,
  Generator,
  presets,
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

const { laptop, quick } = presets;
const known = { ...stages, laptop, quick };

/** How many runs a profile is the median of: some seconds. */
const RUNS = { small: 200, large: 10, scaled: 3 };

/** The kernel calls of a stage's step as a table. */
export function callsOfStep(name: string): Promise<string> {
  return ofStep(name, "calls", (step) => step.table());
}

/** Where the time of a stage's step goes, as a table: milliseconds, share and speed by operation. */
export function profileOfStep(name: string): Promise<string> {
  return ofStep(name, "profile", (step) => step.profile(runsOf(name)));
}

function runsOf(name: string): number {
  if (name === "scaled") return RUNS.scaled;
  return name === "laptop" || name === "quick" ? RUNS.large : RUNS.small;
}

/** Captures a stage's training step, and asks it something. */
async function ofStep(
  name: string,
  flag: string,
  ask: (step: LabBackend["captured"] extends Set<infer Step> ? Step : never) => string,
): Promise<string> {
  if (!Object.hasOwn(known, name)) {
    const names = Object.keys(known);
    const instead = didYouMean(name, names) || `: give one of ${names.join(", ")}`;
    throw new UserError(`--${flag} takes a stage or preset, got "${name}"${instead}`);
  }
  await useBackend("lab");
  const { model: config, training } = known[name as keyof typeof known];
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
