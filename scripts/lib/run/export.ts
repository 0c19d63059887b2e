/**
 * What an exported folder holds: a stage's weights, configuration and vocabulary, and our Python.
 *
 * @module
 */
import {
  decodeCheckpoint,
  decodeSafetensors,
  encodeFreshCheckpoint,
  encodeModel,
  Generator,
  type ModelInfo,
  modelInfo,
  type RunState,
  UserError,
  type Weights,
  weightsIn,
} from "@hugo-lab/model";
import { withFile } from "../task/errors.ts";
import checkpointPy from "../../../model/pytorch/checkpoint.py" with { type: "text" };
import modelPy from "../../../model/pytorch/model.py" with { type: "text" };
import trainPy from "../../../model/pytorch/train.py" with { type: "text" };

/** A stage as its task left it. */
export interface Trained {
  info: ModelInfo;
  run: Pick<RunState, "iters" | "iteration" | "settings">;
  /** Which weights these are: the last ones, or those of the lowest validation loss. */
  weightsOf: "last" | "best";
  weights: Weights;
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
  const { info, run, weights: last } = await withFile(path, () => {
    const file = decodeSafetensors(bytes);
    const info = modelInfo(file);
    return { info, run: decodeCheckpoint(file).run, weights: weightsIn(file, info) };
  });
  if (!best) return { info, run, weightsOf: "last", weights: last, checkpoint: bytes };
  const bestPath = `${folder}/best.safetensors`;
  const bestBytes = await readFile(bestPath);
  const weights = await withFile(bestPath, () => weightsIn(decodeSafetensors(bestBytes), info));
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
    ["weights.safetensors", encodeModel(weights, info)],
    ["checkpoint.safetensors", checkpoint],
    ["config.json", json(config)],
    ["vocabulary.json", json(info.vocabulary)],
    ["model.py", text(modelPy)],
    ["checkpoint.py", text(checkpointPy)],
    ["train.py", text(trainPy)],
  ];
}
