/**
 * Files that one process has for itself. The system gives a file's lock back when the process that
 * has it ends, however it ends.
 *
 * @module
 */

/** A file that is open to read and write, and whether its lock is this process's. */
export interface Opened {
  /** Open until it is closed. */
  file: Deno.FsFile;
  /** Whether no other process has the lock. */
  isAlone: boolean;
}

/**
 * Opens a file, makes it if it isn't there, and takes its lock.
 *
 * @param wait until another process gives the lock back
 */
export async function openAlone(path: string, { wait = false } = {}): Promise<Opened> {
  for (;;) {
    const file = await Deno.open(path, { read: true, write: true, create: true });
    if (wait) await file.lock(true);
    else if (!await file.tryLock(true)) return { file, isAlone: false };
    // Whoever had the lock may have taken the file away: then this one is in nobody's way.
    if (isAt(path, file)) return { file, isAlone: true };
    file.close();
  }
}

/** Whether an open file is what its path leads to, and not deleted or moved meanwhile. */
export function isAt(path: string, file: Deno.FsFile): boolean {
  try {
    const [own, there] = [file.statSync(), Deno.statSync(path)];
    return own.ino === there.ino && own.dev === there.dev;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
