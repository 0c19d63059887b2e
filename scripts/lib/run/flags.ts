/**
 * The flags that tasks share, and what the values of some do to a stage. A flag of a stage's model
 * or training has the name of the property that it sets.
 *
 * @module
 */
import {
  backendNames,
  bigramRuns,
  type ModelConfig,
  presets,
  type Stage,
  type TrainingConfig,
  UserError,
} from "@hugo-lab/model";
import { type Flag, type Flags, type Given, pick } from "../task/arguments.ts";
import { flagName } from "../task/errors.ts";

/** The flag of a property: "block-size" of "blockSize". */
type FlagOf<Property extends string> = Property extends `${infer First}${infer Rest}`
  ? Rest extends Uncapitalize<Rest> ? `${Lowercase<First>}${FlagOf<Rest>}`
  : `${Lowercase<First>}-${FlagOf<Uncapitalize<Rest>>}`
  : "";

/** What sets a run's training: every property has its flag. */
const trainingFlags = {
  seed: { kind: "integer", min: 0, max: 2 ** 32 - 1, help: "seed of the random generator" },
  iters: { kind: "integer", min: 1, help: "training iterations" },
  "batch-size": { kind: "integer", min: 1, help: "windows a batch" },
  "learning-rate": { kind: "number", above: 0, help: "AdamW's learning rate" },
  warmup: { kind: "integer", min: 0, help: "iterations in which the learning rate rises" },
  schedule: {
    kind: "choice",
    choices: ["constant", "cosine"],
    help: "the learning rate after that: as it is, or down a cosine to the last iteration",
  },
  "min-learning-rate": {
    kind: "number",
    min: 0,
    max: 1,
    help: "where the cosine ends, as a share of --learning-rate",
  },
  clip: { kind: "number", min: 0, help: "largest norm of the gradients; 0: any" },
  beta2: { kind: "number", min: 0, below: 1, help: "AdamW's factor of the mean of squares" },
  "weight-decay": { kind: "number", min: 0, help: "AdamW's weight decay" },
  accumulate: {
    kind: "integer",
    min: 1,
    help: "parts of a batch, one after the other in less memory; divides --batch-size",
  },
  "eval-interval": { kind: "integer", min: 1, help: "iterations from evaluation to evaluation" },
  "eval-iters": { kind: "integer", min: 1, help: "batches of each part an evaluation averages" },
  evaluate: {
    kind: "choice",
    choices: ["batches", "whole"],
    help: "evaluate random batches, or every position of the validation part",
  },
  "eval-seconds": {
    kind: "number",
    min: 0,
    help: "seconds from evaluation to evaluation, with --evaluate whole; 0: by iterations",
  },
  patience: {
    kind: "integer",
    min: 0,
    help: "evaluations without a better one after which the run ends; 0: none",
  },
  "test-part": {
    kind: "switch",
    help: "leave the training part's last tenth out, and tell its loss at the end",
  },
  prompt: {
    kind: "text",
    value: "TEXT",
    escapes: true,
    mayBeEmpty: true, // the vocabulary's own line says that it may not
    help: "the text to continue",
  },
  "sample-length": { kind: "integer", min: 0, help: "characters generated after the prompt" },
} as const satisfies Record<FlagOf<keyof TrainingConfig>, Flag>;

/** What sets a run's model. */
const modelFlags = {
  "block-size": { kind: "integer", min: 1, help: "characters a window: the longest context" },
  "n-embd": { kind: "integer", min: 1, help: "numbers a position" },
  "n-head": { kind: "integer", min: 1, help: "attention heads; divides --n-embd" },
  "n-layer": { kind: "integer", min: 1, help: "blocks" },
  dropout: { kind: "number", min: 0, below: 1, help: "probability of zeroing a value" },
  activation: { kind: "choice", choices: ["relu", "gelu"], help: "between FeedForward's layers" },
  "tied-embeddings": {
    kind: "switch",
    help: "the token embedding is the last layer too; wants --initialization gpt2",
  },
  positions: {
    kind: "choice",
    choices: ["learned", "rotary"],
    help: "a table of positions, or turned queries and keys",
  },
  initialization: {
    kind: "choice",
    choices: ["pytorch", "gpt2"],
    help: "how weights are drawn: as PyTorch's layers, or as GPT-2's",
  },
} as const satisfies Partial<Record<FlagOf<keyof ModelConfig>, Flag>>;

/** Which of them mean something for a body; dropout does where a stage has some. */
const flagsOfBody: Record<ModelConfig["body"], (keyof typeof modelFlags)[]> = {
  bigram: ["block-size"],
  head: ["block-size", "n-embd"],
  multi_head: ["block-size", "n-embd", "n-head"],
  feed_forward: ["block-size", "n-embd", "n-head"],
  blocks: ["block-size", "n-embd", "n-head", "n-layer"],
};

/** What the last stage may have besides; the others are the notebook's own. */
const partsOfScaled = ["activation", "tied-embeddings", "positions", "initialization"] as const;

/** What a run reads, computes with and writes to. */
const surroundings = {
  corpus: { kind: "text", value: "FILE", help: "a UTF-8 text to learn from instead of Hugo's" },
  results: { kind: "text", value: "DIR", help: "the folder of the CSV files" },
  backend: {
    kind: "choice",
    choices: ["auto", ...backendNames],
    default: "auto",
    help: "what computes the tensors",
  },
  threads: {
    kind: "integer",
    min: 1,
    max: 64,
    otherwise: "the cores",
    help: "threads of the engine",
  },
  resume: { kind: "switch", help: "go on from the checkpoint of an interrupted or shorter run" },
  quiet: { kind: "switch", help: "no progress bar, no notices but that of another text" },
  dump: { kind: "text", value: "DIR", help: "write weights and the first iteration's gradients" },
} as const satisfies Flags;

/** Every flag that more than one task has. */
export const sharedFlags = { ...trainingFlags, ...modelFlags, ...surroundings } as const;

/** A training task's flags, some of which it may not have. */
export type RunFlags = typeof sharedFlags;

/** Values of a training task's flags. */
export type RunValues = Given<RunFlags>;

/** The flags of a stage's task, with the stage's own values for defaults. */
export function stageFlags({ name, model, training }: Stage): RunFlags {
  const sizes: (keyof typeof modelFlags)[] = [...flagsOfBody[model.body]];
  if (model.dropout > 0) sizes.push("dropout");
  if (name === "scaled") sizes.push(...partsOfScaled);
  const flags: Record<string, Flag> = {
    ...withDefaults(trainingFlags, training),
    ...withDefaults(pick(modelFlags, ...sizes), model),
    ...surroundings,
  };
  // No default: a text may lack the usual prompt, which is then told apart from one that was given.
  flags.prompt = { ...trainingFlags.prompt, otherwise: JSON.stringify(training.prompt) };
  if (name === "scaled") ofPresets(flags);
  if (name === "bigram") {
    delete flags["test-part"]; // it has three runs
    flags.iters = { ...trainingFlags.iters, otherwise: bigramRuns.join(", ") };
    flags["eval-interval"] = {
      ...trainingFlags["eval-interval"],
      otherwise: "a tenth of the iterations",
    };
  }
  return flags as RunFlags;
}

/** Puts the presets' values in the place of defaults: which of them stands is told by the preset. */
function ofPresets(flags: Record<string, Flag>): void {
  for (const [name, { default: own, ...flag }] of Object.entries(flags)) {
    const key = name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
    const all = Object.entries(presets).map(([preset, { model, training }]) => {
      return [preset, ({ ...model, ...training } as Record<string, unknown>)[key]] as const;
    });
    if (own === undefined || all[0][1] === undefined) continue;
    const isSame = all.every(([, value]) => value === own);
    flags[name] = {
      ...flag,
      otherwise: isSame ? String(own) : all.map((one) => one.join(" ")).join(", "),
    };
  }
}

function withDefaults(flags: Flags, config: ModelConfig | TrainingConfig): Flags {
  const values = Object.entries(config).map(([key, value]) => [flagName(key), value]);
  const defaults = Object.fromEntries(values);
  return Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [
      name,
      flag.kind === "switch" ? flag : { ...flag, default: defaults[name] },
    ]),
  );
}

/**
 * A stage with the flags' values in place of its own.
 *
 * @throws {UserError} if the values do not go together
 */
export function applyFlags(stage: Stage, values: RunValues): Stage {
  const model = withValues(stage.model, values);
  const training = withValues(stage.training, values);
  const wrong = wrongTogether(model, training);
  if (wrong) throw new UserError(wrong);
  return { ...stage, model, training };
}

/** What of a configuration does not go together, if something does not. */
function wrongTogether(model: ModelConfig, training: TrainingConfig): string | undefined {
  const { body, nEmbd, nHead, positions } = model;
  const { batchSize, accumulate, evalSeconds, evaluate } = training;
  if (body !== "bigram" && nEmbd % nHead !== 0) {
    return `--n-embd ${nEmbd} cannot be divided among ${nHead} heads: ` +
      "choose a multiple of --n-head";
  }
  if (positions === "rotary" && nEmbd / nHead % 2 !== 0) {
    return `--positions rotary turns pairs, and a head has ${nEmbd / nHead} numbers: ` +
      "choose an even multiple of --n-head for --n-embd";
  }
  if (batchSize % accumulate !== 0) {
    return `--batch-size ${batchSize} cannot be divided into ${accumulate} parts: ` +
      "choose a multiple of --accumulate";
  }
  if (evalSeconds > 0 && evaluate !== "whole") {
    return "--eval-seconds needs --evaluate whole, which draws nothing: when random batches are " +
      "drawn would decide what the run learns";
  }
}

function withValues<T extends object>(config: T, values: Readonly<Record<string, unknown>>): T {
  const entries = Object.entries(config);
  const changed = entries.map(([key, value]) => [key, values[flagName(key)] ?? value]);
  return Object.fromEntries(changed) as T;
}
