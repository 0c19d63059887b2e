/**
 * A captured step: the kernel calls of one run of a function, with fixed addresses, to be replayed
 * without TensorFlow.js.
 *
 * While a function is traced nothing is computed. Its buffers have no addresses yet; once all calls
 * are known, buffers that are never needed at the same time are given the same memory.
 *
 * @module
 */
import { type Engine, padded } from "./engine.ts";

/** Memory of a tensor; inside a trace its address is not known yet. */
export interface Buffer {
  bytes: number;
  address?: number;
}

/** A kernel call, or something that the host does between two. */
type Entry = { kernel: string; args: (number | Buffer)[] } | { host: () => void };

/** Records calls. */
export class Trace {
  readonly entries: Entry[] = [];
  /** Buffers with addresses that belong to the trace: constants and what the host writes. */
  readonly owned: Buffer[] = [];

  /** Adds a kernel call. */
  call(kernel: string, args: (number | Buffer)[]): void {
    this.entries.push({ kernel, args });
  }

  /** Adds something that the host does, such as drawing a seed. */
  host(action: () => void): void {
    this.entries.push({ host: action });
  }

  /** Gives every buffer an address; returns the memory's size, from its start at 0. */
  plan(outputs: Buffer[]): { addresses: Map<Buffer, number>; bytes: number } {
    const last = new Map<Buffer, number>();
    this.entries.forEach((entry, i) => {
      if ("host" in entry) return;
      for (const arg of entry.args) if (isUnplaced(arg)) last.set(arg, i);
    });
    for (const output of outputs) last.set(output, this.entries.length);
    const addresses = new Map<Buffer, number>();
    const space = new Space();
    this.entries.forEach((entry, i) => {
      if ("host" in entry) return;
      const buffers = new Set(entry.args.filter(isUnplaced));
      for (const buffer of buffers) {
        if (!addresses.has(buffer)) addresses.set(buffer, space.take(padded(buffer.bytes)));
      }
      for (const buffer of buffers) {
        if (last.get(buffer) === i) space.give(addresses.get(buffer)!, padded(buffer.bytes));
      }
    });
    return { addresses, bytes: space.size };
  }
}

function isUnplaced(arg: number | Buffer): arg is Buffer {
  return typeof arg !== "number" && arg.address === undefined;
}

/** First-fit memory that grows at its end. */
class Space {
  size = 0;
  #gaps: { start: number; end: number }[] = []; // sorted, never adjacent

  take(bytes: number): number {
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

  give(start: number, bytes: number): void {
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

/** A trace with addresses. */
export class Replay {
  readonly #calls: (() => void)[];
  readonly #base: number;
  readonly #bytes: number;
  readonly #output: number;

  /** Places a trace's buffers in memory. */
  constructor(readonly engine: Engine, readonly trace: Trace, readonly output: Buffer) {
    const { addresses, bytes } = trace.plan([output]);
    this.#bytes = bytes;
    this.#base = engine.allocate(bytes);
    const place = (arg: number | Buffer): number =>
      typeof arg === "number" ? arg : arg.address ?? this.#base + addresses.get(arg)!;
    this.#output = place(output);
    this.#calls = trace.entries.map((entry) => {
      if ("host" in entry) return entry.host;
      const kernel = engine.kernels[entry.kernel];
      const args = entry.args.map(place);
      return bind(kernel, args);
    });
  }

  /** Runs every call again; gives the values of the result. */
  run(): Float32Array {
    for (const call of this.#calls) call();
    return this.engine.floats(this.#output, this.output.bytes / 4).slice();
  }

  /** Gives its memory back. */
  dispose(): void {
    this.engine.release(this.#base, this.#bytes);
    for (const { address, bytes } of this.trace.owned) this.engine.release(address!, bytes);
  }
}

/** A call with its arguments; spelled out by their number, since spreading an array costs more. */
function bind(f: (...args: number[]) => unknown, args: number[]): () => void {
  const [a, b, c, d, e, g, h, i] = args;
  switch (args.length) {
    case 4:
      return () => void f(a, b, c, d);
    case 5:
      return () => void f(a, b, c, d, e);
    case 6:
      return () => void f(a, b, c, d, e, g);
    case 7:
      return () => void f(a, b, c, d, e, g, h);
    case 8:
      return () => void f(a, b, c, d, e, g, h, i);
  }
  return () => void f(...args);
}
