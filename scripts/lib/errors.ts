/**
 * Errors as the tasks' users read them: in one line, with flags in place of the model module's
 * arguments, and with the file that they are about.
 *
 * @module
 */
import { firstLine, UserError } from "@hugo-lab/model";
import { flags } from "./flags.ts";

/** blockSize as --block-size; what is no flag stays as it is. */
export function flagOf(argument: string): string {
  const flag = argument.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
  return Object.hasOwn(flags, flag) ? `--${flag}` : argument;
}

/** What to tell of an error that is no fault of the program, without Deno's advice; else nothing. */
export function lineOf(error: unknown): string | undefined {
  if (error instanceof UserError) return error.worded(flagOf);
  const isSystems = error instanceof Deno.errors.NotCapable ||
    error instanceof Error && /^E[A-Z0-9]+$/.test((error as { code?: string }).code ?? "");
  return isSystems ? firstLine(error).replace(/, run again with.*$/, "") : undefined;
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
