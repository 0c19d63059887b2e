/**
 * Reading files that others may have put there: no pipe, whose opening waits for who writes to it,
 * and no device, which may have no end; text is UTF-8, or none. Files are opened nowhere else but
 * where they are written.
 *
 * @module
 */
import { UserError } from "./errors.ts";

/** What a path leads to, if that is no regular file: "a pipe". @throws what `Deno.stat` does */
export async function oddKind(path: string | URL): Promise<string | undefined> {
  return oddKindOf(await Deno.stat(path));
}

/** The same at once; nothing also where there is nothing. */
export function oddKindSync(path: string | URL): string | undefined {
  try {
    return oddKindOf(Deno.statSync(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function oddKindOf(info: Deno.FileInfo): string | undefined {
  if (info.isFile) return undefined;
  if (info.isDirectory) return "a folder";
  if (info.isFifo) return "a pipe";
  return info.isCharDevice || info.isBlockDevice ? "a device" : "no regular file";
}

/**
 * A file's bytes.
 *
 * @throws {UserError} "it is a pipe", to be told with the path, if it is no regular file
 * @throws {Deno.errors.NotFound} if it is not there
 */
export async function readBytes(path: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  const kind = await oddKind(path);
  if (kind) throw new UserError(`it is ${kind}`);
  return await Deno.readFile(path);
}

/**
 * A file's text.
 *
 * @param keepMark whether a byte order mark at its beginning is a character of it
 * @throws {UserError} also if it is no UTF-8, which is never repaired
 */
export async function readUtf8(path: string | URL, { keepMark = false } = {}): Promise<string> {
  const bytes = await readBytes(path);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: keepMark }).decode(bytes);
  } catch {
    throw new UserError("it is no UTF-8 text");
  }
}
