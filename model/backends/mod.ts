/**
 * Choosing what computes the tensors.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { useBlas } from "./lab/blas.ts";
import { LabBackend, registerLab } from "./lab/mod.ts";
import { UserError } from "../errors.ts";

/** The backends that `--backend` names. */
export const backendNames = ["lab", "wasm", "cpu", "webgpu", "tensorflow"] as const;

/** A backend's name. */
export type BackendName = (typeof backendNames)[number];

/** What is used unless `--backend` says otherwise. */
export const defaultBackend: BackendName = "lab";

/** What there is to do where a backend is missing. */
const remedies: Record<BackendName, string> = {
  lab: "it needs WebAssembly with SIMD and shared memory; try --backend wasm",
  wasm: "allow reading files, since TensorFlow.js reads its wasm file",
  cpu: "it needs nothing; this is a fault of the lab",
  webgpu: "it needs a GPU with a WebGPU driver; try --backend wasm",
  tensorflow:
    "it needs npm:@tensorflow/tfjs-node-gpu with its native library, and the permission " +
    "--allow-ffi; try --backend wasm",
};

/**
 * Makes TensorFlow.js compute with the backend, and no other.
 *
 * @param threads of the lab's engine; as many as the machine has cores unless told
 * @throws {UserError} if it cannot be had here, with what to do
 */
export async function useBackend(name: BackendName, threads?: number): Promise<void> {
  tf.enableProdMode(); // else TensorFlow.js prints advice on node packages
  let reason = "";
  try {
    if (name === "lab") registerLab();
    if (name === "wasm") await loadWasm();
    if (name === "webgpu") await import("@tensorflow/tfjs-backend-webgpu");
    if (await tf.setBackend(name)) await tf.ready();
  } catch (error) {
    reason = error instanceof Error ? ` (${error.message.split("\n")[0]})` : "";
  }
  if (tf.getBackend() !== name) {
    throw new UserError(`the backend ${name} is not available here${reason}: ${remedies[name]}`);
  }
  const backend = tf.backend();
  if (backend instanceof LabBackend) backend.engine.threads = threads ?? await defaultThreads();
}

/**
 * Has the lab's engine leave large products to the machine's BLAS from now on, if it can be had.
 *
 * @param wanted "auto", or the path of a library
 * @returns a line that says what is used, and if it is none, why
 */
export function leaveProductsToBlas(wanted: string): Promise<string> {
  const backend = tf.backend();
  if (backend instanceof LabBackend) return useBlas(backend.engine, wanted);
  return Promise.resolve("no BLAS is used: --blas is for --backend lab");
}

/** How many threads a large step is divided among; 1 on every backend but the lab's engine. */
export function threadsInUse(): number {
  const backend = tf.backend();
  return backend instanceof LabBackend ? backend.engine.threads : 1;
}

/** One for each core; a thread's program is a file, so without leave to read there is only one. */
async function defaultThreads(): Promise<number> {
  const { state } = await Deno.permissions.query({ name: "read" });
  return state === "granted" ? navigator.hardwareConcurrency : 1;
}

/** TensorFlow.js would fall back to another backend without a word if it could not read its file. */
async function loadWasm(): Promise<void> {
  const { state } = await Deno.permissions.query({ name: "read" });
  if (state !== "granted") throw new Error("reading files is not allowed");
  await import("@tensorflow/tfjs-backend-wasm");
}
