/**
 * What the lab asks of the system that it runs on, besides files. In a browser another file stands
 * in this one's place (scripts/lib/page/platform.ts), and functions that use files are left out.
 *
 * @module
 */
import { createHash } from "node:crypto";

export { basename } from "node:path";
export { fileURLToPath } from "node:url";

/** The sha256 of bytes that come in pieces, in hexadecimal. */
export function sha256Of(pieces: Iterable<Uint8Array>): string {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
}

/** Whether the program may do it: read files, or load native code. */
export async function isGranted(name: "read" | "ffi"): Promise<boolean> {
  return (await Deno.permissions.query({ name })).state === "granted";
}
