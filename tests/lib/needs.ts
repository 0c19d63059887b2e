/** Tests that need a permission or Hugo's text say so and are skipped where it is missing. @module */
import { type Corpus, HUGO_PATH, loadCorpus } from "@hugo-lab/model";

/** What a test needs. */
export type Need = "read" | "write" | "run" | "ffi" | "hugo";

const granted = (name: Exclude<Need, "hugo">) =>
  name === "run"
    ? Deno.permissions.querySync({ name, command: "deno" }).state === "granted"
    : Deno.permissions.querySync({ name }).state === "granted";

function isMissing(need: Need): boolean {
  if (need !== "hugo") return !granted(need);
  if (!granted("read")) return true;
  try {
    Deno.statSync(HUGO_PATH);
    return false;
  } catch {
    return true;
  }
}

const remedy: Record<Need, string> = {
  read: "the permission --allow-read",
  write: "the permission --allow-write",
  run: "the permission --allow-run=deno",
  ffi: "the permission --allow-ffi",
  hugo: "Hugo's text: deno task data",
};

/** What would have to be there, but is not; nothing if all is. */
export function missingOf(needs: Need[]): string | undefined {
  const missing = needs.find(isMissing);
  return missing && `needs ${remedy[missing]}`;
}

/** Registers a test, or a skipped one whose name and output tell what it would need. */
export function test(name: string, needs: Need[], fn: () => void | Promise<void>): void {
  const missing = missingOf(needs);
  if (missing) console.log(`skipped: ${name}: ${missing}`);
  Deno.test({ name, ignore: missing !== undefined, fn });
}

/** Hugo's text. */
export function hugo(): Promise<Corpus> {
  return loadCorpus(undefined, (line) => {
    throw new Error(line);
  });
}
