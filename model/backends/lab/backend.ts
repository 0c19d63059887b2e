/**
 * The lab's engine as a backend of TensorFlow.js: tensors in one WebAssembly memory.
 *
 * Outside a capture each operation runs at once. Inside one it is only noted down.
 *
 * @module
 */
import * as tf from "../../tf.ts";
import type { CapturedStep, CapturingBackend } from "../descriptor.ts";
import { join } from "./capture/join.ts";
import { Replay } from "./capture/replay.ts";
import {
  type Above,
  type Argument,
  type Arguments,
  type Buffer,
  type Scratch,
  Trace,
} from "./capture/trace.ts";
import { Engine } from "./machine/engine.ts";
import { type CallName, parameterNames } from "./machine/module.ts";
import type { Device } from "./ops/operation.ts";

interface Entry {
  buffer: Buffer;
  dtype: tf.DataType;
  references: number;
  /** The trace in which it was made, if in any. */
  trace?: Trace;
}

const bytesPerElement = (dtype: tf.DataType) => dtype === "bool" ? 1 : 4;

/** Tensors in WebAssembly memory. */
export class LabBackend extends tf.KernelBackend implements CapturingBackend, Device {
  readonly engine: Engine = new Engine();
  /** The captured steps that are in use. */
  readonly captured: Set<Replay> = new Set();
  readonly #entries = new Map<object, Entry>();
  #trace?: Trace;
  /** The inputs of the step that is being captured, and below what their numbers must stay. */
  #inputs = new Map<Buffer, number>();
  #scratch = { bytes: 0, address: 0 };

  /** Whether operations are being noted down rather than run. */
  get tracing(): boolean {
    return this.#trace !== undefined;
  }

  /** Reserves a tensor's memory. */
  make(shape: number[], dtype: tf.DataType = "float32"): tf.TensorInfo {
    if (dtype === "string" || dtype === "complex64") {
      throw new Error(`the lab's engine has no ${dtype} tensors`);
    }
    const bytes = tf.util.sizeFromShape(shape) * bytesPerElement(dtype);
    const buffer: Buffer = { bytes };
    if (!this.#trace) buffer.address = this.engine.allocate(bytes);
    const dataId = {};
    this.#entries.set(dataId, { buffer, dtype, references: 1, trace: this.#trace });
    return { dataId, shape, dtype };
  }

  /** The same memory under another shape. */
  alias({ dataId, dtype }: tf.TensorInfo, shape: number[]): tf.TensorInfo {
    this.incRef(dataId);
    return { dataId, shape, dtype };
  }

  /** A tensor's memory. */
  buffer({ dataId }: tf.TensorInfo): Buffer {
    return this.#entry(dataId).buffer;
  }

  /** Runs a kernel on tensors, buffers and numbers, or notes the call down. */
  call<K extends CallName>(kernel: K, args: Arguments<K, tf.TensorInfo>, work?: number): void {
    const resolved = this.#resolve(args);
    if (this.#trace) return this.#trace.call(kernel, resolved, work);
    const byName = resolved as Record<string, Argument>;
    const values = parameterNames[kernel].map((name) => this.#addressOf(byName[name]));
    (this.engine.kernels[kernel] as (...values: number[]) => void)(...values);
  }

  /** The same for a kernel that need not run before its result is used. */
  callLater<K extends CallName>(
    kernel: K,
    args: Arguments<K, tf.TensorInfo>,
    result: tf.TensorInfo,
  ): void {
    if (!this.#trace) return this.call(kernel, args);
    this.#trace.putOff(kernel, this.#resolve(args), this.buffer(result));
  }

  /** Notes what stands above the diagonals of a tensor's square matrices. */
  setAbove(tensor: tf.TensorInfo, value: Above["value"] | undefined): void {
    this.buffer(tensor).above = value && { size: tensor.shape.at(-1)!, value };
  }

  /** What stands there, if it is known; another shape of the same numbers may have other matrices. */
  above(tensor: tf.TensorInfo): Above["value"] | undefined {
    const { above } = this.buffer(tensor);
    const isSame = tensor.shape.slice(-2).every((n) => n === above?.size);
    return tensor.shape.length > 1 && isSame ? above?.value : undefined;
  }

  /**
   * Sees to it that a kernel which takes these numbers as places among `n` finds them there: V8 may
   * run without checks of its own. A captured step's inputs are looked at before each run.
   *
   * @throws {Error} if they are not int32s from 0 to n - 1
   */
  requireIndices(indices: tf.TensorInfo, n: number): void {
    if (indices.dtype !== "int32") {
      throw new Error(`indices must be int32, but these are ${indices.dtype}`);
    }
    const buffer = this.buffer(indices);
    const limit = this.#inputs.get(buffer);
    if (limit !== undefined) return void this.#inputs.set(buffer, Math.min(limit, n));
    if (buffer.address === undefined) {
      throw new Error("a captured step cannot take indices that it has computed itself");
    }
    checkIndices(this.engine.ints(buffer.address, buffer.bytes / 4), n);
  }

  /** The arguments with tensors' memory in their place. */
  #resolve<K extends CallName>(args: Arguments<K, tf.TensorInfo>): Arguments<K> {
    const entries = Object.entries(args as Record<string, Argument | tf.TensorInfo>);
    return Object.fromEntries(
      entries.map((
        [name, arg],
      ) => [name, typeof arg === "object" && "dataId" in arg ? this.buffer(arg) : arg]),
    ) as Arguments<K>;
  }

  #addressOf(arg: Argument): number {
    if (typeof arg === "number") return arg;
    return "scratch" in arg ? this.#scratchAddress(arg) : arg.address!;
  }

  /** Memory that the host fills by the action: now, or each time a captured step comes here. */
  hostWritten(bytes: number, action: (address: number) => void): Buffer {
    const address = this.engine.allocate(bytes);
    const buffer = { bytes, address };
    if (this.#trace) {
      this.#trace.owned.push(buffer);
      this.#trace.host(() => action(address));
    } else {
      action(address);
    }
    return buffer;
  }

  /** Gives memory of {@linkcode LabBackend.hostWritten} back, unless a captured step keeps it. */
  releaseHostWritten({ address, bytes }: Buffer): void {
    if (!this.#trace) this.engine.release(address!, bytes);
  }

  #scratchAddress({ scratch: bytes }: Scratch): number {
    if (bytes > this.#scratch.bytes) {
      if (this.#scratch.bytes > 0) this.engine.release(this.#scratch.address, this.#scratch.bytes);
      this.#scratch = { bytes, address: this.engine.allocate(bytes) };
    }
    return this.#scratch.address;
  }

  /**
   * Captures a function of int32 inputs.
   *
   * @throws {Error} if the function reads values, needs an operation that only runs uncaptured, or
   * keeps a tensor
   */
  capture(
    fn: (...inputs: tf.Tensor2D[]) => tf.Tensor,
    shapes: [number, number][],
  ): CapturedStep {
    if (this.#trace) throw new Error("a captured step cannot capture another");
    const inputs = shapes.map((shape) =>
      tf.tensor2d(new Int32Array(shape[0] * shape[1]), shape, "int32")
    );
    const addresses = inputs.map((input) => this.buffer(input).address!);
    const trace = new Trace();
    this.#trace = trace;
    this.#inputs = new Map(inputs.map((input) => [this.buffer(input), Infinity]));
    let limits: number[];
    let output: Buffer;
    try {
      const result = tf.tidy(() => fn(...inputs));
      output = this.buffer(result);
      result.dispose();
      trace.catchUp();
      trace.calls = join(trace.calls, output);
    } finally {
      this.#trace = undefined;
      limits = [...this.#inputs.values()];
      this.#inputs.clear();
    }
    const kept = [...this.#entries.values()].filter((entry) => entry.trace === trace).length;
    if (kept > 0) throw new Error(`a captured step must not keep tensors, but it kept ${kept}`);
    const replay = new Replay(this.engine, trace, output);
    this.captured.add(replay);
    return {
      run: (...values) => {
        values.forEach((value, i) => {
          if (value.length !== inputs[i].size) {
            throw new Error(
              `a step captured for ${
                shapes[i].join(" x ")
              } inputs was given ${value.length} values`,
            );
          }
          if (limits[i] < Infinity) checkIndices(value, limits[i]);
          this.engine.allInts.set(value, addresses[i] / 4);
        });
        return replay.run();
      },
      dispose: () => {
        this.captured.delete(replay);
        replay.dispose();
        tf.dispose(inputs);
      },
    };
  }

  #entry(dataId: object): Entry {
    const entry = this.#entries.get(dataId);
    if (!entry) throw new Error("this tensor is not in the lab's engine");
    return entry;
  }

  override write(
    values: tf.backend_util.BackendValues,
    shape: number[],
    dtype: tf.DataType,
  ): object {
    const trace = this.#trace;
    this.#trace = undefined; // constants have addresses, in a trace too
    const info = this.make(shape, dtype);
    this.#trace = trace;
    if (values) this.#bytesOf(info.dataId).set(viewOf(values as ArrayLike<number>, dtype));
    if (trace) {
      // A constant's memory belongs to the captured step, however soon the tensor goes.
      trace.owned.push(this.buffer(info));
      this.#entry(info.dataId).trace = trace;
    }
    return info.dataId;
  }

  override move(
    dataId: object,
    values: tf.backend_util.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    references: number,
  ): void {
    const id = this.write(values, shape, dtype);
    this.#entries.set(dataId, { ...this.#entry(id), references });
    this.#entries.delete(id);
  }

  override readSync(dataId: object): Float32Array | Int32Array | Uint8Array {
    if (this.#trace) throw new Error("a captured step cannot read a tensor's values");
    const bytes = this.#bytesOf(dataId).slice();
    const { dtype } = this.#entry(dataId);
    if (dtype === "bool") return bytes;
    return dtype === "int32" ? new Int32Array(bytes.buffer) : new Float32Array(bytes.buffer);
  }

  override read(dataId: object): Promise<Float32Array | Int32Array | Uint8Array> {
    return Promise.resolve(this.readSync(dataId));
  }

  #bytesOf(dataId: object): Uint8Array {
    const { buffer } = this.#entry(dataId);
    return this.engine.bytes(buffer.address!, buffer.bytes);
  }

  override disposeData(dataId: object, force = false): boolean {
    const entry = this.#entries.get(dataId);
    if (!entry) return true;
    entry.references--;
    if (entry.references > 0 && !force) return false;
    this.#entries.delete(dataId);
    const { address, bytes } = entry.buffer;
    if (address !== undefined && !entry.trace) this.engine.release(address, bytes);
    return true;
  }

  override refCount(dataId: object): number {
    return this.#entries.get(dataId)?.references ?? 0;
  }

  override incRef(dataId: object): void {
    this.#entry(dataId).references++;
  }

  override numDataIds(): number {
    return this.#entries.size;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: false };
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }
}

function viewOf(values: ArrayLike<number>, dtype: tf.DataType): Uint8Array {
  const array = dtype === "bool"
    ? Uint8Array.from(values)
    : dtype === "int32"
    ? Int32Array.from(values)
    : Float32Array.from(values);
  return new Uint8Array(array.buffer);
}

/** @throws {Error} if a number is not from 0 to n - 1 */
function checkIndices(indices: Int32Array, n: number): void {
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i];
    if (!(index >= 0 && index < n)) throw new Error(`the index ${index} is not from 0 to ${n - 1}`);
  }
}
