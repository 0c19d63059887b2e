/**
 * A captured step: a trace's kernel calls with fixed addresses, to be replayed without
 * TensorFlow.js.
 *
 * @module
 */
import { bind } from "../machine/calls.ts";
import { type Engine, padded } from "../machine/engine.ts";
import { GUARD_BYTES, type Guards } from "../machine/guards.ts";
import type { ThreadPool } from "../machine/threads.ts";
import { Pace } from "./pace.ts";
import { profileOf } from "./profile.ts";
import { divide, type Place, type Shared, stepsOf, worthwhileThreads } from "./schedule.ts";
import { tableOf } from "./table.ts";
import { type Buffer, memoryOf, type Trace } from "./trace.ts";

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
  readonly #place: Place;
  readonly #divided: Shared[];
  readonly #guarded: number[] = [];
  #isReady = false;

  /** Places a trace's buffers in memory, and divides its calls among the engine's threads. */
  constructor(readonly engine: Engine, readonly trace: Trace, readonly output: Buffer) {
    const { guards } = engine;
    const { addresses, bytes } = trace.plan([output], guards && GUARD_BYTES);
    this.#threads = worthwhileThreads(trace.calls, engine.threads);
    const scratch = padded(largestScratch(trace));
    this.#bytes = bytes + this.#threads * scratch;
    this.#base = engine.takeArena(this.#bytes);
    this.#place = (arg, thread) => {
      if ("scratch" in arg) return this.#base + bytes + thread * scratch;
      return arg.address ?? this.#base + addresses.get(arg)!;
    };
    if (guards) this.#guardAll(guards, addresses);
    this.#output = this.#place(output, 0);
    const [all] = stepsOf(divide(trace.calls, 1, this.#place), 1, this.#place);
    this.#alone = bind(engine.kernels, all);
    this.#divided = divide(trace.calls, this.#threads, this.#place);
    if (this.#threads === 1) return;
    const [own, ...others] = stepsOf(this.#divided, this.#threads, this.#place);
    this.#pool = engine.acquirePool();
    this.#share = bind(engine.kernels, own, this.#pool.barrier(this.#threads));
    this.#pool.program(this.#id, others);
  }

  #guardAll(guards: Guards, addresses: Map<Buffer, number>): void {
    for (const [{ bytes }, at] of addresses) {
      guards.place(this.#base + at, padded(bytes));
      this.#guarded.push(this.#base + at);
    }
  }

  /** Runs every call again, once its threads have started; gives the values of the result. */
  run(): Float32Array | Promise<Float32Array> {
    if (this.#pool && !this.#isReady) return this.#startThenRun(this.#pool);
    for (const action of this.trace.hostActions) action();
    if (this.#pool) this.#runAtPace(this.#pool);
    else for (const call of this.#alone) call();
    this.engine.guards?.check();
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

  /** Its calls as a table: kernels, sizes, addresses, and where the threads meet. */
  table(): string {
    return tableOf(this.#divided, this.#place);
  }

  /** What each operation takes, of so many runs on this thread alone; the model is trained by it. */
  profile(runs: number): string {
    return profileOf(this.trace.calls, this.#alone, runs, () => {
      for (const action of this.trace.hostActions) action();
    });
  }

  /** Gives its memory back. */
  dispose(): void {
    this.#pool?.forget(this.#id);
    if (this.#pool) this.engine.releasePool();
    for (const address of this.#guarded) this.engine.guards!.remove(address);
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
  for (const arg of calls.flatMap(memoryOf)) {
    if ("scratch" in arg) largest = Math.max(largest, arg.scratch);
  }
  return largest;
}
