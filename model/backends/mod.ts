/**
 * Choosing what computes the tensors.
 *
 * @module
 */
import * as tf from "../tf.ts";
import { type BlasChoice, useBlas } from "./lab/blas.ts";
import { LabBackend, registerLab } from "./lab/mod.ts";
import { UserError } from "../errors.ts";
import { describeTensorFlow, registerTensorFlow } from "./tensorflow/mod.ts";

/**
 * The backends that `--backend` names. A process that uses several takes them in this order: loaded
 * after a Vulkan driver with an LLVM of its own (llvmpipe), TensorFlow's LLVM crashes.
 */
export const backendNames = ["lab", "wasm", "cpu", "tensorflow", "webgpu"] as const;

/** A backend's name. */
export type BackendName = (typeof backendNames)[number];

/** The backend for small models, and where there is no GPU. */
export const defaultBackend: BackendName = "lab";

/**
 * Packages that are downloaded when their backend is first asked for. `deno task` downloads all that
 * deno.json names, so they are named here.
 */
const packages = {
  wasm: "npm:@tensorflow/tfjs-backend-wasm@4.22.0",
  webgpu: "npm:@tensorflow/tfjs-backend-webgpu@4.22.0",
};

/** What there is to do where a backend is missing. */
const remedies: Record<BackendName, string> = {
  lab: "it needs WebAssembly with SIMD and shared memory; try --backend wasm",
  wasm: "allow reading files, since TensorFlow.js reads its wasm file",
  cpu: "it needs nothing; this is a fault of the lab",
  webgpu: "it needs a GPU with a WebGPU driver; try --backend wasm",
  tensorflow: "install it by deno task install_tensorflow, or try --backend lab",
};

/**
 * Makes TensorFlow.js compute with the backend, and no other.
 *
 * @param threads of the lab's engine; as many as the machine has cores unless told
 * @throws {UserError} if it cannot be had here, with what to do
 */
export async function useBackend(name: BackendName, threads?: number): Promise<void> {
  if (name === "tensorflow" && !await mayLoadNativeCode()) {
    throw new UserError(
      "--backend tensorflow runs native code: start the task as deno task native, for instance " +
        "deno task native multi_head --backend tensorflow",
    );
  }
  tf.enableProdMode(); // else TensorFlow.js prints advice on node packages
  let reason = "";
  try {
    if (name === "lab") registerLab();
    if (name === "wasm") await loadWasm();
    if (name === "tensorflow") await registerTensorFlow();
    if (name === "webgpu") await import(packages.webgpu);
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

/** Whether the permission is there that `deno task native` has beyond the other tasks. */
export async function mayLoadNativeCode(): Promise<boolean> {
  return (await Deno.permissions.query({ name: "ffi" })).state === "granted";
}

/**
 * Has the lab's engine leave large products to the machine's BLAS from now on, if it can be had.
 *
 * @param wanted "auto", or the path of a library
 */
export function leaveProductsToBlas(wanted: string): Promise<BlasChoice> {
  const backend = tf.backend();
  if (backend instanceof LabBackend) return useBlas(backend.engine, wanted);
  return Promise.resolve({ line: "no BLAS is used: --blas is for --backend lab" });
}

/** How many threads a large step is divided among; 1 on every backend but the lab's engine. */
export function threadsInUse(): number {
  const backend = tf.backend();
  return backend instanceof LabBackend ? backend.engine.threads : 1;
}

/** What the backend in use computes on, in a few words. */
export async function deviceInUse(): Promise<string> {
  switch (tf.getBackend()) {
    case "lab":
      return `the CPU, ${threadsInUse()} thread${threadsInUse() === 1 ? "" : "s"}`;
    case "tensorflow":
      return describeTensorFlow();
    case "webgpu":
      return (await findWebGpu())?.description ?? "a GPU";
  }
  return "the CPU";
}

/** The GPU that WebGPU offers, if any; software is a program that computes on the CPU instead. */
export async function findWebGpu(): Promise<
  { description: string; isSoftware: boolean } | undefined
> {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter) return undefined;
  const { description, device, isFallbackAdapter } = adapter.info;
  const isSoftware = isFallbackAdapter ||
    /llvmpipe|lavapipe|swiftshader|basic render/i.test(description);
  return { description: description || device || "a GPU", isSoftware };
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
  await import(packages.wasm);
}
