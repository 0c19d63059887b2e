/** The backend that a task's flags ask for. @module */
import * as tf from "@hugo-lab/model/tf";
import {
  type BackendName,
  checkMemory,
  chooseBackend,
  deviceInUse,
  memoryNeeds,
  roomFor,
  type Stage,
  threadsInUse,
  useBackend,
  type Vocabulary,
} from "@hugo-lab/model";
import { notify } from "../task/notices.ts";
import type { RunValues } from "./flags.ts";

/** What Deno, TensorFlow.js and the lab take before a model is there, as measured. */
const DENO_BYTES = 130e6;

let announced = "";

/**
 * Makes the backend that was asked for, or the best for the stage, the one that computes.
 *
 * @returns what says on standard error which backend was chosen, where it computes and why: to be
 * called once the input is known to be good; it says nothing twice
 * @throws {UserError} if the backend cannot be had here
 */
export async function useBackendOf(
  values: Pick<RunValues, "backend" | "threads" | "quiet">,
  stage?: Stage,
): Promise<() => void> {
  const { backend = "auto", threads } = values;
  const { name, why } = backend === "auto"
    ? await chooseBackend(stage ? operationsPerStep(stage) : 0)
    : { name: backend, why: "as --backend says" };
  await useBackend(name, threads);
  const line = `backend ${name} on ${await deviceInUse()}: ${why}`;
  return () => {
    if (line !== announced) notify(values)(line);
    announced = line;
  };
}

/**
 * The same for a run, once the machine and then the backend are seen to have the memory for it.
 *
 * @returns what {@linkcode useBackendOf} does
 * @throws {UserError} also if there is too little
 */
export async function useBackendFor(
  stage: Stage,
  vocabulary: Vocabulary,
  values: Pick<RunValues, "backend" | "threads" | "quiet">,
): Promise<() => void> {
  checkMachineOf(stage, vocabulary, values);
  const announce = await useBackendOf(values, stage);
  checkMemoryOf(stage, vocabulary, backendInUse());
  return announce;
}

/** The name of the backend in use. */
export const backendInUse = (): BackendName => tf.getBackend() as BackendName;

/**
 * Checks that the machine has the memory for a run, before a backend is looked for.
 *
 * @throws {UserError} if not, with what would fit on the backend that it would then have
 */
function checkMachineOf(
  stage: Stage,
  vocabulary: Vocabulary,
  { backend = "auto", threads = navigator.hardwareConcurrency }: Pick<
    RunValues,
    "backend" | "threads"
  >,
): void {
  try {
    checkMemoryOf(stage, vocabulary, "cpu"); // which has the machine's memory and no limit of its own
  } catch (error) {
    checkMemoryOf(stage, vocabulary, backend === "auto" ? "lab" : backend, threads);
    throw error;
  }
}

/**
 * Checks that there is the memory for a run on a backend.
 *
 * @throws {UserError} if not
 */
export function checkMemoryOf(
  { model, training }: Stage,
  { size }: Vocabulary,
  backend: BackendName,
  threads: number = threadsInUse(),
): void {
  const plan = { vocabSize: size, model, training, threads };
  checkMemory(plan, roomFor(backend));
}

/** What a run's process will have taken in the end, in words: what it needs, and Deno's own. */
export function memoryOf({ model, training }: Stage, { size }: Vocabulary): string {
  const plan = { vocabSize: size, model, training, threads: threadsInUse() };
  const bytes = Object.values(memoryNeeds(plan)).reduce((sum, part) => sum + part, DENO_BYTES);
  return bytes < 1e9 ? `${Math.round(bytes / 1e7) * 10} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** About how many additions and multiplications a training step of the stage's blocks makes. */
export function operationsPerStep({ model, training }: Stage): number {
  const weights = model.nLayer * (4 + 2 * model.widening) * model.nEmbd ** 2;
  return 6 * weights * training.batchSize * model.blockSize;
}
