/**
 * What the model module asks of the system, as a browser has it: worker_map.json puts this file in
 * the place of model/platform.ts.
 *
 * @module
 */
import { sha256 } from "npm:@noble/hashes@2.4.0/sha2.js";
import type { Sha256 } from "../../../model/platform.ts";

/** The sha256 of bytes that come in parts. */
export function createSha256(): Sha256 {
  const hash = sha256.create();
  return { update: (part) => void hash.update(part), digest: () => hash.digest().toHex() };
}

/** A page may neither read files by their path nor load native code. */
export function isGranted(): Promise<boolean> {
  return Promise.resolve(false);
}

/** A page has no environment. */
export function provideVariable(): void {}

/** A page is not told how much memory the machine has. */
export function machineMemory(): undefined {
  return undefined;
}

/** The last part of a path. */
export function basename(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** All of a path but its last part. */
export function dirname(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/"))) || ".";
}

/** A page has no files with a path. */
export function fileURLToPath(url: URL): never {
  throw new Error(`a page cannot read ${url}`);
}
