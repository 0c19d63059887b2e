/**
 * A model's file: its weights under PyTorch's names and, as text in the metadata, what is needed to
 * build the model and use it again. A checkpoint (checkpoint.ts) holds the same and more.
 *
 * @module
 */
import { UserError } from "./errors.ts";
import { buildModel, type LanguageModel, type ModelConfig } from "./language_model.ts";
import { checksumOf, isCount, parseMetadata } from "./metadata.ts";
import {
  describeTensor,
  encodeSafetensors,
  type StoredTensor,
  type TensorFile,
} from "./safetensors.ts";
import { modelOptions, type StageName, withoutDefaults } from "./stages.ts";

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
  /** The run that it is of, as the run's other files have it. */
  id?: string;
}

/** A model's file that was read and found right. */
export interface ModelFile extends ModelInfo {
  /** The weights, and no other tensor of the file. */
  weights: Weights;
  /** The validation loss that they had, where they are the best of a run. */
  valLoss?: number;
}

/** The model's weights under their names. */
export async function modelTensors(model: LanguageModel): Promise<Weights> {
  const weights: Weights = new Map();
  for (const [name, { shape, variable }] of model.namedParameters()) {
    weights.set(name, { shape: [...shape], data: await variable.data<"float32">() });
  }
  return weights;
}

/**
 * The bytes of a model's file.
 *
 * @param valLoss the validation loss that the weights had, where they are the best of a run
 */
export function encodeModel(weights: Weights, info: ModelInfo, valLoss?: number): Uint8Array {
  const best: Record<string, string> = valLoss === undefined ? {} : { valLoss: String(valLoss) };
  const metadata = { format: FORMAT, ...infoMetadata(info), ...best };
  return encodeSafetensors(weights, { ...metadata, checksum: checksumOf(weights, metadata) });
}

/** What a model is, as its file's metadata has it. */
export function infoMetadata({ stage, config, vocabulary, id }: ModelInfo): Record<string, string> {
  return {
    stage,
    config: JSON.stringify(withoutDefaults(config)),
    vocabulary: JSON.stringify(vocabulary),
    ...id === undefined ? {} : { id },
  };
}

/**
 * The model in a file, which may be a checkpoint.
 *
 * @param stage the one that it must be of
 * @throws {UserError} if it was altered or damaged, or is of another stage, and as
 * {@linkcode modelInfo} and {@linkcode weightsIn}
 */
export function decodeModel(file: TensorFile, stage?: StageName): ModelFile {
  const info = modelInfo(file);
  if (stage !== undefined && info.stage !== stage) {
    throw new UserError(`it is of the stage ${info.stage}, not of ${stage}`);
  }
  const { valLoss } = file.metadata;
  const best = valLoss === undefined ? {} : { valLoss: Number(valLoss) };
  const weights = weightsIn(file, info);
  checkChecksum(file); // last: what else is wrong says more
  return { ...info, ...best, weights };
}

/**
 * The weights of a model in a file, which may be a checkpoint, and no other tensor of it.
 *
 * @throws {UserError} if a weight is no finite number, and as {@linkcode checkWeights}
 */
export function weightsIn({ tensors }: TensorFile, { config, vocabulary }: ModelInfo): Weights {
  const model = buildModel(vocabulary.length, config);
  checkWeights(model, tensors);
  const names = [...model.namedParameters()].map(([name]) => name);
  const broken = names.find((name) => !tensors.get(name)!.data.every(Number.isFinite));
  if (broken !== undefined) {
    throw new UserError(`${broken} has a value that is no finite number`)
      .saying({ kind: "damaged file" });
  }
  return new Map(names.map((name) => [name, tensors.get(name)!]));
}

/**
 * Checks that a file of the lab's is as it was written.
 *
 * @throws {UserError} if it is not, or has no checksum
 */
export function checkChecksum({ tensors, metadata }: TensorFile): void {
  const { checksum, ...rest } = metadata;
  if (checksum === undefined) {
    throw new UserError("it has no checksum, as this lab's files have")
      .saying({ kind: "foreign file" });
  }
  if (checksum !== checksumOf(tensors, rest)) {
    throw new UserError("it was altered or damaged: its checksum differs")
      .saying({ kind: "damaged file" });
  }
}

/**
 * What a file tells of its model.
 *
 * @throws {UserError} if it tells nothing of the kind
 */
export function modelInfo({ metadata, tensors }: TensorFile): ModelInfo {
  const { stage } = metadata;
  const config = { ...modelOptions, ...parseMetadata("config", metadata.config, isConfig) };
  const heads = config.body === "bigram" ? 0 : config.nHead * config.nLayer;
  if (heads > tensors.size) {
    throw new UserError(`it has too few tensors for ${heads} heads`)
      .saying({ kind: "damaged file" });
  }
  const vocabulary = parseMetadata("vocabulary", metadata.vocabulary, isVocabulary);
  const { id } = metadata;
  return { stage: stage as StageName, config, vocabulary, ...id === undefined ? {} : { id } };
}

const bodies: ModelConfig["body"][] = ["bigram", "head", "multi_head", "feed_forward", "blocks"];

/** Whether the sizes are such that a model can be built. */
function isConfig(value: unknown): value is ModelConfig {
  const { body, blockSize, nEmbd, nHead, nLayer, dropout } = { ...value as ModelConfig };
  return bodies.includes(body) && typeof dropout === "number" &&
    [blockSize, nEmbd, nHead, nLayer].every((n) => isCount(n) && n > 0);
}

function isVocabulary(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && new Set(value).size === value.length &&
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
    if (found !== expected) {
      throw new UserError(`${name} is ${found}, expected ${expected}`)
        .saying({ kind: "damaged file" });
    }
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
