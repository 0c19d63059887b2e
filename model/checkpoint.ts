/**
 * A training run as one safetensors file: everything that going on to the same bits needs.
 *
 * It is a model's file (weights.ts) with more in it: AdamW's moments lie beside the weights under
 * `adamw.m.` and `adamw.v.`, the generator's words under `generator.words`, all else as text in the
 * metadata. Where the files lie, and when they are written, is not decided here.
 *
 * @module
 */
import * as tf from "./tf.ts";
import { UserError } from "./errors.ts";
import { copyInto } from "./functions.ts";
import { checksumOf, isCount, parseMetadata } from "./metadata.ts";
import type { Generator, GeneratorState } from "./random.ts";
import {
  describeTensor,
  encodeSafetensors,
  type StoredTensor,
  type TensorFile,
} from "./safetensors.ts";
import type { Trainer } from "./train.ts";
import {
  checkChecksum,
  infoMetadata,
  type ModelInfo,
  modelTensors,
  type Weights,
} from "./weights.ts";

const FORMAT = "hugo-lab checkpoint 1";
const M = "adamw.m.";
const V = "adamw.v.";
const WORDS = "generator.words";
const WORD_COUNT = 624;

/** Where a run stands, besides what its trainer holds. */
export interface RunState {
  /** How many iterations it was to have. */
  iters: number;
  /** The iteration to go on with. */
  iteration: number;
  /** Whether that iteration's evaluation is done already. */
  evaluated: boolean;
  /** The lowest validation loss so far; null before the first evaluation. */
  bestLoss: number | null;
  /** What must be the same for the run to go on, such as the configuration. */
  settings: Record<string, unknown>;
  /** The rows of the run's CSV files so far, by file. */
  rows: Record<string, string[][]>;
}

/** A checkpoint that was read and found undamaged. */
export interface Checkpoint {
  /** The stage's name. */
  stage: string;
  /** The run that it is of. */
  id?: string;
  /** Where the run stood. */
  run: RunState;
  /** Weights, moments and the generator's words. */
  tensors: Map<string, StoredTensor>;
  /** What else was drawn and counted. */
  drawn: Omit<GeneratorState, "words"> & { updates: number };
}

/** The bytes of a checkpoint. */
export async function encodeCheckpoint(
  trainer: Trainer,
  run: RunState,
  info: ModelInfo,
): Promise<Uint8Array> {
  const { model, optimizer, generator } = trainer;
  const tensors = await modelTensors(model);
  for (const [name, { shape, variable }] of model.namedParameters()) {
    const { m, v } = optimizer.moments.get(variable.name)!;
    tensors.set(M + name, { shape: [...shape], data: await m.data<"float32">() });
    tensors.set(V + name, { shape: [...shape], data: await v.data<"float32">() });
  }
  return pack(tensors, run, info, generator.state, optimizer.step);
}

/** The bytes of a checkpoint in which training of the weights has yet to begin. */
export function encodeFreshCheckpoint(
  weights: Weights,
  { iters, settings }: Pick<RunState, "iters" | "settings">,
  info: ModelInfo,
  generator: Generator,
): Uint8Array {
  const tensors = new Map(weights);
  for (const [name, { shape, data }] of weights) {
    tensors.set(M + name, { shape, data: new Float32Array(data.length) });
    tensors.set(V + name, { shape, data: new Float32Array(data.length) });
  }
  const run = { iters, iteration: 0, evaluated: false, bestLoss: null, settings, rows: {} };
  return pack(tensors, run, info, generator.state, 0);
}

function pack(
  tensors: Map<string, StoredTensor>,
  run: RunState,
  info: ModelInfo,
  { words, position, cachedNormal }: GeneratorState,
  updates: number,
): Uint8Array {
  tensors.set(WORDS, { shape: [words.length], data: new Int32Array(words.buffer) });
  const metadata = {
    format: FORMAT,
    ...infoMetadata(info),
    run: JSON.stringify(run),
    drawn: JSON.stringify({ position, cachedNormal, updates }),
  };
  return encodeSafetensors(tensors, { ...metadata, checksum: checksumOf(tensors, metadata) });
}

/**
 * The checkpoint in a file.
 *
 * @throws {UserError} if it is none, or a damaged one
 */
export function decodeCheckpoint(file: TensorFile): Checkpoint {
  const { tensors, metadata } = file;
  if (metadata.format !== FORMAT) {
    throw new UserError("it is no checkpoint of this lab").saying({ kind: "foreign file" });
  }
  checkChecksum(file);
  const run = parseMetadata("run", metadata.run, isRunState);
  const { stage, id } = metadata;
  return { stage, id, run, tensors, drawn: parseMetadata("drawn", metadata.drawn, isDrawn) };
}

/**
 * Puts a trainer where a checkpoint's stood. The trainer is touched only once everything has been
 * found right.
 *
 * @throws {UserError} naming the first difference, if the checkpoint is of another run
 */
export function restoreCheckpoint(
  trainer: Trainer,
  { run, tensors, drawn }: Checkpoint,
  settings: Record<string, unknown>,
): void {
  checkSettings(run.settings, settings);
  const { model, optimizer, generator } = trainer;
  const targets = new Map<string, tf.Variable>();
  for (const [name, { variable }] of model.namedParameters()) {
    const { m, v } = optimizer.moments.get(variable.name)!;
    targets.set(name, variable).set(M + name, m).set(V + name, v);
  }
  checkTensors(tensors, targets);
  for (const [name, variable] of targets) {
    const values = tf.tensor(tensors.get(name)!.data, variable.shape, "float32");
    copyInto(variable, values);
    values.dispose();
  }
  const { updates, ...position } = drawn;
  optimizer.step = updates;
  generator.state = { words: new Uint32Array(tensors.get(WORDS)!.data.buffer), ...position };
}

/** Checks that a file has these variables' tensors and the generator's words, and no more. */
function checkTensors(
  tensors: Map<string, StoredTensor>,
  targets: Map<string, tf.Variable>,
): void {
  const expected = new Map([...targets].map(([name, { shape }]) => [name, `F32 (${shape})`]));
  expected.set(WORDS, `I32 (${WORD_COUNT})`);
  for (const name of new Set([...expected.keys(), ...tensors.keys()])) {
    const tensor = tensors.get(name);
    const found = tensor && describeTensor(tensor);
    if (found !== expected.get(name)) {
      const [was, is] = [found, expected.get(name)].map((text) => text ?? "not there");
      throw new UserError(`it is of another model: ${name} was ${was}, is ${is}`);
    }
  }
}

/**
 * Checks that what must be the same is.
 *
 * @throws {UserError} naming the first difference
 */
export function checkSettings(
  saved: Record<string, unknown>,
  now: Record<string, unknown>,
): void {
  for (const key of new Set([...Object.keys(now), ...Object.keys(saved)])) {
    const [before, after] = [saved[key], now[key]].map((value) => JSON.stringify(value));
    if (before !== after) {
      throw new UserError((nameOf) =>
        `it is of another run: ${nameOf(key)} was ${short(before)}, is ${short(after)}`
      );
    }
  }
}

function short(text: string | undefined): string {
  return text === undefined ? "not there" : text.length > 70 ? `${text.slice(0, 70)}…` : text;
}

const isNumberOrNull = (value: unknown): value is number | null =>
  value === null || typeof value === "number";

function isRunState(value: unknown): value is RunState {
  const { iters, iteration, evaluated, bestLoss, settings, rows } = { ...value as RunState };
  return isCount(iters) && isCount(iteration) && typeof evaluated === "boolean" &&
    isNumberOrNull(bestLoss) && typeof settings === "object" && settings !== null &&
    typeof rows === "object" && rows !== null && Object.values(rows).every(isTable);
}

function isTable(value: unknown): value is string[][] {
  return Array.isArray(value) &&
    value.every((row) => Array.isArray(row) && row.every((cell) => typeof cell === "string"));
}

function isDrawn(value: unknown): value is Checkpoint["drawn"] {
  const { position, cachedNormal, updates } = { ...value as Checkpoint["drawn"] };
  return isCount(position) && position <= WORD_COUNT && isNumberOrNull(cachedNormal) &&
    isCount(updates);
}
