/**
 * Choosing what computes the tensors.
 *
 * @module
 */
import * as tf from "../tf.ts";
import { UserError } from "../errors.ts";
import { isGranted } from "../platform.ts";
import type { BackendDescriptor } from "./descriptor.ts";
import { type BackendName, backends } from "./table.ts";

export { type BackendName, backendNames, backends } from "./table.ts";
export { findWebGpu } from "./webgpu.ts";

/** The backend for small models, and where there is no GPU. */
export const defaultBackend: BackendName = "lab";

/** The backend in use; TensorFlow.js's own if none was chosen. */
function inUse(): BackendDescriptor {
  return backends[tf.getBackend() as BackendName] ?? backends.cpu;
}

/**
 * Makes TensorFlow.js compute with the backend, and no other.
 *
 * @param threads of the lab's engine; as many as the machine has cores unless told
 * @throws {UserError} if it cannot be had here, with what to do
 */
export async function useBackend(name: BackendName, threads?: number): Promise<void> {
  const backend: BackendDescriptor = backends[name];
  if (backend.isNative && !await mayLoadNativeCode()) {
    throw new UserError(
      `--backend ${name} runs native code: start the task as deno task native, for instance ` +
        `deno task native multi_head --backend ${name}`,
    );
  }
  tf.enableProdMode(); // else TensorFlow.js prints advice on node packages
  let reason = "";
  try {
    await backend.register();
    if (await tf.setBackend(name)) await tf.ready();
  } catch (error) {
    reason = error instanceof Error ? ` (${error.message.split("\n")[0]})` : "";
  }
  if (tf.getBackend() !== name) {
    throw new UserError(`the backend ${name} is not available here${reason}: ${backend.remedy}`);
  }
  await backend.threads?.use(threads);
}

/** Whether the permission is there that `deno task native` has beyond the other tasks. */
export async function mayLoadNativeCode(): Promise<boolean> {
  return await isGranted("ffi");
}

/** How many threads a large step is divided among; 1 on every backend but the lab's engine. */
export function threadsInUse(): number {
  return inUse().threads?.count() ?? 1;
}

/** What the backend in use computes on, in a few words. */
export async function deviceInUse(): Promise<string> {
  return await inUse().describe();
}
