/**
 * The flags of the training tasks: one table, and what its values do to a stage.
 *
 * @module
 */
import {
  type BackendName,
  backendNames,
  chooseBackend,
  deviceInUse,
  leaveProductsToBlas,
  type ModelConfig,
  type Stage,
  useBackend,
  UserError,
} from "@hugo-lab/model";
import { type Flag, flagLines, help, readArguments } from "./arguments.ts";

/** The flags of `generate` alone. */
const generateFlags = {
  length: { kind: "integer", min: 0, help: "characters generated after the prompt" },
  temperature: { kind: "number", min: 0, help: "below 1 the likely become likelier; 0: likeliest" },
  "top-k": { kind: "integer", min: 1, help: "only the N likeliest characters" },
  "top-p": {
    kind: "number",
    above: 0,
    max: 1,
    help: "only the likeliest that together have the probability N",
  },
  stop: { kind: "text", value: "TEXT", escapes: true, help: "end behind this text" },
  count: { kind: "integer", min: 1, help: "how many texts" },
  best: { kind: "switch", help: "the weights of the lowest validation loss, not the last ones" },
} as const satisfies Record<string, Flag>;

/** The flags of `report` alone. */
const reportFlags = {
  compare: { kind: "text", value: "A B", help: "lay two results folders side by side" },
  sheet: { kind: "switch", help: "write a report of your own, questions and blanks: sheet.md" },
  serve: { kind: "switch", help: "serve the report on this machine, and follow the files" },
  port: { kind: "integer", min: 0, max: 65535, help: "where --serve listens; default 8000" },
} as const satisfies Record<string, Flag>;

/** The flags of `data` alone. */
const dataFlags = {
  from: { kind: "text", value: "FILE", help: "take the text from this file, downloading nothing" },
} as const satisfies Record<string, Flag>;

/** Every flag there is. */
export const flags = {
  ...generateFlags,
  ...reportFlags,
  ...dataFlags,
  seed: { kind: "integer", min: 0, max: 2 ** 32 - 1, help: "seed of the random generator" },
  iters: { kind: "integer", min: 1, help: "training iterations" },
  "batch-size": { kind: "integer", min: 1, help: "windows a batch" },
  "block-size": { kind: "integer", min: 1, help: "characters a window: the longest context" },
  "n-embd": { kind: "integer", min: 1, help: "numbers a position" },
  "n-head": { kind: "integer", min: 1, help: "attention heads; divides --n-embd" },
  "n-layer": { kind: "integer", min: 1, help: "blocks" },
  "learning-rate": { kind: "number", above: 0, help: "AdamW's learning rate" },
  dropout: { kind: "number", min: 0, below: 1, help: "probability of zeroing a value" },
  "eval-interval": { kind: "integer", min: 1, help: "iterations from evaluation to evaluation" },
  "eval-iters": { kind: "integer", min: 1, help: "batches of each part an evaluation averages" },
  prompt: {
    kind: "text",
    value: "TEXT",
    escapes: true,
    mayBeEmpty: true, // the vocabulary's own line says that it may not
    help: "the text to continue",
  },
  "sample-length": { kind: "integer", min: 0, help: "characters generated after the prompt" },
  corpus: { kind: "text", value: "FILE", help: "a UTF-8 text to learn from instead of Hugo's" },
  results: { kind: "text", value: "DIR", help: "the folder of the CSV files" },
  backend: {
    kind: "choice",
    choices: ["auto", ...backendNames],
    help: "what computes the tensors",
  },
  threads: { kind: "integer", min: 1, max: 64, help: "threads of the engine; default: the cores" },
  blas: { kind: "text", value: "auto|PATH", help: "a BLAS for large products: other last digits" },
  resume: { kind: "switch", help: "go on from the checkpoint of an interrupted or shorter run" },
  quiet: { kind: "switch", help: "no progress bar, no notices but that of another text" },
  to: { kind: "text", value: "DIR", help: "a folder of the exported model's own" },
  dump: { kind: "text", value: "DIR", help: "write weights and the first iteration's gradients" },
  describe: { kind: "switch", help: "compare with GPT-2, train nothing" },
  help,
} as const satisfies Record<string, Flag>;

/** A flag's name. */
export type FlagName = keyof typeof flags;

/** Values by flag; a flag that was not given has none. */
export type FlagValues = Partial<Record<FlagName, string | number | boolean>>;

/** The flags of a task that trains nothing. */
export const plainFlags: FlagName[] = ["corpus", "results", "quiet", "help"];

/** The flags that no training task has. */
const otherTasksFlags = Object.keys({
  ...generateFlags,
  ...reportFlags,
  ...dataFlags,
}) as FlagName[];

/** The flags that make sense for a stage. */
export function stageFlags(stage: Stage): FlagName[] {
  const { body, dropout } = stage.model;
  const unused: FlagName[] = ["describe", "to", ...otherTasksFlags];
  if (body === "bigram") unused.push("n-embd", "blas");
  if (body === "bigram" || body === "head") unused.push("n-head");
  if (body !== "blocks") unused.push("n-layer");
  if (dropout === 0) unused.push("dropout");
  if (stage.name === "scaled") unused.splice(0, 1);
  return (Object.keys(flags) as FlagName[]).filter((name) => !unused.includes(name));
}

/**
 * Reads the arguments of a task that has some of the flags.
 *
 * @param words where arguments go that are no flags; without it there must be none
 * @throws {UserError} naming an argument that is wrong
 */
export function parseFlags(
  task: string,
  allowed: FlagName[],
  args: string[],
  words?: string[],
): FlagValues {
  return readArguments({ task, flags: pick(allowed), others: flags, words }, args);
}

function pick(names: FlagName[]): Record<string, Flag> {
  return Object.fromEntries(names.map((name) => [name, flags[name]]));
}

/**
 * A stage with the flags' values in place of its own.
 *
 * @throws {UserError} if the values do not go together
 */
export function applyFlags(stage: Stage, values: FlagValues): Stage {
  const given = <T>(name: FlagName, otherwise: T) => (values[name] ?? otherwise) as T;
  const { model, training } = stage;
  const changed: ModelConfig = {
    ...model,
    blockSize: given("block-size", model.blockSize),
    nEmbd: given("n-embd", model.nEmbd),
    nHead: given("n-head", model.nHead),
    nLayer: given("n-layer", model.nLayer),
    dropout: given("dropout", model.dropout),
  };
  if (changed.body !== "bigram" && changed.nEmbd % changed.nHead !== 0) {
    throw new UserError(
      `--n-embd ${changed.nEmbd} cannot be divided among ${changed.nHead} heads: ` +
        "choose a multiple of --n-head",
    );
  }
  return {
    ...stage,
    model: changed,
    training: {
      seed: given("seed", training.seed),
      iters: given("iters", training.iters),
      batchSize: given("batch-size", training.batchSize),
      learningRate: given("learning-rate", training.learningRate),
      evalInterval: given("eval-interval", training.evalInterval),
      evalIters: given("eval-iters", training.evalIters),
      prompt: given("prompt", training.prompt),
      sampleLength: given("sample-length", training.sampleLength),
    },
  };
}

let announced = "";

/**
 * Makes the backend that was asked for, or the best for the stage, the one that computes.
 *
 * @returns what says on standard error which backend was chosen, where it computes and why: to be
 * called once the input is known to be good; it says nothing twice
 * @throws {UserError} if the backend cannot be had here
 */
export async function useBackendOf(values: FlagValues, stage?: Stage): Promise<() => void> {
  const asked = (values.backend ?? "auto") as BackendName | "auto";
  const { name, why } = asked === "auto"
    ? await chooseBackend(stage ? operationsPerStep(stage) : 0)
    : { name: asked, why: "as --backend says" };
  await useBackend(name, values.threads as number | undefined);
  const lines = [`backend ${name} on ${await deviceInUse()}: ${why}`];
  if (values.blas !== undefined) lines.push((await leaveProductsToBlas(String(values.blas))).line);
  const line = lines.join("\n");
  return () => {
    if (!values.quiet && line !== announced) console.error(line);
    announced = line;
  };
}

/** About how many additions and multiplications a training step of the stage's blocks makes. */
function operationsPerStep({ model, training }: Stage): number {
  const weights = model.nLayer * (4 + 2 * model.widening) * model.nEmbd ** 2;
  return 6 * weights * training.batchSize * model.blockSize;
}

/** What `--help` prints; the defaults are the stage's, or those given. */
export function helpText(
  task: string,
  about: string,
  allowed: FlagName[],
  stage?: Stage,
  defaults: FlagValues = {},
): string {
  const initial = allowed.map((name) =>
    [name, defaults[name] ?? (stage && defaultOf(stage, name))] as const
  );
  return [
    `deno task ${task}: ${about}`,
    "",
    flagLines(pick(allowed), Object.fromEntries(initial)),
  ].join("\n");
}

function defaultOf(stage: Stage, name: FlagName): unknown {
  if (name === "backend") return "auto";
  if (stage.name === "bigram" && name === "iters") return "100, 1000 and 10000";
  if (stage.name === "bigram" && name === "eval-interval") return "a tenth of the iterations";
  const key = name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
  return { ...stage.training, ...stage.model }[key as keyof (ModelConfig & Stage["training"])];
}
