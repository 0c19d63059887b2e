/**
 * Holding a run's folder, so that no two runs write to it.
 *
 * @module
 */
import { openAlone, UserError } from "@hugo-lab/model";

const NAME = ".lock";

/**
 * Takes a folder for this process.
 *
 * @returns what gives it back
 * @throws {UserError} if another process has it, saying which and since when
 */
export async function lockFolder(folder: string): Promise<Disposable> {
  const path = `${folder}/${NAME}`;
  const { file, isAlone } = await openAlone(path);
  if (!isAlone) {
    using others = file;
    throw new UserError(
      `the folder ${folder} is another run's (${await readHolder(others)}): ` +
        "wait for its end, or choose another with --results",
    );
  }
  await file.truncate(0);
  await file.write(new TextEncoder().encode(`process ${Deno.pid}, since ${now()}`));
  return { [Symbol.dispose]: () => giveBack(file, path) };
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

/** The time of day here, and the day. */
function now(): string {
  return new Date().toLocaleString("sv"); // 2026-01-31 12:34:56
}
