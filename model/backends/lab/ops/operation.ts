/**
 * What an operation of the engine is: how its result is computed, how its gradient, and which memory
 * its kernels touch.
 *
 * @module
 */
import * as tf from "../../../tf.ts";
import type { Above, Arguments, Buffer } from "../capture/trace.ts";
import type { Engine } from "../machine/engine.ts";
import type { parameters } from "../machine/kernels.ts";
import type { CallName } from "../machine/module.ts";
import type { Access } from "./touches.ts";

/** What operations ask of the backend: memory, and calls that are made now or noted down. */
export interface Device {
  /** The kernels and their memory. */
  readonly engine: Engine;
  /** Reserves a tensor's memory. */
  make(shape: number[], dtype?: tf.DataType): tf.TensorInfo;
  /** The same memory under another shape. */
  alias(tensor: tf.TensorInfo, shape: number[]): tf.TensorInfo;
  /** Runs a kernel; `work` tells how many operations it makes, if many more than bytes. */
  call<K extends CallName>(kernel: K, args: Arguments<K, tf.TensorInfo>, work?: number): void;
  /** The same for a kernel that need not run before its result is used. */
  callLater<K extends CallName>(
    kernel: K,
    args: Arguments<K, tf.TensorInfo>,
    result: tf.TensorInfo,
  ): void;
  /** Notes what stands above the diagonals of a tensor's square matrices. */
  setAbove(tensor: tf.TensorInfo, value: Above["value"] | undefined): void;
  /** What stands there, if it is known. */
  above(tensor: tf.TensorInfo): Above["value"] | undefined;
  /** Sees to it that int32s which a kernel takes as places among `n` are from 0 to n - 1. */
  requireIndices(indices: tf.TensorInfo, n: number): void;
  /** Memory that the host fills by the action: now, or each time a captured step comes here. */
  hostWritten(bytes: number, action: (address: number) => void): Buffer;
  /** Gives that memory back, unless a captured step keeps it. */
  releaseHostWritten(buffer: Buffer): void;
  /** A tensor's values. */
  readSync(dataId: object): Float32Array | Int32Array | Uint8Array;
  /** A tensor of values. */
  write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): object;
  /** Gives a tensor's memory back. */
  disposeData(dataId: object): boolean;
}

/** The tensors that an operation is given. */
export type Inputs = Record<string, tf.TensorInfo>;
// deno-lint-ignore no-explicit-any -- each operation knows its own attributes
type Attributes = any;

/** Computes an operation's results. */
export type Forward = (
  device: Device,
  inputs: Inputs,
  attributes: Attributes,
) => tf.TensorInfo | tf.TensorInfo[];

/** The parameters of a kernel that are tensors' memory. */
type Touched<K extends CallName> = {
  [P in keyof (typeof parameters)[K]]: (typeof parameters)[K][P] extends "address"
    ? P extends "scratch" ? never : P
    : never;
}[keyof (typeof parameters)[K]];

/** What a share of each kernel's work touches, by the kernels' parameters: none may be left out. */
export type Touches = { [K in CallName]?: { [P in Touched<K>]: Access } };

/** An operation, or a few that are nothing without each other. */
export interface Operation {
  /** What computes it, by the name under which TensorFlow.js runs it. */
  forward: Record<string, Forward>;
  /** The gradients, for those that TensorFlow.js has no rule for. */
  gradients?: Record<string, Omit<tf.GradConfig, "kernelName">>;
  /** The memory that the kernels touch. */
  touches?: Touches;
}

/** The engine lacks this form of an operation. */
export class Unsupported extends Error {}

/** How many numbers a tensor has. */
export const size = ({ shape }: tf.TensorInfo): number => tf.util.sizeFromShape(shape);
/** How many vectors of four they fill. */
export const vectors = (tensor: tf.TensorInfo): number => Math.ceil(size(tensor) / 4);
/** The last axis. */
export const columnsOf = ({ shape }: tf.TensorInfo): number => shape[shape.length - 1];
/** All axes but the last. */
export const rowsOf = (tensor: tf.TensorInfo): number => size(tensor) / (columnsOf(tensor) || 1);

/** The operation, for floats only: TensorFlow.js uses it on other types too. */
export const onFloats = (forward: Forward): Forward => (device, inputs, attributes) => {
  const other = Object.values(inputs).find(({ dtype }) => dtype !== "float32");
  if (other) throw new Unsupported(`the engine has no such operation on ${other.dtype} tensors`);
  return forward(device, inputs, attributes);
};

/**
 * Sees to it that tensors have the size that a kernel takes for granted; undefined ones are left out.
 *
 * @throws {Error} naming the one that has not
 */
export function requireSizes(
  tensors: Record<string, tf.TensorInfo | undefined>,
  expected: number,
): void {
  for (const [name, tensor] of Object.entries(tensors)) {
    if (tensor && size(tensor) !== expected) {
      throw new Error(`${name} has ${size(tensor)} numbers, not ${expected}`);
    }
  }
}

/** Runs one of the engine's operations within a gradient. */
export function run<T extends tf.Tensor>(
  name: string,
  inputs: tf.NamedTensorMap,
  attributes: Record<string, unknown> = {},
): T {
  return tf.engine().runKernel(name, inputs, attributes as unknown as tf.NamedAttrMap) as T;
}

/** The gradient of the first result; the others are only kept for it. */
export const first = (dy: tf.Tensor | tf.Tensor[]): tf.Tensor => Array.isArray(dy) ? dy[0] : dy;
