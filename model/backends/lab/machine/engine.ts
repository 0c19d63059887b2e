/**
 * The WebAssembly kernels and the one memory they work in.
 *
 * @module
 */
import { type Build, chooseBuild, kernelsOf, moduleOf } from "./builds.ts";
import { GUARD_BYTES, Guards } from "./guards.ts";
import type { Kernels } from "./module.ts";
import { CONTROL_BYTES, ThreadPool } from "./threads.ts";

const PAGE = 65536;
const INITIAL_PAGES = 16;
const MAX_PAGES = 65536;
/** Below lie the kernels' constants. */
const FIRST_ADDRESS = PAGE;
/** Buffers begin at multiples of a cache line, and are padded to them. */
const ALIGNMENT = 64;

/** The kernels, their memory, and who has which part of it. */
export class Engine {
  readonly memory: WebAssembly.Memory = new WebAssembly.Memory({
    initial: INITIAL_PAGES,
    maximum: MAX_PAGES,
    shared: true,
  });
  kernels!: Kernels;
  /** Which build of the kernels is used; only the strict one has other bits than the others. */
  build!: Build;
  /** How many threads steps may be divided among. */
  threads = 1;
  /** The whole memory as int32s and as floats: making a view of a part takes longer than using it. */
  allInts!: Int32Array;
  allFloats!: Float32Array;
  /** The guard words, if there are any. */
  guards?: Guards;
  #arena?: { address: number; bytes: number; users: number };
  #pool?: { pool: ThreadPool; users: number };
  #control?: number;
  #end = FIRST_ADDRESS;
  readonly #free = new Map<number, number[]>(); // addresses by size

  /** Takes the build of the kernels that is fastest here, unless one is named. */
  constructor(build?: Build) {
    this.#view();
    this.use(build ?? chooseBuild(this.memory, FIRST_ADDRESS));
  }

  /** Takes another build of the kernels; steps captured before go on as they are. */
  use(build: Build): void {
    this.build = build;
    this.kernels = kernelsOf(build, this.memory);
  }

  /** From now on puts guard words around every buffer, to find kernels that write beyond theirs. */
  guard(): Guards {
    return this.guards ??= new Guards(this.memory);
  }

  /** Reserves memory; its content is undefined. */
  allocate(bytes: number): number {
    if (!this.guards) return this.#take(padded(bytes));
    const address = this.#take(padded(bytes) + 2 * GUARD_BYTES) + GUARD_BYTES;
    this.guards.place(address, padded(bytes));
    return address;
  }

  #take(size: number): number {
    const address = this.#free.get(size)?.pop();
    if (address !== undefined) return address;
    const start = this.#end;
    this.#end += size;
    const missing = this.#end - this.memory.buffer.byteLength;
    if (missing > 0) this.#grow(Math.ceil(missing / PAGE));
    return start;
  }

  #grow(pages: number): void {
    try {
      this.memory.grow(pages);
      this.#view();
    } catch {
      const gib = (this.#end / 2 ** 30).toFixed(1);
      throw new RangeError(`the model needs ${gib} GiB, more than a WebAssembly memory's 4 GiB`);
    }
  }

  #view(): void {
    this.allInts = new Int32Array(this.memory.buffer);
    this.allFloats = new Float32Array(this.memory.buffer);
  }

  /** Gives memory back that {@linkcode Engine.allocate} gave for as many bytes. */
  release(address: number, bytes: number): void {
    if (!this.guards?.remove(address)) return this.#give(address, padded(bytes));
    this.#give(address - GUARD_BYTES, padded(bytes) + 2 * GUARD_BYTES);
  }

  #give(address: number, size: number): void {
    const addresses = this.#free.get(size);
    if (addresses) addresses.push(address);
    else this.#free.set(size, [address]);
  }

  /**
   * Memory for a captured step's own tensors. Steps never run at the same time and keep nothing in
   * it, so a later one that fits shares the first one's.
   */
  takeArena(bytes: number): number {
    if (this.guards) return this.allocate(bytes); // shared, the guard words in it would be too
    if (!this.#arena) this.#arena = { address: this.allocate(bytes), bytes, users: 0 };
    if (bytes > this.#arena.bytes) return this.allocate(bytes);
    this.#arena.users++;
    return this.#arena.address;
  }

  /** Gives back what {@linkcode Engine.takeArena} gave for as many bytes. */
  releaseArena(address: number, bytes: number): void {
    const arena = this.#arena;
    if (arena?.address !== address) return this.release(address, bytes);
    if (--arena.users > 0) return;
    this.release(arena.address, arena.bytes);
    this.#arena = undefined;
  }

  /** The threads, started if there are none; each caller gives them back by releasePool. */
  acquirePool(): ThreadPool {
    if (!this.#pool) {
      this.#control ??= this.allocate(CONTROL_BYTES);
      this.#pool = {
        pool: new ThreadPool(moduleOf(this.build), this.memory, this.#control),
        users: 0,
      };
    }
    this.#pool.users++;
    return this.#pool.pool;
  }

  /** Ends the threads once nobody uses them. */
  releasePool(): void {
    if (!this.#pool || --this.#pool.users > 0) return;
    this.#pool.pool.terminate();
    this.#pool = undefined;
  }

  /** The floats at an address; valid until memory is allocated. */
  floats(address: number, count: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, count);
  }

  /** The int32s at an address; valid until memory is allocated. */
  ints(address: number, count: number): Int32Array {
    return new Int32Array(this.memory.buffer, address, count);
  }

  /** The bytes at an address; valid until memory is allocated. */
  bytes(address: number, count: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, address, count);
  }
}

/** A size rounded up to whole cache lines; kernels may write into the padding. */
export function padded(bytes: number): number {
  return Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT);
}
