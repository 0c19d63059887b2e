/** Tests that need a permission, Hugo's text, signals or a Python say so and are skipped where it is missing. @module */
import { createHash } from "node:crypto";
import { type Corpus, HUGO_PATH, HUGO_SHA256, loadCorpus } from "@hugo-lab/model";

/** What a test needs. */
export type Need =
  | "read"
  | "write"
  | "run"
  | "ffi"
  | "packages"
  | "hugo"
  | "signals"
  | "python"
  | "chromium"
  | "firefox";

/** The Python with torch that `deno task test:pytorch --python PATH` passes on; else "". */
export const python: string = Deno.args[Deno.args.indexOf("--python") + 1] ?? "";

/** Debian's and Ubuntu's browser. */
export const CHROMIUM = "/usr/bin/chromium";

/** Debian's other browser. */
export const FIREFOX = "/usr/bin/firefox-esr";

const mayRun = (command: string) =>
  Deno.permissions.querySync({ name: "run", command }).state === "granted";

const granted = (name: Deno.PermissionName) =>
  name === "run" ? mayRun("deno") : Deno.permissions.querySync({ name }).state === "granted";

function isMissing(need: Need): boolean {
  if (need === "packages") return !isTask();
  if (need === "hugo") return !isHugoHere();
  if (need === "signals") return Deno.build.os === "windows";
  if (need === "python") return !Deno.args.includes("--python");
  if (need === "chromium") return !mayRun(CHROMIUM) || !isFile(CHROMIUM);
  if (need === "firefox") return !mayRun(FIREFOX) || !isFile(FIREFOX);
  return !granted(need);
}

/**
 * Whether a task runs the tests. Tasks have a lock file of their own with every package; what plain
 * `deno test` downloads is noted down in deno.lock, and each first command would download it too.
 */
function isTask(): boolean {
  const variable = "INIT_CWD"; // deno task sets it
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  return state === "granted" && Deno.env.has(variable);
}

let hugoIsHere: boolean | undefined;

function isHugoHere(): boolean {
  hugoIsHere ??= isFile(HUGO_PATH) &&
    createHash("sha256").update(Deno.readFileSync(HUGO_PATH)).digest("hex") === HUGO_SHA256;
  return hugoIsHere;
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
  packages: "packages that are not downloaded for every command: deno task test",
  hugo: "Hugo's text: deno task data",
  signals: "a system whose processes can be sent signals",
  python: "a Python with torch: deno task test:pytorch --python PATH",
  firefox: "Firefox (apt-get install firefox-esr) and its permissions: deno task test:browser",
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

/**
 * Loads a file of tests where they may run. Deno does not read the address beforehand, else every
 * `deno test` would fetch the packages that they import.
 */
export async function suite(name: string, needs: Need[], file: URL): Promise<void> {
  const missing = missingOf([...needs, "packages"]);
  if (!missing) return void await import(file.href);
  console.log(`skipped: ${name}: ${missing}`);
  Deno.test({ name, ignore: true, fn: () => {} });
}

/** Hugo's text. */
export function hugo(): Promise<Corpus> {
  return loadCorpus(undefined, (line) => {
    throw new Error(line);
  });
}
