/**
 * The machine's own BLAS for large matrix products, through Deno's FFI: the library's vectors may be
 * wider than WebAssembly's 128 bits. It sums in an order of its own, so the bits are not the
 * engine's. It needs the permission --allow-ffi, and reads and writes the engine's memory in place.
 *
 * @module
 */
import { isGranted } from "../../../platform.ts";
import type { BlasChoice } from "../../descriptor.ts";
import type { Engine } from "./engine.ts";
import type { Callables, LibraryProducts } from "./module.ts";

/** Libraries with the C interface of BLAS, by system, the likeliest to be fast first. */
const LIBRARIES: Partial<Record<typeof Deno.build.os, string[]>> = {
  linux: ["libopenblas.so.0", "libopenblas.so", "libblis.so.4", "libmkl_rt.so.2", "libmkl_rt.so"],
  darwin: [
    "/System/Library/Frameworks/Accelerate.framework/Accelerate",
    "/opt/homebrew/opt/openblas/lib/libopenblas.dylib",
  ],
  windows: ["libopenblas.dll", "mkl_rt.2.dll"],
};

const threadsFunction = { parameters: ["i32"], result: "void", optional: true } as const;

const SYMBOLS = {
  // order, transA, transB, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc; addresses as integers
  cblas_sgemm: {
    parameters: [
      ...["i32", "i32", "i32", "i32", "i32", "i32", "f32", "usize", "i32", "usize", "i32"] as const,
      ...["f32", "usize", "i32"] as const,
    ],
    result: "void",
  },
  openblas_set_num_threads: threadsFunction,
  bli_thread_set_num_threads: { parameters: ["i64"], result: "void", optional: true },
  MKL_Set_Num_Threads: threadsFunction,
} as const;

type Library = Deno.DynamicLibrary<typeof SYMBOLS>;

const ROW_MAJOR = 101;
const AS_IS = 111;
const TRANSPOSED = 112;
/** Smaller products are left to the engine: a call from JavaScript costs more than it saves. */
const WORTH_A_CALL = 2 ** 21;

/**
 * Has the engine leave large products to a BLAS, if it can be had; steps captured before go on as
 * they are.
 *
 * @param wanted "auto" for the first library that is found, or a library's path
 */
export async function useBlas(engine: Engine, wanted: string): Promise<BlasChoice> {
  const without = (why: string) => ({ line: `no BLAS is used: ${why}` });
  if (!await isGranted("ffi")) {
    return without("native code needs the permission of deno task native TASK --blas …");
  }
  for (const name of wanted === "auto" ? LIBRARIES[Deno.build.os] ?? [] : [wanted]) {
    const library = open(name);
    if (!library) continue;
    setThreads(library, engine.threads);
    engine.kernels = { ...engine.kernels, ...blasKernels(engine, library) };
    return {
      library: name,
      line: `large matrix products are left to ${name}: last digits may differ`,
    };
  }
  if (wanted !== "auto") return without(`${wanted} is no library with cblas_sgemm`);
  return without("none was found; install OpenBLAS, or give a library's path with --blas PATH");
}

function open(name: string): Library | undefined {
  try {
    return Deno.dlopen(name, SYMBOLS);
  } catch {
    return undefined; // not there, or without the C interface
  }
}

function setThreads({ symbols }: Library, threads: number): void {
  symbols.openblas_set_num_threads?.(threads);
  symbols.bli_thread_set_num_threads?.(BigInt(threads));
  symbols.MKL_Set_Num_Threads?.(threads);
}

/** The engine's three products, with the same arguments, by the library. */
function blasKernels(engine: Engine, library: Library): LibraryProducts {
  const { cblas_sgemm } = library.symbols;
  // A shared WebAssembly memory never moves, however it grows.
  const start = Deno.UnsafePointer.of(new Uint8Array(engine.memory.buffer));
  const base = Deno.UnsafePointer.value(start);
  const address = (offset: number) => base + BigInt(offset);
  const product =
    (transA: number, transB: number): LibraryProducts["blas_nn"] =>
    (a, b, c, bias, batch, m, n, k, aStride, bStride, cStride) => {
      const lda = transA === AS_IS ? k : m;
      const ldb = transB === AS_IS ? n : k;
      for (let i = 0; i < batch; i++) {
        const at = c + 4 * i * cStride;
        if (bias) repeat(engine.floats(at, m * n), engine.floats(bias, n));
        cblas_sgemm(
          ...[ROW_MAJOR, transA, transB, m, n, k, 1] as const,
          ...[address(a + 4 * i * aStride), lda, address(b + 4 * i * bStride), ldb] as const,
          ...[bias ? 1 : 0, address(at), n] as const,
        );
      }
    };
  return {
    blas_nt: product(AS_IS, TRANSPOSED),
    blas_nn: product(AS_IS, AS_IS),
    blas_tn: product(TRANSPOSED, AS_IS),
  };
}

/** Fills C's rows with the bias. */
function repeat(c: Float32Array, bias: Float32Array): void {
  c.set(bias);
  for (let filled = bias.length; filled < c.length; filled *= 2) c.copyWithin(filled, 0, filled);
}

/** Whether a product of this size is left to the library. */
export function takesProduct(kernels: Callables, m: number, n: number, k: number): boolean {
  return kernels.blas_nn !== undefined && m * n * k >= WORTH_A_CALL;
}
