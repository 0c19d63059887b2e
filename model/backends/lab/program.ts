/**
 * A captured step: a trace's kernel calls with fixed addresses, to be replayed without
 * TensorFlow.js.
 *
 * @module
 */
import { type Engine, padded } from "./engine.ts";
import type { Kernel, Kernels } from "./kernels.ts";
import { Pace } from "./pace.ts";
import { type Place, schedule, worthwhileThreads } from "./schedule.ts";
import type { Barrier, ThreadPool, ThreadStep } from "./threads.ts";
import type { Buffer, Trace } from "./trace.ts";

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
