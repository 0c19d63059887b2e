/**
 * Where the checkout lies.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

const root = new URL("../../../", import.meta.url);

/** The absolute path of a file of the checkout. */
export function rootOf(path: string): string {
  return fileURLToPath(new URL(path, root));
}
