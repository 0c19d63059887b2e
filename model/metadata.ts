/**
 * A safetensors file's metadata, believed only once it is checked: a checksum over the whole file,
 * and JSON.
 *
 * @module
 */
import { UserError } from "./errors.ts";
import { createSha256 } from "./platform.ts";
import { safetensorsPieces, type StoredTensor } from "./safetensors.ts";

/** The sha256 of the file as it would be without a checksum, its metadata sorted by key. */
export function checksumOf(
  tensors: Map<string, StoredTensor>,
  metadata: Record<string, string>,
): string {
  const hash = createSha256();
  const sorted = Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)));
  for (const piece of safetensorsPieces(tensors, sorted)) hash.update(piece);
  return hash.digest();
}

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
  throw new UserError(`its metadata "${key}" is not as this lab writes it`)
    .saying({ kind: "foreign file" });
}

/** Whether a value is a whole number from 0 on. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
