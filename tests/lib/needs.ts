/** Tests that need a permission, Hugo's text or a Python say so and are skipped where it is missing. @module */
import { type Corpus, HUGO_PATH, loadCorpus } from "@hugo-lab/model";

/** What a test needs. */
export type Need = "read" | "write" | "run" | "ffi" | "hugo" | "python" | "chromium";

/** The Python with torch that `deno task test:pytorch --python PATH` passes on; else "". */
export const python: string = Deno.args[Deno.args.indexOf("--python") + 1] ?? "";

/** Debian's and Ubuntu's browser. */
export const CHROMIUM = "/usr/bin/chromium";

const mayRun = (command: string) =>
  Deno.permissions.querySync({ name: "run", command }).state === "granted";

const granted = (name: Exclude<Need, "hugo" | "python" | "chromium">) =>
  name === "run" ? mayRun("deno") : Deno.permissions.querySync({ name }).state === "granted";

function isMissing(need: Need): boolean {
  if (need === "hugo") return !isFile(HUGO_PATH);
  if (need === "python") return !Deno.args.includes("--python");
  if (need === "chromium") return !mayRun(CHROMIUM) || !isFile(CHROMIUM);
  return !granted(need);
}

function isFile(path: string | URL): boolean {
  if (!granted("read")) return false;
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

const remedy: Record<Need, string> = {
  read: "the permission --allow-read",
  write: "the permission --allow-write",
  run: "the permission --allow-run=deno",
  ffi: "the permission --allow-ffi",
  hugo: "Hugo's text: deno task data",
  python: "a Python with torch: deno task test:pytorch --python PATH",
  chromium: "Chromium (apt-get install chromium) and its permissions: deno task test:browser",
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
