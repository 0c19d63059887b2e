/**
 * What the lab is compared with: PyTorch and JAX in a Python, and TensorFlow.js's backends.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { type BackendName, findWebGpu, UserError } from "@hugo-lab/model";

/** The backends' columns. */
export const columns: Partial<Record<BackendName, string>> = {
  wasm: "tfjs wasm",
  tensorflow: "TensorFlow",
  webgpu: "WebGPU",
};

/** Runs a peer's script; nothing if its library is not there. */
export async function runPeer(python: string, script: string, job: unknown) {
  const path = fileURLToPath(new URL(`./${script}`, import.meta.url));
  const command = new Deno.Command(python, { args: [path, JSON.stringify(job)], stderr: "piped" });
  let output: Deno.CommandOutput;
  try {
    output = await command.output();
  } catch {
    throw new UserError(`--python ${python} cannot be run: give the path of a Python`);
  }
  const decoder = new TextDecoder();
  if (output.success) return JSON.parse(decoder.decode(output.stdout));
  const reason = decoder.decode(output.stderr).trim().split("\n").at(-1);
  console.error(`${script} was not measured: ${reason}`);
}

/** Whether the full-size model is worth measuring there. */
export async function takesLarge(backend: BackendName): Promise<boolean> {
  if (backend === "webgpu") return (await findWebGpu())?.isSoftware === false;
  return backend === "tensorflow";
}
