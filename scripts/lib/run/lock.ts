/**
 * Holding a run's folder, so that no two runs write to it. The system gives a lock back when the
 * process that has it ends, however it ends.
 *
 * @module
 */
import { UserError } from "@hugo-lab/model";

const NAME = ".lock";

/**
 * Takes a folder for this process.
 *
 * @returns what gives it back
 * @throws {UserError} if another process has it, saying which and since when
 */
export async function lockFolder(folder: string): Promise<Disposable> {
  const path = `${folder}/${NAME}`;
  for (;;) {
    const file = await Deno.open(path, { read: true, write: true, create: true });
    if (!await file.tryLock(true)) {
      const holder = await readHolder(file);
      file.close();
      throw new UserError(
        `the folder ${folder} is another run's (${holder}): ` +
          "wait for its end, or choose another with --results",
      );
    }
    // Whoever gave the lock back has removed the file: then this one is in nobody's way.
    if (await isSame(file, path)) {
      await file.truncate(0);
      await file.write(new TextEncoder().encode(`process ${Deno.pid}, since ${now()}`));
      return { [Symbol.dispose]: () => giveBack(file, path) };
    }
    file.close();
  }
}

function giveBack(file: Deno.FsFile, path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // the folder is gone
  }
  file.close();
}

async function readHolder(file: Deno.FsFile): Promise<string> {
  const bytes = new Uint8Array(100);
  const count = await file.read(bytes).catch(() => null); // Windows lets nobody read it
  return new TextDecoder().decode(bytes.subarray(0, count ?? 0)) || "of another process";
}

async function isSame(file: Deno.FsFile, path: string): Promise<boolean> {
  try {
    const [own, there] = [await file.stat(), await Deno.stat(path)];
    return own.ino === there.ino && own.dev === there.dev;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The time of day here, and the day. */
function now(): string {
  return new Date().toLocaleString("sv"); // 2026-01-31 12:34:56
}
