/**
 * A training run as one safetensors file: everything that going on to the same bits needs.
 *
 * Weights keep PyTorch's names; AdamW's moments lie beside them under `adamw.m.` and `adamw.v.`,
 * the generator's words under `generator.words`, all else as text in the header. Writing and
 * finding files is left to the tasks.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { UserError } from "./errors.ts";
import type { LanguageModel } from "./language_model.ts";
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from "./safetensors.ts";
import type { Trainer } from "./train.ts";

const FORMAT = "hugo-lab checkpoint 1";
const M = "adamw.m.";
const V = "adamw.v.";
const WORDS = "generator.words";

/** Where a run stands, besides what its trainer holds. */
export interface RunState {
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

/** The model's weights under their names: (name, values). */
export async function modelTensors(model: LanguageModel): Promise<Map<string, StoredTensor>> {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, { shape, variable }] of model.namedParameters()) {
    tensors.set(name, { shape: [...shape], data: await variable.data<"float32">() });
  }
  return tensors;
}

/** The bytes of a checkpoint. */
export async function encodeCheckpoint(trainer: Trainer, run: RunState): Promise<Uint8Array> {
  const { model, optimizer, generator } = trainer;
  const tensors = await modelTensors(model);
  for (const [name, { shape, variable }] of model.namedParameters()) {
    const { m, v } = optimizer.moments.get(variable.name)!;
    tensors.set(M + name, { shape: [...shape], data: await m.data<"float32">() });
    tensors.set(V + name, { shape: [...shape], data: await v.data<"float32">() });
  }
  const { words, position, cachedNormal } = generator.state;
  tensors.set(WORDS, { shape: [words.length], data: new Int32Array(words.buffer) });
  const metadata = {
    format: FORMAT,
    run: JSON.stringify(run),
    drawn: JSON.stringify({ position, cachedNormal, updates: optimizer.step }),
  };
  const checksum = await digest(encodeSafetensors(tensors, metadata));
  return encodeSafetensors(tensors, { ...metadata, checksum });
}

/**
 * Puts a trainer where a checkpoint's stood and gives the rest of the run's state. The trainer is
 * touched only once everything has been found right.
 *
 * @throws {UserError} if the bytes are no undamaged checkpoint, or one of other settings, naming
 * the first difference
 */
export async function restoreCheckpoint(
  trainer: Trainer,
  bytes: Uint8Array,
  settings: Record<string, unknown>,
): Promise<RunState> {
  const { tensors, metadata: { checksum, ...metadata } } = decodeSafetensors(bytes);
  if (metadata.format !== FORMAT) throw new UserError("it is no checkpoint of this lab");
  if (checksum !== await digest(encodeSafetensors(tensors, metadata))) {
    throw new UserError("it was altered or damaged: its checksum differs");
  }
  const run: RunState = JSON.parse(metadata.run);
  checkSettings(run.settings, settings);
  const { position, cachedNormal, updates } = JSON.parse(metadata.drawn);
  const { model, optimizer, generator } = trainer;
  for (const [name, { variable }] of model.namedParameters()) {
    const { m, v } = optimizer.moments.get(variable.name)!;
    assign(variable, tensors.get(name)!);
    assign(m, tensors.get(M + name)!);
    assign(v, tensors.get(V + name)!);
  }
  optimizer.step = updates;
  const words = new Uint32Array(tensors.get(WORDS)!.data.buffer);
  generator.state = { words, position, cachedNormal };
  return run;
}

function checkSettings(saved: Record<string, unknown>, now: Record<string, unknown>): void {
  for (const key of new Set([...Object.keys(saved), ...Object.keys(now)])) {
    const [before, after] = [saved[key], now[key]].map((value) => JSON.stringify(value));
    if (before !== after) {
      throw new UserError(`it is of another run: ${key} was ${short(before)}, is ${short(after)}`);
    }
  }
}

function short(text: string | undefined): string {
  return text === undefined ? "not there" : text.length > 70 ? `${text.slice(0, 70)}…` : text;
}

function assign(variable: tf.Variable, { data }: StoredTensor): void {
  const values = tf.tensor(data, variable.shape, "float32");
  variable.assign(values);
  values.dispose();
}

async function digest(bytes: Uint8Array): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return new Uint8Array(hash).toHex();
}
