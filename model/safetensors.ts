/**
 * Reading and writing the safetensors format: an 8-byte length, a JSON header, the numbers.
 *
 * @module
 */
import { UserError } from "./errors.ts";

/** A named array of numbers. */
export interface StoredTensor {
  /** Its sizes. */
  shape: number[];
  /** Its numbers, row by row. */
  data: Float32Array | Int32Array;
}

/** What a file holds. */
export interface TensorFile {
  /** The arrays by name. */
  tensors: Map<string, StoredTensor>;
  /** Text by key, from the header's `__metadata__`. */
  metadata: Record<string, string>;
}

const MAX_HEADER = 16 * 2 ** 20;

/** The file's bytes; tensors lie sorted by name, as PyTorch's writer leaves them. */
export function encodeSafetensors(
  tensors: Iterable<[string, StoredTensor]>,
  metadata: Record<string, string> = {},
): Uint8Array {
  const sorted = [...tensors].sort(([a], [b]) => (a < b ? -1 : 1));
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  let end = 0;
  for (const [name, { shape, data }] of sorted) {
    const dtype = data instanceof Int32Array ? "I32" : "F32";
    header[name] = { dtype, shape, data_offsets: [end, end += data.byteLength] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const start = 8 + Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(start + end).fill(0x20, 8, start);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.set(json, 8);
  let offset = start;
  for (const [, { data }] of sorted) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
}

/**
 * The tensors in a file's bytes.
 *
 * @param skip says of which tensors nothing is read, whatever their type
 * @throws {UserError} if it is no safetensors file of float32 and int32 tensors, naming what is wrong
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  skip: (name: string) => boolean = () => false,
): TensorFile {
  const fail = (what: string): never => {
    throw new UserError(`no valid safetensors file: ${what}`);
  };
  if (bytes.length < 8) fail(`${bytes.length} bytes are too short`);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const length = view.getBigUint64(0, true);
  if (length > MAX_HEADER || Number(length) > bytes.length - 8) {
    fail(`its header's length, ${length}, is out of range`);
  }
  const start = 8 + Number(length);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, start)));
  } catch {
    fail("its header is no JSON");
  }
  if (typeof header !== "object" || header === null) fail("its header is no JSON object");
  const tensors = new Map<string, StoredTensor>();
  for (const [name, entry] of Object.entries(header as Record<string, unknown>)) {
    if (name === "__metadata__" || skip(name)) continue;
    const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
    if (dtype !== "F32" && dtype !== "I32") fail(`${name} has the type ${dtype}`);
    const sizes = isSizes(shape) ? shape : fail(`${name} has no valid shape`);
    const [from, to] = isSizes(offsets) && offsets.length === 2
      ? offsets
      : fail(`${name} has no valid data_offsets`);
    const count = sizes.reduce((a, b) => a * b, 1);
    if (from > to || start + to > bytes.length || to - from !== 4 * count) {
      fail(`${name}'s data_offsets do not fit its shape or the file`);
    }
    const buffer = bytes.slice(start + from, start + to).buffer;
    const data = dtype === "I32" ? new Int32Array(buffer) : new Float32Array(buffer);
    tensors.set(name, { shape: sizes, data });
  }
  const metadata = (header as { __metadata__?: Record<string, string> }).__metadata__ ?? {};
  return { tensors, metadata };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}
