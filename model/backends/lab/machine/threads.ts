/**
 * Threads that replay a captured step together: each runs its share of every kernel, and they wait
 * for each other where capture/schedule.ts says so. What a thread computes does not depend on how many
 * there are.
 *
 * @module
 */
import type { CallName } from "./module.ts";

/** One step of a thread: a kernel call with its own share, or waiting for the others. */
export type ThreadStep = { kernel: CallName; args: number[] } | "barrier";

/** What the pool tells a thread. */
export type Message =
  | { type: "start"; bytes: Uint8Array; memory: WebAssembly.Memory; control: number; index: number }
  | { type: "program"; id: number; steps: ThreadStep[]; count: number }
  | { type: "forget"; id: number }
  | { type: "run"; id: number };

/** How often a waiting thread looks before it goes to sleep. */
const SPINS = 4000;
/** A thread that has not come after so long has died. */
const PATIENCE_MS = 60_000;
const NO_ANSWER = "a thread of the engine does not answer";

/** Bytes of the words that threads speak through: the barrier's two, then one for each worker. */
export const CONTROL_BYTES = 1024;
const FIRST_WORKER_WORD = 2;

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
        throw new Error(NO_ANSWER);
      }
    }
  }
}

/** A worker waits for messages. */
const PARKED = -1;
/** A worker has just run a program and looks out for the next one, which saves it a message. */
const WATCHING = -2;
/** A worker is running, or a message is on its way to it. */
const BUSY = -3;
/** How often a worker looks out before it parks: some tenths of a millisecond. */
const WATCHES = 50_000;

/** The word through which the main thread tells a worker what to run next. */
export class Mailbox {
  readonly #words: Int32Array;

  /** The word of the worker with the number, from 0, at the threads' control address. */
  constructor(memory: WebAssembly.Memory, control: number, index: number) {
    const address = control + 4 * (FIRST_WORKER_WORD + index);
    this.#words = new Int32Array(memory.buffer, address, 1);
  }

  /** The worker's side: the next program, or undefined once it must wait for messages. */
  next(): number | undefined {
    const words = this.#words;
    Atomics.store(words, 0, WATCHING);
    for (let i = 0; i < WATCHES; i++) {
      const id = Atomics.load(words, 0);
      if (id >= 0) return this.#taken(id);
      if (id === BUSY) return undefined;
    }
    const id = Atomics.compareExchange(words, 0, WATCHING, PARKED);
    return id >= 0 ? this.#taken(id) : undefined;
  }

  #taken(id: number): number {
    Atomics.store(this.#words, 0, BUSY);
    return id;
  }

  /** The main thread's side, before the worker starts. */
  park(): void {
    Atomics.store(this.#words, 0, PARKED);
  }

  /**
   * Has the worker run a program; false if it needs to be sent a message to do so.
   *
   * @throws {Error} if it does not answer
   */
  offer(id: number, mayWatch: boolean): boolean {
    const words = this.#words;
    const deadline = performance.now() + PATIENCE_MS;
    while (performance.now() < deadline) {
      const state = Atomics.compareExchange(words, 0, WATCHING, mayWatch ? id : BUSY);
      if (state === WATCHING) return mayWatch;
      if (Atomics.compareExchange(words, 0, PARKED, BUSY) === PARKED) return false;
      // Else it has left the last barrier, and will be watching in a moment.
    }
    throw new Error(NO_ANSWER);
  }
}

/** Workers beside the main thread, over one memory. */
export class ThreadPool {
  readonly #workers: { worker: Worker; mailbox: Mailbox; started: Promise<void> }[] = [];
  /** Whether workers have been sent messages that they may not have read. */
  #hasNews = false;

  /** A pool without workers, which speaks through the control words at an address. */
  constructor(
    readonly bytes: Uint8Array,
    readonly memory: WebAssembly.Memory,
    readonly control: number,
  ) {
    new Int32Array(memory.buffer, control, CONTROL_BYTES / 4).fill(0);
  }

  /** Where `count` threads meet. */
  barrier(count: number): Barrier {
    return new Barrier(this.memory, this.control, count);
  }

  /** Resolves once the workers that a program of `count` threads needs are running. */
  async ready(count: number): Promise<void> {
    await Promise.all(this.#workers.slice(0, count - 1).map(({ started }) => started));
  }

  /** Gives each worker its steps of a program, the first worker's first. */
  program(id: number, steps: ThreadStep[][]): void {
    while (this.#workers.length < steps.length) this.#start();
    steps.forEach((list, i) => {
      this.#send(i, { type: "program", id, steps: list, count: steps.length + 1 });
    });
    this.#hasNews = true;
  }

  #start(): void {
    const { bytes, memory, control } = this;
    const index = this.#workers.length;
    const mailbox = new Mailbox(memory, control, index);
    mailbox.park();
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    const started = new Promise<void>((resolve, reject) => {
      let runs = false;
      worker.onmessage = () => resolve(void (runs = true));
      worker.onerror = (event) => {
        if (!runs) event.preventDefault(); // who waits for its start is told
        reject(new Error(`a thread failed: ${event.message}`));
      };
    });
    this.#workers.push({ worker, mailbox, started });
    this.#send(index, { type: "start", bytes, memory, control, index });
  }

  /** Has the workers forget a program. */
  forget(id: number): void {
    this.#workers.forEach((_, i) => this.#send(i, { type: "forget", id }));
  }

  /** Has the first workers begin a program of `count` threads; the caller is one of them. */
  run(id: number, count: number): void {
    for (let i = 0; i < count - 1; i++) {
      const isTold = this.#workers[i].mailbox.offer(id, !this.#hasNews);
      if (!isTold) this.#send(i, { type: "run", id });
    }
    this.#hasNews = false;
  }

  #send(index: number, message: Message): void {
    this.#workers[index].worker.postMessage(message);
  }

  /** Ends the workers. */
  terminate(): void {
    for (const { worker } of this.#workers) worker.terminate();
  }
}
