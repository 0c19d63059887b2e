/**
 * Hearing of SIGINT and SIGTERM in a loop that never waits.
 *
 * @module
 */

/** A process hears of signals only when it waits, which a training loop is made to do so often. */
const LOOK_MS = 100;

/** `deno task` passes on a Ctrl-C that the process got as well: so soon it is the same one. */
const SAME_MS = 300;

/** The signals that end a task, and the exit codes that shells know them by. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
const names = Deno.build.os === "windows" ? ["SIGINT"] as const : ["SIGINT", "SIGTERM"] as const;

/** Thrown when a signal ended a task whose work is saved. */
export class Interrupted extends Error {
  constructor(what: string, readonly code: number) {
    super(`${what}: the same command with --resume goes on`);
  }
}

/** Notes the first signal; a second one ends the process at once. */
export class Signals {
  #code?: number;
  #received = 0;
  #looked = performance.now();
  readonly #listeners = names.map((name) => [name, () => this.#receive(name)] as const);

  /** Listens until it is closed. */
  constructor() {
    for (const [name, listener] of this.#listeners) Deno.addSignalListener(name, listener);
  }

  #receive(name: keyof typeof EXIT_CODES): void {
    const now = performance.now();
    if (this.#code === undefined) this.#received = now;
    else if (now - this.#received > SAME_MS) Deno.exit(EXIT_CODES[name]);
    this.#code ??= EXIT_CODES[name];
  }

  /** The exit code that a signal asked for, if one came. */
  get code(): number | undefined {
    return this.#code;
  }

  /** Whether it is time to wait for signals again. */
  get isDue(): boolean {
    return performance.now() - this.#looked > LOOK_MS;
  }

  /** Waits until signals that have come are heard of. */
  async look(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.#looked = performance.now();
  }

  /** Stops listening. */
  close(): void {
    for (const [name, listener] of this.#listeners) Deno.removeSignalListener(name, listener);
  }
}
