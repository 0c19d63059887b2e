/**
 * Reading and writing the safetensors format: an 8-byte length, a JSON header, the numbers.
 *
 * A file may come from anyone: everything its header says is checked before memory is taken for it.
 *
 * @module
 */
import { shorten, UserError } from "./errors.ts";
import { parseJson } from "./json.ts";
import { oddKind } from "./read_file.ts";

/** A named array of numbers. */
export interface StoredTensor {
  /** Its sizes. */
  shape: number[];
  /** Its numbers, row by row. */
  data: Float32Array | Int32Array;
}

/** A tensor's type and shape, as messages tell them: F32 (8,4). */
export function describeTensor({ shape, data }: StoredTensor): string {
  return `${data instanceof Int32Array ? "I32" : "F32"} (${shape})`;
}

/** What a file holds. */
export interface TensorFile {
  /** The arrays by name. */
  tensors: Map<string, StoredTensor>;
  /** Text by key, from the header's `__metadata__`. */
  metadata: Record<string, string>;
}

/** A tensor's place in a file, checked. */
interface Entry {
  name: string;
  /** None for a tensor that is not read. */
  dtype?: keyof typeof types;
  shape: number[];
  from: number;
  to: number;
}

/** Says of which tensors nothing is read, whatever their type. */
export type Skip = (name: string) => boolean;

const none: Skip = () => false;
const types = { F32: Float32Array, I32: Int32Array };
const BYTES = 4; // of a number of either type
const PREFIX = 8;
const METADATA = "__metadata__";
const MAX_HEADER = 16 * 2 ** 20;
/** The header, a tensor's entry, its shape. */
const MAX_DEPTH = 3;

/** The file's bytes in pieces; tensors lie sorted by name, as PyTorch's writer leaves them. */
export function safetensorsPieces(
  tensors: Iterable<[string, StoredTensor]>,
  metadata: Record<string, string> = {},
): Uint8Array[] {
  const sorted = [...tensors].sort(([a], [b]) => (a < b ? -1 : 1));
  const header: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) header.push([METADATA, metadata]);
  let end = 0;
  for (const [name, { shape, data }] of sorted) {
    const dtype = data instanceof Int32Array ? "I32" : "F32";
    header.push([name, { dtype, shape, data_offsets: [end, end += data.byteLength] }]);
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const start = new Uint8Array(PREFIX + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(start.buffer).setBigUint64(0, BigInt(start.length - PREFIX), true);
  start.set(json, PREFIX);
  return [start, ...sorted.map(([, { data }]) => bytesOf(data))];
}

/** The file's bytes. */
export function encodeSafetensors(
  tensors: Iterable<[string, StoredTensor]>,
  metadata: Record<string, string> = {},
): Uint8Array {
  const pieces = safetensorsPieces(tensors, metadata);
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.length;
  }
  return bytes;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Int32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/**
 * The tensors in a file's bytes.
 *
 * @param skip which ones are left out
 * @throws {UserError} if it is no safetensors file of float32 and int32 tensors, naming what is wrong
 */
export function decodeSafetensors(bytes: Uint8Array, skip: Skip = none): TensorFile {
  const start = PREFIX + headerLength(bytes.subarray(0, PREFIX), bytes.length);
  const { entries, metadata } = readHeader(
    bytes.subarray(PREFIX, start),
    bytes.length - start,
    skip,
  );
  const tensors = new Map<string, StoredTensor>();
  for (const { name, dtype, shape, from, to } of entries) {
    if (!dtype) continue;
    const { buffer } = bytes.slice(start + from, start + to);
    tensors.set(name, { shape, data: new types[dtype](buffer) });
  }
  return { tensors, metadata };
}

/**
 * The tensors in a file, which is read no further than it is found right.
 *
 * @param skip which ones are left out
 * @throws {UserError} if it is no safetensors file of float32 and int32 tensors, naming what is wrong
 * @throws {Deno.errors.NotFound} if there is no such file
 */
export async function readSafetensors(
  path: string | URL,
  skip: Skip = none,
): Promise<TensorFile> {
  const kind = await oddKind(path); // before it is opened
  if (kind) fail(`it is ${kind}`);
  using file = await Deno.open(path);
  const { size } = await file.stat();
  const prefix = await readBytes(file, Math.min(PREFIX, size));
  const length = headerLength(prefix, size);
  const dataLength = size - PREFIX - length;
  const { entries, metadata } = readHeader(await readBytes(file, length), dataLength, skip);
  const tensors = new Map<string, StoredTensor>();
  for (const { name, dtype, shape, from, to } of entries) { // in the order of the file
    if (!dtype) {
      await file.seek(to - from, Deno.SeekMode.Current);
      continue;
    }
    const { buffer } = await readBytes(file, to - from);
    tensors.set(name, { shape, data: new types[dtype](buffer) });
  }
  return { tensors, metadata };
}

async function readBytes(file: Deno.FsFile, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const count = await file.read(bytes.subarray(done));
    if (count === null) fail("it became shorter while it was read");
    else done += count;
  }
  return bytes;
}

function fail(what: string): never {
  throw new UserError(`no valid safetensors file, or damaged: ${what}`)
    .saying({ kind: "no safetensors" });
}

/** The header's length in a file of so many bytes. */
function headerLength(prefix: Uint8Array, fileBytes: number): number {
  if (prefix.length < PREFIX) fail(`${prefix.length} bytes are too short`);
  const length = new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true);
  if (length > MAX_HEADER || Number(length) > fileBytes - PREFIX) {
    fail(`its header's length, ${length}, is out of range`);
  }
  return Number(length);
}

/** The tensors' places, in the order in which they lie in so many bytes, and the metadata. */
function readHeader(
  bytes: Uint8Array,
  dataLength: number,
  skip: Skip,
): { entries: Entry[]; metadata: Record<string, string> } {
  const { [METADATA]: metadata = {}, ...rest } = parseHeader(bytes);
  if (!isRecord(metadata) || !Object.values(metadata).every((text) => typeof text === "string")) {
    fail("its metadata is not text by key");
  }
  const entries = Object.entries(rest).map(([name, entry]) => readEntry(name, entry, skip));
  entries.sort((a, b) => a.from - b.from || a.to - b.to);
  let end = 0;
  for (const { name, from, to } of entries) {
    if (from !== end) fail(`${shorten(name)}'s data_offsets begin at ${from}, expected ${end}`);
    end = to;
  }
  if (end !== dataLength) {
    fail(`its tensors' data_offsets end at ${end}, its data at ${dataLength}`);
  }
  return { entries, metadata: metadata as Record<string, string> };
}

function readEntry(name: string, entry: unknown, skip: Skip): Entry {
  const { dtype, shape, data_offsets: offsets } = isRecord(entry) ? entry : {};
  if (skip(name)) return { name, shape: [], ...readOffsets(name, offsets) };
  if (dtype !== "F32" && dtype !== "I32") {
    fail(`${shorten(name)} has the type ${shorten(JSON.stringify(dtype))}, expected F32 or I32`);
  }
  if (!isSizes(shape)) fail(`${shorten(name)} has no valid shape`);
  const { from, to } = readOffsets(name, offsets);
  const count = shape.reduce((a, b) => a * b, 1); // too large a product is no safe integer
  if (!Number.isSafeInteger(count * BYTES) || to - from !== count * BYTES) {
    fail(`${shorten(name)}'s data_offsets do not fit its shape`);
  }
  return { name, dtype, shape, from, to };
}

function readOffsets(name: string, offsets: unknown): { from: number; to: number } {
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    fail(`${shorten(name)} has no valid data_offsets`);
  }
  return { from: offsets[0], to: offsets[1] };
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let json: string;
  try {
    json = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    fail("its header is no UTF-8 text");
  }
  const header = headerIn(json);
  return isRecord(header) ? header : fail("its header is no JSON object");
}

function headerIn(json: string): unknown {
  try {
    return parseJson(json, MAX_DEPTH);
  } catch (error) {
    fail(`its header ${error instanceof UserError ? error.message : "is no JSON"}`);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}
