/**
 * What `--backend auto` takes: the engine, or for large models a GPU.
 *
 * @module
 */
import { type BackendName, findWebGpu, mayLoadNativeCode, useBackend } from "./mod.ts";
import { findTensorFlow, isTensorFlowOnGpu } from "./tensorflow/mod.ts";

/** A backend, and in a few words why it was taken. */
export interface Choice {
  /** The backend. */
  name: BackendName;
  /** Why. */
  why: string;
}

/**
 * A step of fewer operations (additions and multiplications) is not worth a GPU: the calls that
 * TensorFlow.js makes for it take longer than the engine takes to compute it.
 */
const SMALL_STEP = 1e10;

/** Chooses for a training step of so many operations; a GPU is looked for only if it is large. */
export async function chooseBackend(operations: number): Promise<Choice> {
  if (operations < SMALL_STEP) return { name: "lab", why: "the fastest for steps this small" };
  const missing: string[] = [];
  for (const [name, whyNot] of [["tensorflow", noTensorFlow], ["webgpu", noWebGpu]] as const) {
    const reason = await whyNot();
    if (!reason) return { name, why: "a large model, and a GPU" };
    missing.push(`${name}: ${reason}`);
  }
  return { name: "lab", why: `no GPU was found (${missing.join("; ")})` };
}

/** Why TensorFlow gives no GPU; nothing if it does. */
async function noTensorFlow(): Promise<string | undefined> {
  if (!await mayLoadNativeCode()) return "only under deno task native";
  const installation = findTensorFlow();
  if (!installation) return "not installed";
  if (!installation.gpu) return "installed for the CPU only";
  await useBackend("tensorflow");
  return isTensorFlowOnGpu() ? undefined : "it sees no GPU";
}

/** Why WebGPU gives none. */
async function noWebGpu(): Promise<string | undefined> {
  const adapter = await findWebGpu();
  if (!adapter) return "no adapter";
  return adapter.isSoftware ? `${adapter.description} is software` : undefined;
}
