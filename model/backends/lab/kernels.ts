/**
 * The compiled kernels as functions.
 *
 * @module
 */

/** A kernel: numbers and addresses in, nothing out. */
export type Kernel = (...args: number[]) => number | void;

/** The kernels by name. */
export type Kernels = Record<string, Kernel>;

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
