/**
 * Files that a task writes where its user said: none of theirs is replaced.
 *
 * @module
 */
import { oddKind, readBytes, UserError } from "@hugo-lab/model";

/** Whether a file's content is one that the task may replace. */
export type IsOwn = (bytes: Uint8Array<ArrayBuffer>) => boolean;

/**
 * Sees that nothing is lost where a file is about to be written: there is none, or one of the task's
 * own. A task that takes long looks before it begins.
 *
 * @param remedy what there is to do otherwise: choose another --csv
 * @returns whether there is one of its own
 * @throws {UserError} if there is another file, or something else
 */
export async function checkOutput(path: string, isOwn: IsOwn, remedy: string): Promise<boolean> {
  if (await isNothing(path)) return false;
  const kind = await oddKind(path);
  if (kind) throw new UserError(`${path} is ${kind}: ${remedy}`);
  if (isOwn(await readBytes(path))) return true;
  throw new UserError(`${path} is there already and would be lost: ${remedy}`);
}

/** Whether a file begins with a text that only the task's own begin with. */
export function beginsWith(beginning: string): IsOwn {
  const length = new TextEncoder().encode(beginning).length;
  return (bytes) => new TextDecoder().decode(bytes.subarray(0, length)) === beginning;
}

/** Whether a file has these bytes already. */
export function equals(expected: Uint8Array): IsOwn {
  return (bytes) =>
    bytes.length === expected.length && bytes.every((byte, i) => byte === expected[i]);
}

async function isNothing(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return false;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return true;
    }
    throw error;
  }
}
