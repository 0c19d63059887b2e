/**
 * Writing files so that none is ever seen half-written, and texts whose line ends git may have
 * changed.
 *
 * @module
 */
import { firstLine, UserError } from "./errors.ts";

/**
 * Writes the whole file, or leaves the old one: a temporary file beside it, of this process alone,
 * is renamed over it.
 *
 * @throws {UserError} if it cannot be written, with the system's reason
 */
export async function writeAtomically(path: string | URL, bytes: Uint8Array): Promise<void> {
  const name = `${path}.${Deno.pid}.partial`;
  const temporary = path instanceof URL ? new URL(name) : name;
  try {
    await writeAndSync(temporary, bytes);
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw unwritable(path, error);
  }
}

/** What to say of a file that cannot be written. */
export function unwritable(path: string | URL, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const reason = firstLine(error).replace(/: (rename|open|writefile) .*$/, "");
  return new UserError(
    `cannot write ${path} (${reason}): make room there or choose another folder`,
  );
}

/** A text of the project with a line feed at each line's end, as it is committed. */
export function withLineFeeds(text: string): string {
  return text.replaceAll("\r\n", "\n");
}

async function writeAndSync(path: string | URL, bytes: Uint8Array): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
  await file.sync();
}
