/**
 * What the lab must know of a backend: how TensorFlow.js comes to have it, what to say of it, and
 * what it can do that not every backend can.
 *
 * @module
 */
import type * as tf from "../tf.ts";

/** A backend; whoever adds one writes such an object and puts it into the table of mod.ts. */
export interface BackendDescriptor {
  /** Makes it known to TensorFlow.js; an error tells why it cannot be had here. */
  register(): void | Promise<void>;
  /** What to do where it cannot be had. */
  remedy: string;
  /** What it computes on, in a few words, once it is in use. */
  describe(): string | Promise<string>;
  /** Whether it runs native code, for which only `deno task native` has the permission. */
  isNative?: boolean;
  /** What `--backend auto` asks, if it may compute on a GPU. */
  gpu?: {
    /** Why there is none, as far as can be told before the backend is in use; nothing if there is. */
    whyNone(): string | undefined | Promise<string | undefined>;
    /** Whether it computes on one, once it is in use. */
    isUsed?(): boolean;
  };
  /** Its threads, if it divides a step among some that the caller may choose. */
  threads?: {
    /** How many there are. */
    count(): number;
    /** Takes so many, or as many as the machine has cores. */
    use(count?: number): Promise<void>;
  };
}

/** A function whose kernel calls were noted down, to be made again. */
export interface CapturedStep {
  /** Makes them for other inputs; gives the values of the result, at once where it can. */
  run(...inputs: Int32Array[]): Float32Array | Promise<Float32Array>;
  /** Frees what it keeps. */
  dispose(): void;
}

/** A backend that can note a function's kernel calls down and make them again. */
export interface CapturingBackend extends tf.KernelBackend {
  /** Captures a function of int32 inputs of these shapes. */
  capture(
    fn: (...inputs: tf.Tensor2D[]) => tf.Tensor,
    shapes: [number, number][],
  ): CapturedStep;
}

/** Whether a backend can capture steps. */
export function canCapture(backend: tf.KernelBackend): backend is CapturingBackend {
  return "capture" in backend;
}
