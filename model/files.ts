/**
 * Writing files so that none is ever seen half-written, and texts whose line ends git may have
 * changed.
 *
 * @module
 */
import { openAlone } from "./alone.ts";
import { firstLine, UserError } from "./errors.ts";
import { basename, dirname, fileURLToPath } from "./platform.ts";

/**
 * Writes the whole file, or leaves the old one: a temporary file beside it, of this process alone,
 * is renamed over it. What processes that were killed meanwhile have left of it is taken away.
 *
 * @throws {UserError} if it cannot be written, with the system's reason
 */
export async function writeAtomically(path: string | URL, bytes: Uint8Array): Promise<void> {
  const target = path instanceof URL ? fileURLToPath(path) : path;
  const temporary = `${target}.${Deno.pid}.partial`;
  try {
    await removePartial(dirname(target), basename(target));
    using file = (await openAlone(temporary, { wait: true })).file;
    await writeAndSync(file, bytes);
    await Deno.rename(temporary, target);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw unwritable(target, error);
  }
}

/**
 * Takes away what processes that were killed have left of a file, or of every file in a folder: the
 * lock of a temporary file that is still being written is its writer's.
 */
export async function removePartial(folder: string, only?: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    const whole = /^(.+)\.\d+\.partial$/.exec(name)?.[1];
    if (whole === undefined || whole !== (only ?? whole)) continue;
    const path = `${folder}/${name}`;
    const { file, isAlone } = await openAlone(path);
    if (isAlone) await Deno.remove(path);
    file.close();
  }
}

/** What to say of a file that cannot be written. */
export function unwritable(path: string | URL, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const reason = firstLine(error).replace(/: (rename|open|writefile|readdir) .*$/, "");
  return new UserError(
    `cannot write ${path} (${reason}): make room there or choose another folder`,
  );
}

/** A text of the project with a line feed at each line's end, as it is committed. */
export function withLineFeeds(text: string): string {
  return text.replaceAll("\r\n", "\n");
}

async function writeAndSync(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  await file.truncate(0);
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
  await file.sync();
}
