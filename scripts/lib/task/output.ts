/**
 * Files that a task writes where its user said: none of theirs is replaced.
 *
 * @module
 */
import { dirname } from "node:path";
import { oddKind, prepareFolder, readBytes, UserError } from "@hugo-lab/model";

/** Whether a file's content is one that the task may replace. */
export type IsOwn = (bytes: Uint8Array<ArrayBuffer>) => boolean;

/**
 * Sees, before a task begins its work, that its file can be written, and that nothing is lost then.
 *
 * @param argument which names the file: the remedy is to choose another
 * @throws {UserError} as {@linkcode isOwnThere} and `prepareFolder` do
 */
export async function prepareOutput(path: string, isOwn: IsOwn, argument: string): Promise<void> {
  await isOwnThere(path, isOwn, argument);
  prepareFolder(dirname(path), argument);
}

/**
 * Whether there is a file of the task's own where it is about to write one.
 *
 * @throws {UserError} if there is another file, or something else
 */
export async function isOwnThere(path: string, isOwn: IsOwn, argument: string): Promise<boolean> {
  const kind = await kindOf(path);
  if (kind === "nothing") return false;
  if (!kind && isOwn(await readBytes(path))) return true;
  const what = kind ? `is ${kind}` : "is there already and would be lost";
  throw new UserError((nameOf) => `${path} ${what}: choose another with ${nameOf(argument)}`);
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

async function kindOf(path: string): Promise<string | undefined> {
  try {
    return await oddKind(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return "nothing";
    }
    throw error;
  }
}
