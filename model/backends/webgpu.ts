/**
 * TensorFlow.js's WebGPU backend.
 *
 * @module
 */
import { provideVariable } from "../platform.ts";
import type { BackendDescriptor } from "./descriptor.ts";

/** Downloaded when it is first asked for; `deno task` would download what deno.json names. */
const PACKAGE = "npm:@tensorflow/tfjs-backend-webgpu@4.22.0";

/** TensorFlow.js on a GPU, through WebGPU. */
export const webgpu: BackendDescriptor = {
  register: async () => {
    quietDrivers();
    await import(PACKAGE);
  },
  remedy: "it needs a GPU with a WebGPU driver; try --backend wasm",
  describe: async () => (await findWebGpu())?.description ?? "a GPU",
  gpu: {
    whyNone: async () => {
      const adapter = await findWebGpu();
      if (!adapter) return "no adapter";
      return adapter.isSoftware ? `${adapter.description} is software` : undefined;
    },
  },
};

/** Vulkan's drivers look for windows here, and say "error:" on a server that has no such folder. */
function quietDrivers(): void {
  provideVariable("XDG_RUNTIME_DIR", "/tmp");
}

/** The GPU that WebGPU offers, if any; software is a program that computes on the CPU instead. */
export async function findWebGpu(): Promise<
  { description: string; isSoftware: boolean } | undefined
> {
  quietDrivers();
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter) return undefined;
  const { description, device, isFallbackAdapter } = adapter.info;
  const isSoftware = isFallbackAdapter ||
    /llvmpipe|lavapipe|swiftshader|basic render/i.test(description);
  return { description: description || device || "a GPU", isSoftware };
}
