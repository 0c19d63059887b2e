/**
 * Threads that replay a captured step together: each runs its share of every large kernel, and they
 * wait for each other in between. What a thread computes does not depend on how many there are.
 *
 * @module
 */

/** One step of a thread: a kernel call with its own share, or waiting for the others. */
export type ThreadStep = { kernel: string; args: number[] } | "barrier";

/** What the pool tells a thread. */
export type Message =
  | { type: "start"; bytes: Uint8Array; memory: WebAssembly.Memory; control: number; count: number }
  | { type: "program"; id: number; steps: ThreadStep[] }
  | { type: "forget"; id: number }
  | { type: "run"; id: number };

/** How often a waiting thread looks before it goes to sleep. */
const SPINS = 2000;
/** A thread that has not come after so long has died. */
const PATIENCE_MS = 60_000;

/** Where threads meet: two int32s in shared memory, how many are there and how often they met. */
export class Barrier {
  readonly #words: Int32Array;

  /** A barrier of `count` threads at an address. */
  constructor(memory: WebAssembly.Memory, address: number, readonly count: number) {
    this.#words = new Int32Array(memory.buffer, address, 2);
  }

  /**
   * Waits until all threads are here.
   *
   * @throws {Error} if one does not come
   */
  wait(): void {
    const words = this.#words;
    const meeting = Atomics.load(words, 1);
    if (Atomics.add(words, 0, 1) + 1 === this.count) {
      Atomics.store(words, 0, 0);
      Atomics.add(words, 1, 1);
      Atomics.notify(words, 1);
      return;
    }
    for (let i = 0; i < SPINS; i++) if (Atomics.load(words, 1) !== meeting) return;
    while (Atomics.load(words, 1) === meeting) {
      if (Atomics.wait(words, 1, meeting, PATIENCE_MS) === "timed-out") {
        throw new Error("a thread of the engine does not answer");
      }
    }
  }
}

/** Workers beside the main thread, over one memory. */
export class ThreadPool {
  readonly barrier: Barrier;
  readonly ready: Promise<void>;
  readonly #workers: Worker[] = [];

  /** Starts `count` - 1 workers. */
  constructor(bytes: Uint8Array, memory: WebAssembly.Memory, control: number, count: number) {
    new Int32Array(memory.buffer, control, 2).fill(0);
    this.barrier = new Barrier(memory, control, count);
    const starts: Promise<void>[] = [];
    for (let i = 1; i < count; i++) {
      const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
      this.#workers.push(worker);
      starts.push(
        new Promise((resolve, reject) => {
          worker.onmessage = () => resolve();
          worker.onerror = (event) => reject(new Error(`a thread failed: ${event.message}`));
        }),
      );
      this.#send(worker, { type: "start", bytes, memory, control, count });
    }
    this.ready = Promise.all(starts).then(() => {});
  }

  /** Gives each worker its steps of a program, the first worker's first. */
  program(id: number, steps: ThreadStep[][]): void {
    this.#workers.forEach((worker, i) =>
      this.#send(worker, { type: "program", id, steps: steps[i] })
    );
  }

  /** Has the workers forget a program. */
  forget(id: number): void {
    for (const worker of this.#workers) this.#send(worker, { type: "forget", id });
  }

  /** Has the workers begin a program; the caller takes part at its barriers. */
  run(id: number): void {
    for (const worker of this.#workers) this.#send(worker, { type: "run", id });
  }

  #send(worker: Worker, message: Message): void {
    worker.postMessage(message);
  }

  /** Ends the workers. */
  terminate(): void {
    for (const worker of this.#workers) worker.terminate();
  }
}
