/**
 * The error for what a user can mend: shown as one line, without a stack trace.
 *
 * @module
 */

/**
 * A message, or what makes it from names for the arguments that it speaks of: this module calls an
 * argument blockSize, where a program's users may know it as a flag.
 */
export type Wording = string | ((nameOf: (argument: string) => string) => string);

/** What a message says, in facts: enough to say it in another language. */
export type Facts =
  | { kind: "diverged"; iteration: number; learningRate: number }
  | { kind: "unknown character"; character: string; size: number }
  | { kind: "short part"; blockSize: number; characters: number }
  | { kind: "empty text" | "no UTF-8 text" | "UTF-16 text" }
  | { kind: "one character"; character: string }
  | { kind: "memory"; needs: number; has: number } // GiB
  | { kind: "no safetensors" | "damaged file" | "foreign file" };

/** Bad input; its message says what was wrong, what was expected and what to do. */
export class UserError extends Error {
  /** Tells this error from a fault of the program. */
  override name = "UserError";
  readonly #wording: Wording;
  /** What it says, where another language may be wanted. */
  facts?: Facts;

  /** An error with a message for the user, and the exit code that a task ends with. */
  constructor(wording: Wording, readonly exitCode = 2) {
    super(typeof wording === "string" ? wording : wording((argument) => argument));
    this.#wording = wording;
  }

  /** The message with other names for the arguments. */
  worded(nameOf: (argument: string) => string): string {
    return typeof this.#wording === "string" ? this.#wording : this.#wording(nameOf);
  }

  /** The same error, told with what it came from and what there is to do. */
  within(before: string, after = ""): UserError {
    const wording = (nameOf: (argument: string) => string) =>
      `${before}${this.worded(nameOf)}${after}`;
    return new UserError(wording, this.exitCode).saying(this.facts);
  }

  /** This error, with what it says in facts. */
  saying(facts: Facts | undefined): this {
    this.facts = facts;
    return this;
  }
}

/** What went wrong, in one line: what follows in a system's message is advice to programmers. */
export function firstLine(error: unknown): string {
  const [line] = (error instanceof Error ? error.message : String(error)).split("\n");
  return line.replace(/, run again with.*$/, "");
}

/** Text from a file as a message shows it: on one line, and not too long. */
export function shorten(text = "none"): string {
  const line = text.replace(/\p{Cc}+/gu, " ");
  return line.length > 60 ? `${line.slice(0, 60)}…` : line;
}
