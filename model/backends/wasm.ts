/**
 * TensorFlow.js's own WebAssembly backend.
 *
 * @module
 */
import { isGranted } from "../platform.ts";
import type { BackendDescriptor } from "./descriptor.ts";

/** Downloaded when it is first asked for; `deno task` would download what deno.json names. */
const PACKAGE = "npm:@tensorflow/tfjs-backend-wasm@4.22.0";

/** TensorFlow.js's own WebAssembly backend. */
export const wasm: BackendDescriptor = {
  register: load,
  remedy: "allow reading files, since TensorFlow.js reads its wasm file",
  describe: () => "the CPU",
};

/** TensorFlow.js would fall back to another backend without a word if it could not read its file. */
async function load(): Promise<void> {
  if (!await isGranted("read")) throw new Error("reading files is not allowed");
  await import(PACKAGE);
}
