/**
 * What an exported folder holds: a stage's weights, configuration and vocabulary, and our Python.
 *
 * @module
 */
import {
  buildModel,
  decodeCheckpoint,
  decodeSafetensors,
  encodeFreshCheckpoint,
  Generator,
  type ModelInfo,
  modelInfo,
  packWeights,
  type RunState,
  type StoredTensor,
  type TensorFile,
  UserError,
} from "@hugo-lab/model";
import checkpointPy from "../../model/pytorch/checkpoint.py" with { type: "text" };
import modelPy from "../../model/pytorch/model.py" with { type: "text" };
import trainPy from "../../model/pytorch/train.py" with { type: "text" };

/** A stage as its task left it. */
export interface Trained {
  info: ModelInfo;
  run: Pick<RunState, "iters" | "iteration" | "settings">;
  /** Which weights these are: the last ones, or those of the lowest validation loss. */
  weightsOf: "last" | "best";
  weights: Map<string, StoredTensor>;
  /** The file from which training goes on. */
  checkpoint: Uint8Array;
}

/**
 * Reads what a task wrote to its folder.
 *
 * @throws {UserError} if it was not run, or its files are damaged
 */
export async function readTrained(folder: string, best: boolean): Promise<Trained> {
  const path = `${folder}/checkpoint.safetensors`;
  const bytes = await readFile(path);
  const file = about(path, () => decodeSafetensors(bytes));
  const info = about(path, () => modelInfo(file));
  const { run } = about(path, () => decodeCheckpoint(file));
  if (!best) {
    const weights = about(path, () => weightsIn(file, info));
    return { info, run, weightsOf: "last", weights, checkpoint: bytes };
  }
  const bestPath = `${folder}/best.safetensors`;
  const bestBytes = await readFile(bestPath);
  const weights = about(bestPath, () => weightsIn(decodeSafetensors(bestBytes), info));
  const generator = new Generator(Number(run.settings.seed));
  const checkpoint = encodeFreshCheckpoint(weights, run, info, generator);
  return { info, run: { ...run, iteration: 0 }, weightsOf: "best", weights, checkpoint };
}

async function readFile(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      throw new UserError(`there is no ${path}: train the stage first, or give its --results`);
    }
    throw error;
  }
}

/** Says with an error which file it is about. */
function about<T>(path: string, fn: () => T): T {
  try {
    return fn();
  } catch (error) {
    if (error instanceof UserError) throw new UserError(`${path}: ${error.message}`);
    throw error;
  }
}

/** The tensors of the model's parameters alone. */
function weightsIn({ tensors }: TensorFile, { config, vocabulary }: ModelInfo) {
  const weights = new Map<string, StoredTensor>();
  for (const [name, { shape }] of buildModel(vocabulary.length, config).namedParameters()) {
    const tensor = tensors.get(name);
    if (!tensor || `${tensor.shape}` !== `${shape}`) {
      throw new UserError(`${name} is ${tensor ? `of [${tensor.shape}]` : "missing"}`);
    }
    weights.set(name, tensor);
  }
  return weights;
}

/** The folder's files by name. */
export function exportedFiles(trained: Trained): [name: string, bytes: Uint8Array][] {
  const { info, run, weightsOf, weights, checkpoint } = trained;
  const { iters, iteration, settings } = run;
  const isTraining = (key: string) => !(key in info.config) && key !== "the vocabulary";
  const training = Object.fromEntries(Object.entries(settings).filter(([key]) => isTraining(key)));
  const config = {
    stage: info.stage,
    weights: weightsOf,
    model: info.config,
    training: { iters, iteration, ...training },
  };
  const text = (content: string) => new TextEncoder().encode(content);
  const json = (value: unknown) => text(JSON.stringify(value, null, 2) + "\n");
  return [
    ["weights.safetensors", packWeights(weights, info)],
    ["checkpoint.safetensors", checkpoint],
    ["config.json", json(config)],
    ["vocabulary.json", json(info.vocabulary)],
    ["model.py", text(modelPy)],
    ["checkpoint.py", text(checkpointPy)],
    ["train.py", text(trainPy)],
  ];
}
