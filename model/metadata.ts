/**
 * JSON in a safetensors file's metadata, believed only once it is checked.
 *
 * @module
 */
import { UserError } from "./errors.ts";

/**
 * A value from its text.
 *
 * @param key the metadata's, for the message
 * @throws {UserError} if the text is none, or of something else
 */
export function parseMetadata<T>(
  key: string,
  text: string | undefined,
  isGood: (value: unknown) => value is T,
): T {
  try {
    const value: unknown = JSON.parse(text ?? "");
    if (isGood(value)) return value;
  } catch {
    // told below
  }
  throw new UserError(`its metadata "${key}" is not as this lab writes it`);
}

/** Whether a value is a whole number from 0 on. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
