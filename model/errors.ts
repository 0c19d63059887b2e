/**
 * The error for what a user can mend: shown as one line, without a stack trace.
 *
 * @module
 */

/** Bad input; its message says what was wrong, what was expected and what to do. */
export class UserError extends Error {
  /** Tells this error from a fault of the program. */
  override name = "UserError";

  /** An error with a message for the user, and the exit code that a task ends with. */
  constructor(message: string, readonly exitCode = 2) {
    super(message);
  }
}
