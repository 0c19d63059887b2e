/**
 * What an exported folder holds: a stage's weights, configuration and vocabulary, and our Python.
 *
 * @module
 */
import {
  decodeCheckpoint,
  decodeModel,
  decodeSafetensors,
  encodeFreshCheckpoint,
  encodeModel,
  Generator,
  type ModelInfo,
  readBytes,
  type RunState,
  type StageName,
  UserError,
  type Weights,
  weightsIn,
} from "@hugo-lab/model";
import { withFile } from "../task/errors.ts";
import { readIdentity, whyForeign } from "./identity.ts";
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
  /** The validation loss of the best ones. */
  valLoss?: number;
  /** The file from which training goes on. */
  checkpoint: Uint8Array;
}

/**
 * Reads what a task wrote to its folder.
 *
 * @throws {UserError} if it was not run, or its files are damaged, or of another stage or run
 */
export async function readTrained(
  folder: string,
  stage: StageName,
  best: boolean,
): Promise<Trained> {
  const identity = await readIdentity(folder);
  const read = async (path: string, expected?: ModelInfo) => {
    const bytes = await readFile(path);
    return await withFile(path, () => {
      const file = decodeSafetensors(bytes);
      if (expected) weightsIn(file, expected);
      const { weights, valLoss, ...info } = decodeModel(file, stage);
      const foreign = whyForeign(info.id, identity);
      if (foreign) throw new UserError(`${foreign}: delete it, or train the stage again`);
      return { bytes, file, info, weights, valLoss };
    });
  };
  const path = `${folder}/checkpoint.safetensors`;
  const { bytes, file, info, weights: last } = await read(path);
  const { run } = await withFile(path, () => decodeCheckpoint(file));
  if (!best) return { info, run, weightsOf: "last", weights: last, checkpoint: bytes };
  const { weights, valLoss } = await read(`${folder}/best.safetensors`, info);
  const generator = new Generator(Number(run.settings.seed));
  const checkpoint = encodeFreshCheckpoint(weights, run, info, generator);
  return { info, run: { ...run, iteration: 0 }, weightsOf: "best", weights, valLoss, checkpoint };
}

async function readFile(path: string): Promise<Uint8Array> {
  try {
    return await withFile(path, () => readBytes(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      throw new UserError(`there is no ${path}: train the stage first, or give its --results`);
    }
    throw error;
  }
}

/** The folder's files by name. */
export function exportedFiles(trained: Trained): [name: string, bytes: Uint8Array][] {
  const { info, run, weightsOf, weights, valLoss, checkpoint } = trained;
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
    ["weights.safetensors", encodeModel(weights, info, valLoss)],
    ["config.json", json(config)],
    ["vocabulary.json", json(info.vocabulary)],
    ["model.py", text(modelPy)],
    ["checkpoint.py", text(checkpointPy)],
    ["train.py", text(trainPy)],
    ["checkpoint.safetensors", checkpoint], // last: a folder that has it is whole
  ];
}
