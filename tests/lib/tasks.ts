/** Tasks as a user runs them, and folders for what they write. @module */

const root: string | URL = new URL("../..", import.meta.url);

/** What a task ended with, and what it printed on standard output and standard error. */
export interface Outcome {
  code: number;
  out: string;
  err: string;
}

/** Runs `deno task` with the name and arguments in a process of its own, from the root. */
export function task(...args: string[]): Promise<Outcome> {
  return taskIn(root, ...args);
}

/** Runs it in another checkout. */
export async function taskIn(checkout: string | URL, ...args: string[]): Promise<Outcome> {
  // A graphics driver that is looked for says on standard error that it misses its folder.
  const env = { NO_COLOR: "1", XDG_RUNTIME_DIR: "/tmp" };
  const options = { args: ["task", "--quiet", ...args], cwd: checkout, env };
  const { code, stdout, stderr } = await new Deno.Command("deno", options).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: decode(stdout), err: withoutDownloads(decode(stderr)) };
}

/** What a task said, without Deno's own lines on packages that it was the first to ask for. */
export function withoutDownloads(text: string): string {
  return text.replace(/^(Download|Initialize) .*\n/gm, "");
}

/** A folder that is gone after the test. */
export async function inFolder(fn: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await fn(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
