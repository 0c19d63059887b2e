/**
 * What the lab asks of the system that it runs on, besides files. In a browser another file stands
 * in this one's place (scripts/lib/page/platform.ts), and functions that use files are left out.
 *
 * @module
 */
import { createHash } from "node:crypto";

export { basename, dirname } from "node:path";
export { fileURLToPath } from "node:url";

/** A sha256 of bytes that come in parts. */
export interface Sha256 {
  /** Adds a part. */
  update(part: Uint8Array): void;
  /** The sha256 of all, in hexadecimal; nothing can be added afterwards. */
  digest(): string;
}

/** The sha256 of nothing yet. */
export function createSha256(): Sha256 {
  const hash = createHash("sha256");
  return { update: (part) => void hash.update(part), digest: () => hash.digest("hex") };
}

/** Whether the program may do it: read files, or load native code. */
export async function isGranted(name: "read" | "ffi"): Promise<boolean> {
  return (await Deno.permissions.query({ name })).state === "granted";
}

/** Gives an environment variable a value, where it has none and that is allowed. */
export function provideVariable(name: string, value: string): void {
  if (Deno.permissions.querySync({ name: "env", variable: name }).state !== "granted") return;
  if (!Deno.env.has(name)) Deno.env.set(name, value);
}

/** The machine's memory in bytes; unknown without leave to ask. */
export function machineMemory(): number | undefined {
  try {
    return Deno.systemMemoryInfo().total;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}
