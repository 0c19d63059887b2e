/**
 * A model's file: its weights under PyTorch's names and, as text in the metadata, what is needed to
 * build the model and use it again. A checkpoint (checkpoint.ts) holds the same and more.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { UserError } from "./errors.ts";
import { buildModel, type LanguageModel, type ModelConfig } from "./language_model.ts";
import { isCount, parseMetadata } from "./metadata.ts";
import {
  describeTensor,
  encodeSafetensors,
  safetensorsPieces,
  type StoredTensor,
  type TensorFile,
} from "./safetensors.ts";
import type { StageName } from "./stages.ts";

const FORMAT = "hugo-lab weights 1";

/** A model's weights by name. */
export type Weights = Map<string, StoredTensor>;

/** What a model's file tells besides numbers, so that it can be built and used again. */
export interface ModelInfo {
  /** The stage it is of. */
  stage: StageName;
  /** Its sizes and parts. */
  config: ModelConfig;
  /** The characters in the order of their numbers. */
  vocabulary: readonly string[];
}

/** A model's file that was read and found right. */
export interface ModelFile extends ModelInfo {
  /** The weights, and no other tensor of the file. */
  weights: Weights;
}

/** The model's weights under their names. */
export async function modelTensors(model: LanguageModel): Promise<Weights> {
  const weights: Weights = new Map();
  for (const [name, { shape, variable }] of model.namedParameters()) {
    weights.set(name, { shape: [...shape], data: await variable.data<"float32">() });
  }
  return weights;
}

/** The bytes of a model's file. */
export function encodeModel(weights: Weights, info: ModelInfo): Uint8Array {
  return encodeWithChecksum(weights, { format: FORMAT, ...infoMetadata(info) });
}

/** The bytes of a file that tells its own checksum, so that no damage to it stays unseen. */
export function encodeWithChecksum(
  tensors: Map<string, StoredTensor>,
  metadata: Record<string, string>,
): Uint8Array {
  return encodeSafetensors(tensors, { ...metadata, checksum: checksumOf(tensors, metadata) });
}

/**
 * Checks that a file is as it was written.
 *
 * @throws {UserError} if it is not, or has no checksum
 */
export function checkChecksum({ tensors, metadata: { checksum, ...metadata } }: TensorFile): void {
  if (checksum === undefined) throw new UserError("it has no checksum: this lab did not write it");
  if (checksum !== checksumOf(tensors, metadata)) {
    throw new UserError("it was altered or damaged: its checksum differs");
  }
}

/** The sha256 of the file as it would be without a checksum, its metadata sorted by key. */
function checksumOf(tensors: Map<string, StoredTensor>, metadata: Record<string, string>): string {
  const hash = createHash("sha256");
  const sorted = Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)));
  for (const piece of safetensorsPieces(tensors, sorted)) hash.update(piece);
  return hash.digest("hex");
}

/** What a model is, as its file's metadata has it. */
export function infoMetadata({ stage, config, vocabulary }: ModelInfo): Record<string, string> {
  return { stage, config: JSON.stringify(config), vocabulary: JSON.stringify(vocabulary) };
}

/**
 * The model in a file, which may be a checkpoint.
 *
 * @throws {UserError} as {@linkcode modelInfo} and {@linkcode weightsIn}
 */
export function decodeModel(file: TensorFile): ModelFile {
  const info = modelInfo(file);
  return { ...info, weights: weightsIn(file, info) };
}

/**
 * The weights of a model in a file, which may be a checkpoint, and no other tensor of it.
 *
 * @throws {UserError} as {@linkcode checkChecksum} and {@linkcode checkWeights}
 */
export function weightsIn(file: TensorFile, { config, vocabulary }: ModelInfo): Weights {
  checkChecksum(file);
  const { tensors } = file;
  const model = buildModel(vocabulary.length, config);
  checkWeights(model, tensors);
  const names = [...model.namedParameters()].map(([name]) => name);
  return new Map(names.map((name) => [name, tensors.get(name)!]));
}

/**
 * What a file tells of its model.
 *
 * @throws {UserError} if it tells nothing of the kind
 */
export function modelInfo({ metadata, tensors }: TensorFile): ModelInfo {
  const { stage } = metadata;
  const config = parseMetadata("config", metadata.config, isConfig);
  const heads = config.body === "bigram" ? 0 : config.nHead * config.nLayer;
  if (heads > tensors.size) throw new UserError(`it has too few tensors for ${heads} heads`);
  const vocabulary = parseMetadata("vocabulary", metadata.vocabulary, isVocabulary);
  return { stage: stage as StageName, config, vocabulary };
}

const bodies: ModelConfig["body"][] = ["bigram", "head", "multi_head", "feed_forward", "blocks"];

/** Whether the sizes are such that a model can be built. */
function isConfig(value: unknown): value is ModelConfig {
  const { body, blockSize, nEmbd, nHead, nLayer, dropout } = { ...value as ModelConfig };
  return bodies.includes(body) && typeof dropout === "number" &&
    [blockSize, nEmbd, nHead, nLayer].every((n) => isCount(n) && n > 0);
}

function isVocabulary(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 &&
    value.every((c) => typeof c === "string" && [...c].length === 1);
}

/**
 * Checks that a model's weights are among some tensors.
 *
 * @throws {UserError} naming the first that is missing or of another shape
 */
export function checkWeights(model: LanguageModel, tensors: Weights): void {
  for (const [name, { shape }] of model.namedParameters()) {
    const tensor = tensors.get(name);
    const [found, expected] = [tensor ? describeTensor(tensor) : "not there", `F32 (${shape})`];
    if (found !== expected) throw new UserError(`${name} is ${found}, expected ${expected}`);
  }
}

/**
 * Gives a model its weights from among some tensors.
 *
 * @throws {UserError} as {@linkcode checkWeights}; the model is as it was then
 */
export function loadWeights(model: LanguageModel, tensors: Weights): void {
  checkWeights(model, tensors);
  for (const [name, parameter] of model.namedParameters()) {
    parameter.set(tensors.get(name)!.data as Float32Array);
  }
}
