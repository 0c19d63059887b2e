/**
 * What `--backend auto` takes: the engine, or for large models a GPU that is faster.
 *
 * @module
 */
import { secondsOfTrial } from "./trial.ts";
import type { BackendDescriptor } from "./descriptor.ts";
import { mayLoadNativeCode, useBackend } from "./mod.ts";
import { type BackendName, backendNames, backends } from "./table.ts";

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

/**
 * Chooses for a training step of so many operations. A GPU is looked for only if it is large, and
 * taken only if it is faster than the engine here: many are not, through WebGPU.
 *
 * @param timeOf seconds that a backend takes for the same piece of work
 */
export async function chooseBackend(
  operations: number,
  timeOf: (name: BackendName) => Promise<number> = secondsOfTrial,
): Promise<Choice> {
  if (operations < SMALL_STEP) return { name: "lab", why: "the fastest for steps this small" };
  const missing: string[] = [];
  for (const name of backendNames) {
    if (!("gpu" in backends[name])) continue;
    const reason = await whyNoGpu(name);
    if (reason) {
      missing.push(`${name}: ${reason}`);
      continue;
    }
    const times = (await timeOf("lab")) / (await timeOf(name));
    if (times > 1) {
      return { name, why: `a large model, and a GPU ${times.toFixed(1)} times as fast` };
    }
    missing.push(`${name}: it takes ${(1 / times).toFixed(1)} times as long`);
  }
  return { name: "lab", why: `no GPU is faster (${missing.join("; ")})` };
}

/** Why a backend gives no GPU here; nothing if it does. */
export async function whyNoGpu(name: BackendName): Promise<string | undefined> {
  const { gpu, isNative }: BackendDescriptor = backends[name];
  if (!gpu) return "it computes on the CPU";
  if (isNative && !await mayLoadNativeCode()) return "only under deno task native";
  const reason = await gpu.whyNone();
  if (reason || !gpu.isUsed) return reason;
  await useBackend(name);
  return gpu.isUsed() ? undefined : "it sees no GPU";
}
