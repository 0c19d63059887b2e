/**
 * Running one tensor function many times on fresh inputs of the same shapes.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** A function compiled for fixed input shapes. */
export interface Program {
  /** Runs it on int32 inputs and gives the values of its result. */
  run(...inputs: Int32Array[]): Promise<Float32Array>;
  /** Frees what it keeps. */
  dispose(): void;
}

/** Makes a program of a function for the given shapes of its int32 inputs. */
export function compile(
  fn: (...inputs: tf.Tensor2D[]) => tf.Tensor,
  shapes: [number, number][],
): Program {
  const run = async (...inputs: Int32Array[]) => {
    const result = tf.tidy(() => fn(...inputs.map((v, i) => tf.tensor2d(v, shapes[i], "int32"))));
    const values = await result.data<"float32">();
    result.dispose();
    return values;
  };
  return { run, dispose: () => {} };
}
