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
import type { Kernel, Kernels } from "./kernels.ts";
import { Pace } from "./pace.ts";
import { type Place, schedule, worthwhileThreads } from "./schedule.ts";
import type { Barrier, ThreadPool, ThreadStep } from "./threads.ts";

/** Memory of a tensor; inside a trace its address is not known yet. */
export interface Buffer {
  bytes: number;
  address?: number;
}

/** Memory that a kernel works in, of its own in each thread. */
export interface Scratch {
  scratch: number;
}

/** What a kernel is given: a number, a tensor's memory, or memory to work in. */
export type Argument = number | Buffer | Scratch;

/** A kernel call. Its last two arguments are the units of work, from and to. */
export interface Call {
  kernel: string;
  args: Argument[];
  /** Roughly how many operations it makes, if that is not the memory it touches. */
  work?: number;
}

/** Buffers of at most so many bytes are small. */
const SMALL_BYTES = 2 ** 18;

/** Records calls. */
export class Trace {
  readonly calls: Call[] = [];
  /** What the host does before the calls, in order. */
  readonly hostActions: (() => void)[] = [];
  /** Buffers with addresses that belong to the trace: constants and what the host writes. */
  readonly owned: Buffer[] = [];

  #late: Call[] = [];
  readonly #awaited = new Set<Argument>();

  /** Adds a kernel call. */
  call(kernel: string, args: Argument[], work?: number): void {
    if (args.some((arg) => this.#awaited.has(arg))) this.catchUp();
    this.calls.push({ kernel, args, work });
  }

  /** Adds a kernel call that is put off until its result is needed, and with it all such calls. */
  putOff(kernel: string, args: Argument[], result: Buffer): void {
    this.#late.push({ kernel, args });
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

  /** Gives every buffer an address; returns the memory's size, from its start at 0. */
  plan(outputs: Buffer[]): { addresses: Map<Buffer, number>; bytes: number } {
    const last = new Map<Buffer, number>();
    this.calls.forEach(({ args }, i) => {
      for (const arg of args) if (isUnplaced(arg)) last.set(arg, i);
    });
    for (const output of outputs) last.set(output, this.calls.length);
    const addresses = new Map<Buffer, number>();
    const space = new Space();
    this.calls.forEach(({ args }, i) => {
      const buffers = new Set(args.filter(isUnplaced));
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

function isUnplaced(arg: Argument): arg is Buffer {
  return typeof arg !== "number" && "bytes" in arg && arg.address === undefined;
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

/** A trace with addresses. */
export class Replay {
  static #count = 0;
  readonly #id = Replay.#count++;
  /** All calls, for one thread. */
  readonly #alone: (() => void)[];
  /** This thread's share of them, if others have theirs. */
  readonly #share: (() => void)[] = [];
  readonly #pace = new Pace();
  readonly #base: number;
  readonly #bytes: number;
  readonly #output: number;
  readonly #threads: number;
  readonly #pool?: ThreadPool;
  #isReady = false;

  /** Places a trace's buffers in memory, and divides its calls among the engine's threads. */
  constructor(readonly engine: Engine, readonly trace: Trace, readonly output: Buffer) {
    const { addresses, bytes } = trace.plan([output]);
    this.#threads = worthwhileThreads(trace.calls, engine.threads);
    const scratch = padded(largestScratch(trace));
    this.#bytes = bytes + this.#threads * scratch;
    this.#base = engine.takeArena(this.#bytes);
    const place: Place = (arg, thread) => {
      if ("scratch" in arg) return this.#base + bytes + thread * scratch;
      return arg.address ?? this.#base + addresses.get(arg)!;
    };
    this.#output = place(output, 0);
    const [all] = schedule(trace.calls, 1, place);
    this.#alone = bind(engine.kernels, all);
    if (this.#threads === 1) return;
    const [own, ...others] = schedule(trace.calls, this.#threads, place);
    this.#pool = engine.acquirePool();
    this.#share = bind(engine.kernels, own, this.#pool.barrier(this.#threads));
    this.#pool.program(this.#id, others);
  }

  /** Runs every call again, once its threads have started; gives the values of the result. */
  run(): Float32Array | Promise<Float32Array> {
    if (this.#pool && !this.#isReady) return this.#startThenRun(this.#pool);
    for (const action of this.trace.hostActions) action();
    if (this.#pool) this.#runAtPace(this.#pool);
    else for (const call of this.#alone) call();
    return copyOf(this.engine.allFloats, this.#output / 4, this.output.bytes / 4);
  }

  #runAtPace(pool: ThreadPool): void {
    const started = performance.now();
    if (this.#pace.together) {
      pool.run(this.#id, this.#threads);
      for (const call of this.#share) call();
    } else {
      for (const call of this.#alone) call();
    }
    this.#pace.record(performance.now() - started);
  }

  async #startThenRun(pool: ThreadPool): Promise<Float32Array> {
    await pool.ready(this.#threads);
    this.#isReady = true;
    return this.run();
  }

  /** Gives its memory back. */
  dispose(): void {
    this.#pool?.forget(this.#id);
    if (this.#pool) this.engine.releasePool();
    this.engine.releaseArena(this.#base, this.#bytes);
    for (const { address, bytes } of this.trace.owned) this.engine.release(address!, bytes);
  }
}

/** Some of the floats; slicing shared memory takes longer than a small step's kernels. */
function copyOf(floats: Float32Array, start: number, count: number): Float32Array {
  if (count > 16) return floats.slice(start, start + count);
  const copy = new Float32Array(count);
  for (let i = 0; i < count; i++) copy[i] = floats[start + i];
  return copy;
}

function largestScratch({ calls }: Trace): number {
  let largest = 0;
  for (const arg of calls.flatMap(({ args }) => args)) {
    if (typeof arg !== "number" && "scratch" in arg) largest = Math.max(largest, arg.scratch);
  }
  return largest;
}

/** A thread's steps as functions. */
export function bind(kernels: Kernels, steps: ThreadStep[], barrier?: Barrier): (() => void)[] {
  const wait = () => barrier!.wait();
  return steps.map((step) => step === "barrier" ? wait : bindCall(kernels[step.kernel], step.args));
}

/** A call with its arguments; spelled out by their number, since spreading an array costs more. */
function bindCall(f: Kernel, args: number[]): () => void {
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
