/** Checking a file at every save, until Ctrl-C. @module */
import { UserError } from "@hugo-lab/model";

const LOOK_MS = 200;

/** Calls when the file has changed and once at the beginning; Ctrl-C ends the program. */
export async function watchFile(path: string, onSave: () => Promise<void>): Promise<never> {
  let seen: string | undefined;
  for (;;) {
    const now = await stampOf(path);
    if (now !== undefined && now !== seen) {
      seen = now; // a save while it is checked is seen afterwards
      await onSave().catch(tellOf);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Editors may replace a file: for a moment there is none. */
async function stampOf(path: string): Promise<string | undefined> {
  const found = await Deno.stat(path).catch(() => undefined);
  return found && `${found.mtime?.getTime()} ${found.size} ${found.ino}`;
}

function tellOf(error: unknown): void {
  if (error instanceof Deno.errors.NotFound) return; // replaced just now
  if (!(error instanceof UserError)) throw error;
  console.error(error.message);
}
