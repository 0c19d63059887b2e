/**
 * The kernel calls of one run of a function, noted down and not made.
 *
 * While a function is traced nothing is computed. Its buffers have no addresses yet; once all calls
 * are known, buffers that are never needed at the same time are given the same memory.
 *
 * @module
 */
import { padded } from "../machine/engine.ts";
import type { parameters } from "../machine/kernels.ts";
import type { CallName } from "../machine/module.ts";

/** Memory of a tensor; inside a trace its address is not known yet. */
export interface Buffer {
  bytes: number;
  address?: number;
  /** What is known of the square matrices that it holds, if anything is. */
  above?: Above;
}

/** All numbers above the diagonal of each (size, size) matrix are this. */
export interface Above {
  size: number;
  value: "zero" | "-infinity";
}

/** Memory that a kernel works in, of its own in each thread. */
export interface Scratch {
  scratch: number;
}

/** What a kernel is given: a number, a tensor's memory, or memory to work in. */
export type Argument = number | Buffer | Scratch;

/**
 * A kernel's arguments by its parameters' names: memory for its addresses (0 for none), numbers for
 * the rest. `begin` and `end` are all the units of its work, which threads may share.
 */
export type Arguments<K extends CallName, Memory = never> = {
  [P in keyof (typeof parameters)[K]]: (typeof parameters)[K][P] extends "address"
    ? P extends "scratch" ? Scratch : Memory | Buffer | 0
    : number;
};

/** A kernel call. */
export interface Call {
  kernel: CallName;
  args: Record<string, Argument>;
  /** Roughly how many operations it makes, if that is not the memory it touches. */
  work?: number;
}

/** The memory among a call's arguments. */
export function memoryOf({ args }: Call): (Buffer | Scratch)[] {
  return Object.values(args).filter((arg) => typeof arg !== "number");
}

/** Buffers of at most so many bytes are small. */
const SMALL_BYTES = 2 ** 18;

/** Records calls. */
export class Trace {
  calls: Call[] = [];
  /** What the host does before the calls, in order. */
  readonly hostActions: (() => void)[] = [];
  /** Buffers with addresses that belong to the trace: constants and what the host writes. */
  readonly owned: Buffer[] = [];

  #late: Call[] = [];
  readonly #awaited = new Set<Argument>();

  /** Adds a kernel call. */
  call<K extends CallName>(kernel: K, args: Arguments<K>, work?: number): void {
    const call: Call = { kernel, args: args as Record<string, Argument>, work };
    if (memoryOf(call).some((arg) => this.#awaited.has(arg))) this.catchUp();
    this.calls.push(call);
  }

  /** Adds a kernel call that is put off until its result is needed, and with it all such calls. */
  putOff<K extends CallName>(kernel: K, args: Arguments<K>, result: Buffer): void {
    this.#late.push({ kernel, args: args as Record<string, Argument> });
    this.#awaited.add(result);
  }

  /** Adds the calls that were put off. */
  catchUp(): void {
    this.calls.push(...this.#late);
    this.#late = [];
    this.#awaited.clear();
  }

  /** Adds something that the host does, such as drawing a seed, into memory of its own. */
  host(action: () => void): void {
    this.hostActions.push(action);
  }

  /**
   * Gives every buffer an address; returns the memory's size, from its start at 0. With so many
   * bytes kept free on both sides of each buffer none is used twice.
   */
  plan(outputs: Buffer[], guardBytes = 0): { addresses: Map<Buffer, number>; bytes: number } {
    const last = new Map<Buffer, number>();
    this.calls.forEach((call, i) => {
      for (const arg of memoryOf(call)) if (isUnplaced(arg)) last.set(arg, i);
    });
    for (const output of outputs) last.set(output, this.calls.length);
    const addresses = new Map<Buffer, number>();
    const space = new Space();
    this.calls.forEach((call, i) => {
      const buffers = new Set(memoryOf(call).filter(isUnplaced));
      for (const buffer of buffers) {
        if (addresses.has(buffer)) continue;
        const start = space.take(padded(buffer.bytes) + 2 * guardBytes);
        addresses.set(buffer, start + guardBytes);
      }
      if (guardBytes > 0) return;
      for (const buffer of buffers) {
        if (last.get(buffer) === i) space.give(addresses.get(buffer)!, padded(buffer.bytes));
      }
    });
    return { addresses, bytes: space.size };
  }
}

function isUnplaced(arg: Buffer | Scratch): arg is Buffer {
  return "bytes" in arg && arg.address === undefined;
}

/**
 * Memory that grows at its end: first fit for large buffers. Small ones are only used again for the
 * same size, that is, mostly by the thread whose cache holds them.
 */
class Space {
  size = 0;
  #gaps: { start: number; end: number }[] = []; // sorted, never adjacent
  #small = new Map<number, number[]>(); // free addresses by size

  take(bytes: number): number {
    const start = this.#small.get(bytes)?.pop();
    if (start !== undefined) return start;
    if (bytes <= SMALL_BYTES) return (this.size += bytes) - bytes;
    return this.#firstFit(bytes);
  }

  give(start: number, bytes: number): void {
    if (bytes > SMALL_BYTES) return this.#giveLarge(start, bytes);
    const addresses = this.#small.get(bytes);
    if (addresses) addresses.push(start);
    else this.#small.set(bytes, [start]);
  }

  #firstFit(bytes: number): number {
    const i = this.#gaps.findIndex(({ start, end }) => end - start >= bytes);
    if (i < 0) {
      const lastGap = this.#gaps.at(-1);
      const start = lastGap?.end === this.size ? this.#gaps.pop()!.start : this.size;
      this.size = start + bytes;
      return start;
    }
    const gap = this.#gaps[i];
    const { start } = gap;
    gap.start += bytes;
    if (gap.start === gap.end) this.#gaps.splice(i, 1);
    return start;
  }

  #giveLarge(start: number, bytes: number): void {
    let i = this.#gaps.findIndex((gap) => gap.start > start);
    if (i < 0) i = this.#gaps.length;
    this.#gaps.splice(i, 0, { start, end: start + bytes });
    for (const k of [i, i - 1]) {
      if (k < 0 || k + 1 >= this.#gaps.length || this.#gaps[k].end !== this.#gaps[k + 1].start) {
        continue;
      }
      this.#gaps[k].end = this.#gaps[k + 1].end;
      this.#gaps.splice(k + 1, 1);
    }
  }
}
