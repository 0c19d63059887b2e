/**
 * The table of backends.
 *
 * @module
 */
import { cpu } from "./cpu.ts";
import type { BackendDescriptor } from "./descriptor.ts";
import { lab } from "./lab/mod.ts";
import { tensorflow } from "./tensorflow/descriptor.ts";
import { wasm } from "./wasm.ts";
import { webgpu } from "./webgpu.ts";

/**
 * The backends that `--backend` names. A process that uses several takes them in this order: loaded
 * after a Vulkan driver with an LLVM of its own (llvmpipe), TensorFlow's LLVM crashes.
 */
export const backends = { lab, wasm, cpu, tensorflow, webgpu } satisfies Record<
  string,
  BackendDescriptor
>;

/** A backend's name. */
export type BackendName = keyof typeof backends;

/** All their names, in that order. */
export const backendNames: BackendName[] = Object.keys(backends) as BackendName[];
