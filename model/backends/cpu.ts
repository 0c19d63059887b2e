/**
 * TensorFlow.js's backend in plain JavaScript; tf.ts has it registered.
 *
 * @module
 */
import type { BackendDescriptor } from "./descriptor.ts";

/** TensorFlow.js in plain JavaScript. */
export const cpu: BackendDescriptor = {
  register: () => {},
  remedy: "it needs nothing; this is a fault of the lab",
  describe: () => "the CPU",
};
