/**
 * The backend `tensorflow`: npm:@tensorflow/tfjs-node-gpu over TensorFlow's native library, both as
 * `deno task install_tensorflow` put them into the folder `.tensorflow`. Installing is not done
 * here, but in scripts/install_tensorflow.ts.
 *
 * @module
 */
import * as tf from "../../tf.ts";
import { fileURLToPath } from "../../platform.ts";
import { silently } from "./silence.ts";

/** Where TensorFlow is installed: in the project, outside git. */
export const tensorflowFolder: URL = new URL("../../../.tensorflow/", import.meta.url);

/** The path of something in that folder. */
export function tensorflowPath(relative: string): string {
  return fileURLToPath(new URL(relative, tensorflowFolder));
}

/** What `installed.json` in that folder tells, which is written when all else is in place. */
export interface Installation {
  /** TensorFlow's version. */
  tensorflow: string;
  /** Where it came from. */
  source: "npm" | "pip";
  /** Whether this TensorFlow can use a GPU. */
  gpu: boolean;
  /** The compiled binding's path in the folder. */
  binding: string;
}

/** The package's class, as far as it is used here. */
export interface NodeBackend extends tf.KernelBackend {
  /** Whether it computes on a GPU. */
  isUsingGpuDevice: boolean;
  /** The native library. */
  binding: { TF_Version: string };
}
type NodeBackendClass = new (binding: unknown, packageName: string) => NodeBackend;

const PACKAGE_JSON = "node_modules/@tensorflow/tfjs-node-gpu/package.json";
const LOG_LEVEL = "TF_CPP_MIN_LOG_LEVEL";
const ERRORS_ONLY = "2";
/** 0 keeps NVIDIA's libraries from rounding a product's factors to 10 bits, as PyTorch does too. */
const ROUNDED_PRODUCTS = "NVIDIA_TF32_OVERRIDE";
let registered = false;

/** What is installed here; nothing if TensorFlow is not, or may not be looked for. */
export function findTensorFlow(): Installation | undefined {
  try {
    return JSON.parse(Deno.readTextFileSync(new URL("installed.json", tensorflowFolder)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

/**
 * Makes the backend known to TensorFlow.js.
 *
 * @throws {Error} where it is not installed
 */
export async function registerTensorFlow(
  installation: Installation | undefined = findTensorFlow(),
): Promise<void> {
  if (registered) return;
  if (!installation) throw new Error("it is not installed");
  const { createRequire } = await import("node:module"); // here, since it takes time
  const require = createRequire(Deno.realPathSync(new URL(PACKAGE_JSON, tensorflowFolder)));
  restoreOldUtilities(require);
  // The package takes this TensorFlow.js, instead of loading a second one.
  for (const name of ["@tensorflow/tfjs", "@tensorflow/tfjs-core"]) {
    const id = require.resolve(name);
    require.cache[id] = { id, exports: tf, loaded: true } as NodeJS.Module;
  }
  const { NodeJSKernelBackend } = require("./dist/nodejs_kernel_backend.js") as {
    NodeJSKernelBackend: NodeBackendClass;
  };
  require("./dist/register_all_kernels.js");
  const binding = loadQuietly(() => require(tensorflowPath(installation.binding)));
  tf.registerBackend(
    "tensorflow",
    () => new NodeJSKernelBackend(binding, "@tensorflow/tfjs-node-gpu"),
  );
  registered = true;
}

/** Functions that the package uses and that Node took out of node:util. */
function restoreOldUtilities(require: NodeJS.Require): void {
  const util = require("node:util") as Record<string, (value: unknown) => boolean>;
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}

/** TensorFlow logs while it is loaded, part of it whatever the level; who sets a level sees all. */
function loadQuietly<T>(load: () => T): T {
  if (!Deno.env.has(ROUNDED_PRODUCTS)) Deno.env.set(ROUNDED_PRODUCTS, "0");
  if (Deno.env.has(LOG_LEVEL)) return load();
  Deno.env.set(LOG_LEVEL, ERRORS_ONLY);
  return silently(load);
}
