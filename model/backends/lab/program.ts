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
import type { Kernel } from "./kernels.ts";
import type { ThreadPool, ThreadStep } from "./threads.ts";

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

/** A kernel call, or something that the host does between two. */
type Entry = Call | { host: () => void };

/** A kernel call. Its last two arguments are the units of work, from and to. */
interface Call {
  kernel: string;
  args: Argument[];
  /** Roughly how many operations it makes, if that is not the memory it touches. */
  work?: number;
}

/** Calls with less work than this are not worth dividing among threads. */
const WORTH_DIVIDING = 2 ** 20;
/** Kernels that one thread alone runs. */
const UNDIVIDED = new Set(["mean"]);

/** Records calls. */
export class Trace {
  readonly entries: Entry[] = [];
  /** Buffers with addresses that belong to the trace: constants and what the host writes. */
  readonly owned: Buffer[] = [];

  /** Adds a kernel call. */
  call(kernel: string, args: Argument[], work?: number): void {
    this.entries.push({ kernel, args, work });
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

function isUnplaced(arg: Argument): arg is Buffer {
  return typeof arg !== "number" && "bytes" in arg && arg.address === undefined;
}

function isDivided({ kernel, args, work }: Call): boolean {
  const touched = args.reduce<number>(
    (sum, arg) => sum + (typeof arg !== "number" && "bytes" in arg ? arg.bytes : 0),
    0,
  );
  return (work ?? touched) >= WORTH_DIVIDING && !UNDIVIDED.has(kernel) &&
    (args.at(-1) as number) > 1;
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
  static #count = 0;
  readonly #id = Replay.#count++;
  readonly #calls: (() => void)[];
  readonly #base: number;
  readonly #bytes: number;
  readonly #output: number;
  readonly #pool?: ThreadPool;
  #isReady = false;

  /** Places a trace's buffers in memory, and divides its large calls among the engine's threads. */
  constructor(readonly engine: Engine, readonly trace: Trace, readonly output: Buffer) {
    const { addresses, bytes } = trace.plan([output]);
    const divided = engine.threads > 1 && trace.entries.some((e) => "kernel" in e && isDivided(e));
    const threads = divided ? engine.threads : 1;
    const scratch = padded(largestScratch(trace));
    this.#bytes = bytes + threads * scratch;
    this.#base = engine.takeArena(this.#bytes);
    const placeIn = (thread: number) => (arg: Argument): number => {
      if (typeof arg === "number") return arg;
      if ("scratch" in arg) return this.#base + bytes + thread * scratch;
      return arg.address ?? this.#base + addresses.get(arg)!;
    };
    this.#output = placeIn(0)(output);
    if (divided) this.#pool = engine.acquirePool();
    const wait = () => this.#pool!.barrier.wait();
    this.#calls = schedule(trace, 0, threads, placeIn(0)).map((step) => {
      if (step === "barrier") return wait;
      return "host" in step ? step.host : bind(engine.kernels[step.kernel], step.args);
    });
    const others = Array.from({ length: threads - 1 }, (_, i) => {
      const steps = schedule(trace, i + 1, threads, placeIn(i + 1));
      return steps.filter((step): step is ThreadStep => step === "barrier" || "kernel" in step);
    });
    this.#pool?.program(this.#id, others);
  }

  /** Runs every call again; gives the values of the result. */
  async run(): Promise<Float32Array> {
    if (!this.#isReady) await this.#pool?.ready;
    this.#isReady = true;
    this.#pool?.run(this.#id);
    for (const call of this.#calls) call();
    return this.engine.floats(this.#output, this.output.bytes / 4).slice();
  }

  /** Gives its memory back. */
  dispose(): void {
    this.#pool?.forget(this.#id);
    if (this.#pool) this.engine.releasePool();
    this.engine.releaseArena(this.#base, this.#bytes);
    for (const { address, bytes } of this.trace.owned) this.engine.release(address!, bytes);
  }
}

function largestScratch({ entries }: Trace): number {
  let largest = 0;
  for (const entry of entries) {
    if ("host" in entry) continue;
    for (const arg of entry.args) {
      if (typeof arg !== "number" && "scratch" in arg) largest = Math.max(largest, arg.scratch);
    }
  }
  return largest;
}

/**
 * What one thread does: its share of the divided calls; the first thread also does all others. All
 * threads meet wherever a call may need what another thread computed before it.
 */
function schedule(
  trace: Trace,
  thread: number,
  threads: number,
  place: (arg: Argument) => number,
): (ThreadStep | { host: () => void })[] {
  const steps: (ThreadStep | { host: () => void })[] = [];
  let since = { divided: false, alone: false }; // what was done since the threads last met
  const meet = () => {
    steps.push("barrier");
    since = { divided: false, alone: false };
  };
  for (const entry of trace.entries) {
    if (threads === 1 || "host" in entry || !isDivided(entry)) {
      if (since.divided) meet();
      since.alone = true;
      if (thread > 0) continue;
      if ("host" in entry) steps.push(entry);
      else steps.push({ kernel: entry.kernel, args: entry.args.map(place) });
    } else {
      if (since.divided || since.alone) meet();
      since.divided = true;
      const args = entry.args.map(place);
      const end = args.pop()!;
      const begin = args.pop()!;
      const share = (i: number) => begin + Math.floor((end - begin) * i / threads);
      steps.push({ kernel: entry.kernel, args: [...args, share(thread), share(thread + 1)] });
    }
  }
  if (since.divided) meet();
  return steps;
}

/** A call with its arguments; spelled out by their number, since spreading an array costs more. */
export function bind(f: Kernel, args: number[]): () => void {
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
