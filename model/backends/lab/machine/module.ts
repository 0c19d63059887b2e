/**
 * The compiled kernels as functions.
 *
 * @module
 */
import { type Address, type Kernels, parameters } from "./kernels.ts";

export type { Address, Kernels } from "./kernels.ts";

/** A product by a library outside the engine: C = A B + bias for each matrix of a batch. */
type LibraryProduct = (
  a: Address,
  b: Address,
  c: Address,
  bias: Address,
  batch: number,
  m: number,
  n: number,
  k: number,
  aStride: number,
  bStride: number,
  cStride: number,
) => void;

/** Products by a library; B turned round in the first, A in the last. */
export interface LibraryProducts {
  blas_nt: LibraryProduct;
  blas_nn: LibraryProduct;
  blas_tn: LibraryProduct;
}

/** What a step can call: the kernels and, where one is used, a library's products. */
export type Callables = Kernels & Partial<LibraryProducts>;

/** The name of something that a step can call. */
export type CallName = keyof Kernels | keyof LibraryProducts;

const product = {
  a: "address",
  b: "address",
  c: "address",
  bias: "address",
  batch: "number",
  m: "number",
  n: "number",
  k: "number",
  aStride: "number",
  bStride: "number",
  cStride: "number",
} as const;

/** The parameters of everything that can be called, in order. */
export const signatures = { ...parameters, blas_nt: product, blas_nn: product, blas_tn: product };

/** The parameters' names. */
export const parameterNames = Object.fromEntries(
  Object.entries(signatures).map(([name, signature]) => [name, Object.keys(signature)]),
) as Record<CallName, string[]>;

/** Whether several threads may share the work: then `begin` and `end` say which units to do. */
export function isDivisible(name: CallName): boolean {
  return "begin" in signatures[name];
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
