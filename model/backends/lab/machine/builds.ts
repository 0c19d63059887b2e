/**
 * The compiled kernels, of one source in three builds, and which of them this machine runs fastest.
 *
 * @module
 */
import narrowBytes from "./kernels.wasm" with { type: "bytes" };
import strictBytes from "./kernels_strict.wasm" with { type: "bytes" };
import { instantiate, type Kernels } from "./module.ts";
import { wideBytes } from "./wide.ts";

/**
 * "narrow" is for vectors of 128 bits; "wide" is for machines where pairs of them are one (or that
 * have more registers) and gives the same bits; "strict" rounds a multiply-add twice and is for
 * machines whose own does not round once.
 */
export type Build = "narrow" | "wide" | "strict";

const bytesOf: Record<Build, Uint8Array> = {
  narrow: narrowBytes,
  wide: wideBytes ?? narrowBytes,
  strict: strictBytes,
};

/** A build's module. */
export const moduleOf = (build: Build): Uint8Array => bytesOf[build];

/** A build's kernels over a memory. */
export function kernelsOf(build: Build, memory: WebAssembly.Memory): Kernels {
  return instantiate(bytesOf[build], memory)!;
}

/** The trial's product: (ROWS, DEPTH) by (DEPTH, COLUMNS). */
const [ROWS, COLUMNS, DEPTH] = [32, 64, 128];
/** Code has been optimized once it takes so much less time than at first. */
const OPTIMIZED = 0.6;
/** So often each build multiplies at most, which is some 40 ms where nothing is ever optimized. */
const MOST = 400;
/** So often it multiplies once both are optimized. */
const ENOUGH = 12;
/** The wide build must take so much less time. */
const WORTH_IT = 0.9;

let chosen: Build | undefined;

/**
 * The build to use on this machine, found by a product or some hundreds of them (about 10 ms, once a
 * process): the wide one only if all bits agree and it is faster.
 *
 * @param free where in the memory nothing lies yet
 */
export function chooseBuild(memory: WebAssembly.Memory, free: number): Build {
  return chosen ??= tryBuilds(memory, free);
}

function tryBuilds(memory: WebAssembly.Memory, free: number): Build {
  const narrow = instantiate(narrowBytes, memory);
  if (!narrow || !roundsOnce(narrow, memory, free)) return "strict";
  if (!wideBytes) return "narrow";
  const wide = instantiate(wideBytes, memory)!;
  const trials = [narrow, wide].map((kernels) => new Trial(kernels, memory, free));
  const isSame = trials[0].bits() === trials[1].bits();
  if (!isSame) return "narrow";
  for (let i = 0; i < MOST && trials.some((trial) => trial.optimized < ENOUGH); i++) {
    for (const trial of trials) trial.run();
  }
  const [ofNarrow, ofWide] = trials.map(({ best }) => best);
  const areComparable = trials.every(({ optimized }) => optimized > 0);
  return areComparable && ofWide < WORTH_IT * ofNarrow ? "wide" : "narrow";
}

/** A product by one build, timed again and again. */
class Trial {
  /** The least time. */
  best = Infinity;
  /** How many runs were made since the code was optimized. */
  optimized = 0;
  #first = Infinity;
  #runs = 0;
  readonly #run: () => void;
  readonly #result: Uint32Array;

  constructor(kernels: Kernels, memory: WebAssembly.Memory, free: number) {
    const [a, b] = [free, free + 4 * ROWS * DEPTH];
    const c = b + 4 * DEPTH * COLUMNS;
    const scratch = c + 4 * ROWS * COLUMNS;
    const factors = new Float32Array(memory.buffer, a, (c - a) / 4);
    factors.forEach((_, i) => factors[i] = (i * 7919 % 1013) / 1013 - 0.5);
    this.#result = new Uint32Array(memory.buffer, c, ROWS * COLUMNS);
    const sizes = [1, ROWS, COLUMNS, DEPTH, 0, 0, 0] as const;
    this.#run = () => kernels.gemm_nn(a, b, c, 0, ...sizes, scratch, 0, ROWS);
  }

  /** The result, as text. */
  bits(): string {
    this.#run();
    return this.#result.join();
  }

  run(): void {
    const begin = performance.now();
    this.#run();
    const time = performance.now() - begin;
    this.best = Math.min(this.best, time);
    if (++this.#runs <= 3) this.#first = this.best; // not yet optimized
    else if (time < OPTIMIZED * this.#first) this.optimized++;
  }
}

/** (1 + 2^-12)^2 - (1 + 2^-11) is 2^-24 if rounded once, 0 if the product is rounded first. */
function roundsOnce(kernels: Kernels, memory: WebAssembly.Memory, free: number): boolean {
  new Float32Array(memory.buffer, free, 3).set([1 + 2 ** -12, 1 + 2 ** -12, -(1 + 2 ** -11)]);
  return kernels.rounds_once(free) === 1;
}
