/**
 * The backend `tensorflow` as one among the lab's.
 *
 * @module
 */
import * as tf from "../../tf.ts";
import type { BackendDescriptor } from "../descriptor.ts";
import { findTensorFlow, type NodeBackend, registerTensorFlow } from "./mod.ts";

/** TensorFlow, once it is TensorFlow.js's backend. */
const inUse = () => tf.backend() as NodeBackend;

/** Native TensorFlow. */
export const tensorflow: BackendDescriptor = {
  register: () => registerTensorFlow(),
  remedy: "install it by deno task install_tensorflow, or try --backend lab",
  describe: () => {
    const { isUsingGpuDevice, binding } = inUse();
    return `${isUsingGpuDevice ? "a GPU" : "the CPU"}, TensorFlow ${binding.TF_Version}`;
  },
  isNative: true,
  gpu: {
    whyNone: () => {
      const installation = findTensorFlow();
      if (!installation) return "not installed";
      return installation.gpu ? undefined : "installed for the CPU only";
    },
    isUsed: () => inUse().isUsingGpuDevice === true,
  },
};
