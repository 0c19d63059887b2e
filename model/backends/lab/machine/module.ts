/**
 * The compiled kernels as functions.
 *
 * @module
 */
import { type Kernels, parameters } from "./kernels.ts";

export type { Kernels } from "./kernels.ts";

/** The name of a kernel that a step can call. */
export type CallName = keyof typeof parameters;

/** The parameters' names. */
export const parameterNames = Object.fromEntries(
  Object.entries(parameters).map(([name, signature]) => [name, Object.keys(signature)]),
) as Record<CallName, string[]>;

/** Whether several threads may share the work: then `begin` and `end` say which units to do. */
export function isDivisible(name: CallName): boolean {
  return "begin" in parameters[name];
}

/** The kernels over a memory; none where this machine cannot run them. */
export function instantiate(bytes: Uint8Array, memory: WebAssembly.Memory): Kernels | undefined {
  try {
    const module = new WebAssembly.Module(bytes as BufferSource);
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    return exports as unknown as Kernels;
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) return undefined; // no relaxed SIMD here
    throw error;
  }
}
