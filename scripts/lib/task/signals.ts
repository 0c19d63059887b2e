/**
 * Hearing of SIGINT and SIGTERM in a task whose thread computes and never waits: a thread of its own
 * listens (signal_listener.ts), answers at once, and leaves word in shared memory.
 *
 * @module
 */

/** Thrown when a signal ended a task, whose work is saved. */
export class Interrupted extends Error {
  constructor(message: string, readonly code: number) {
    super(message);
  }
}

/** Notes the first signal; a second one ends the process at once. */
export class Signals {
  readonly #word = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #listener?: Worker;
  /** Resolves once signals are listened to. */
  readonly ready: Promise<void> = Promise.resolve();

  /** Listens until it is closed; without leave to read, a signal ends the process as it comes. */
  constructor() {
    if (Deno.permissions.querySync({ name: "read" }).state !== "granted") return;
    const listener = new Worker(new URL("./signal_listener.ts", import.meta.url), {
      type: "module",
    });
    this.ready = new Promise((resolve) => listener.onmessage = () => resolve());
    listener.postMessage(this.#word);
    this.#listener = listener;
  }

  /** The exit code that a signal asked for, if one came. */
  get code(): number | undefined {
    return Atomics.load(this.#word, 0) || undefined;
  }

  /** @throws {Interrupted} if a signal came */
  throwIfAsked(message = "stopped"): void {
    const { code } = this;
    if (code !== undefined) throw new Interrupted(message, code);
  }

  /** Stops listening. */
  [Symbol.dispose](): void {
    this.#listener?.terminate();
  }
}
