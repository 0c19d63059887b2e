/**
 * Errors as the tasks' users read them: in one line, with flags in place of the model module's
 * arguments, and with the file that they are about.
 *
 * @module
 */
import { firstLine, UserError } from "@hugo-lab/model";
import type { Flags } from "./arguments.ts";

/** How a flag is called that sets an argument: block-size for blockSize. */
export function flagName(argument: string): string {
  return argument.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
}

/**
 * What to tell of an error that is no fault of the program, without Deno's advice; else nothing.
 *
 * @param flags those of the task: an argument is told as its flag
 */
export function lineOf(error: unknown, flags: Flags): string | undefined {
  if (error instanceof UserError) {
    return error.worded((argument) => {
      const name = flagName(argument);
      return Object.hasOwn(flags, name) ? `--${name}` : argument;
    });
  }
  const isSystems = error instanceof Deno.errors.NotCapable ||
    error instanceof Error && /^E[A-Z0-9]+$/.test((error as { code?: string }).code ?? "");
  return isSystems ? firstLine(error) : undefined;
}

/**
 * Uses a file; what is wrong with it is told with its path.
 *
 * @param remedy what there is to do
 * @param purpose what the file is used for
 * @throws {UserError} cannot use PATH: what is wrong; what there is to do
 */
export async function withFile<T>(
  path: string,
  use: () => T | Promise<T>,
  { remedy = "", purpose = "use" } = {},
): Promise<T> {
  try {
    return await use();
  } catch (error) {
    throw error instanceof UserError ? aboutFile(path, error, { remedy, purpose }) : error;
  }
}

/** The error with the file's path, as {@linkcode withFile} tells it. */
export function aboutFile(
  path: string,
  error: UserError,
  { remedy = "", purpose = "use" } = {},
): UserError {
  return error.within(`cannot ${purpose} ${path}: `, remedy && `; ${remedy}`);
}
