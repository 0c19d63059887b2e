/**
 * Holding a run's folder, so that no two runs write to it.
 *
 * @module
 */
import { isAt, openAlone, unwritable, UserError } from "@hugo-lab/model";

const NAME = ".lock";

/** A folder that this process has for itself. */
export class FolderLock implements Disposable {
  #file: Deno.FsFile;

  private constructor(readonly folder: string, file: Deno.FsFile) {
    this.#file = file;
  }

  /**
   * Takes a folder for this process.
   *
   * @throws {UserError} if another process has it, saying which and since when
   */
  static async take(folder: string): Promise<FolderLock> {
    return new FolderLock(folder, await takeFile(folder));
  }

  /**
   * Sees that the folder is still this process's, and takes it anew where somebody deleted the lock.
   *
   * @returns whether it was taken anew: others may have had it meanwhile
   * @throws {UserError} if another process has it by now, or it is gone
   */
  async renew(): Promise<boolean> {
    if (isAt(pathIn(this.folder), this.#file)) return false;
    try {
      const file = await takeFile(this.folder);
      this.#file.close();
      this.#file = file;
      return true;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new UserError(`the folder ${this.folder} is not there any more: somebody moved it`);
    }
  }

  /** Gives it back, and takes it away if nothing came of the run. */
  [Symbol.dispose](): void {
    try {
      if (isAt(pathIn(this.folder), this.#file)) {
        Deno.removeSync(pathIn(this.folder));
        Deno.removeSync(this.folder); // only an empty one
      }
    } catch {
      // it has files, or nothing can be removed there any more
    }
    this.#file.close();
  }
}

const pathIn = (folder: string) => `${folder}/${NAME}`;

async function takeFile(folder: string): Promise<Deno.FsFile> {
  const path = pathIn(folder);
  const { file, isAlone } = await openAlone(path);
  if (!isAlone) {
    using others = file;
    throw new UserError(
      `the folder ${folder} is another run's (${await readHolder(others)}): ` +
        "wait for its end, or choose another with --results",
    );
  }
  try {
    await file.truncate(0);
    await file.write(new TextEncoder().encode(`process ${Deno.pid}, since ${now()}`));
    return file;
  } catch (error) {
    file.close();
    await Deno.remove(path).catch(() => {});
    throw unwritable(path, error);
  }
}

async function readHolder(file: Deno.FsFile): Promise<string> {
  const bytes = new Uint8Array(100);
  const count = await file.read(bytes).catch(() => null); // Windows lets nobody read it
  return new TextDecoder().decode(bytes.subarray(0, count ?? 0)) || "of another process";
}

/** The time of day here, and the day. */
function now(): string {
  return new Date().toLocaleString("sv"); // 2026-01-31 12:34:56
}
