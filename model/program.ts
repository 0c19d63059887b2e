/**
 * Running one tensor function many times on fresh inputs of the same shapes.
 *
 * @module
 */
import * as tf from "./tf.ts";
import { canCapture, type CapturedStep } from "./backends/descriptor.ts";

/** A function compiled for fixed input shapes. */
export interface Program {
  /** Runs it on int32 inputs and gives the values of its result, at once where it can. */
  run(...inputs: Int32Array[]): Float32Array | Promise<Float32Array>;
  /** Does beforehand what the first run would do once. */
  prepare(): void;
  /** Frees what it keeps. */
  dispose(): void;
}

/** Makes a program of a function for the given shapes of its int32 inputs. */
export function compile(
  fn: (...inputs: tf.Tensor2D[]) => tf.Tensor,
  shapes: [number, number][],
): Program {
  const backend = tf.backend();
  if (canCapture(backend)) {
    // Captured at the first run, when the model is in the mode in which it is run.
    let captured: CapturedStep | undefined;
    const prepare = () => captured ??= backend.capture(fn, shapes);
    return {
      prepare: () => void prepare(),
      run: (...inputs) => prepare().run(...inputs),
      dispose: () => captured?.dispose(),
    };
  }
  const run = async (...inputs: Int32Array[]) => {
    const result = tf.tidy(() => fn(...inputs.map((v, i) => tf.tensor2d(v, shapes[i], "int32"))));
    const values = await result.data<"float32">();
    result.dispose();
    return values;
  };
  return { run, prepare: () => {}, dispose: () => {} };
}
