/** Reading and writing safetensors, hostile files included. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  decodeSafetensors,
  encodeSafetensors,
  Generator,
  readSafetensors,
  type StoredTensor,
  UserError,
} from "@hugo-lab/model";
import { test } from "./lib/needs.ts";

const tensors = new Map<string, StoredTensor>([
  ["b", { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }],
  ["a.é", { shape: [3], data: Int32Array.of(-1, 0, 7) }],
  ["empty", { shape: [0, 5], data: new Float32Array() }],
  ["scalar", { shape: [], data: Float32Array.of(0.5) }],
]);

Deno.test("what was written is read back", () => {
  const file = decodeSafetensors(encodeSafetensors(tensors, { loss: "1" }));
  assertEquals(file.metadata, { loss: "1" });
  assertEquals(new Map([...file.tensors].sort()), new Map([...tensors].sort()));
});

function withHeader(header: string, data = 16): Uint8Array {
  const json = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + json.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

/** A header's entry of float32 numbers. */
function entry(from: number, to: number): string {
  return `{"dtype":"F32","shape":[${(to - from) / 4}],"data_offsets":[${from},${to}]}`;
}

const hostile: [string, Uint8Array, string][] = [
  ["a truncated length", new Uint8Array(5), "too short"],
  ["a huge header", new Uint8Array(16).fill(0xff), "header's length"],
  ["a header that is no JSON", withHeader("{"), "no JSON"],
  ["a header that is null", withHeader("null"), "no JSON object"],
  ["an unknown type", withHeader('{"a":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}}'), "F64"],
  [
    "a negative size",
    withHeader('{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}'),
    "shape",
  ],
  [
    "offsets past the end",
    withHeader('{"a":{"dtype":"F32","shape":[8],"data_offsets":[0,32]}}'),
    "offsets",
  ],
  [
    "offsets that do not fit",
    withHeader('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,16]}}'),
    "offsets",
  ],
  ["an entry that is null", withHeader('{"a":null}'), "type"],
  [
    "a shape whose product overflows",
    withHeader('{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,16]}}'),
    "do not fit its shape",
  ],
  [
    "a size that is no whole number",
    withHeader('{"a":{"dtype":"F32","shape":[0.5,8],"data_offsets":[0,16]}}'),
    "no valid shape",
  ],
  ["overlapping tensors", withHeader(`{"a":${entry(0, 12)},"b":${entry(8, 16)}}`), "expected 12"],
  ["a hole between tensors", withHeader(`{"a":${entry(0, 4)},"b":${entry(8, 16)}}`), "expected 4"],
  ["data behind the last tensor", withHeader(`{"a":${entry(0, 12)}}`), "its data at 16"],
  ["a truncated file", withHeader(`{"a":${entry(0, 16)}}`, 15), "its data at 15"],
  ["a name twice", withHeader(`{"a":${entry(0, 16)},"a":${entry(0, 16)}}`), "a twice"],
  [
    "a name twice, once escaped",
    withHeader(`{"a":${entry(0, 16)},"\\u0061" :${entry(0, 16)}}`),
    "a twice",
  ],
  [
    "a key twice in an entry",
    withHeader('{"a":{"dtype":"F32","shape":[4],"shape":[2,2],"data_offsets":[0,16]}}'),
    "shape twice",
  ],
  ["deep nesting", withHeader("[".repeat(100_000)), "nested deeper"],
  ["metadata that is no text", withHeader('{"__metadata__":{"a":1}}', 0), "metadata"],
  ["metadata that is a list", withHeader('{"__metadata__":["a"]}', 0), "metadata"],
  ["a header that is no UTF-8", withHeader("{}").with(8, 0xff), "no UTF-8"],
];
for (const [what, bytes, message] of hostile) {
  Deno.test(`${what} is refused`, () => {
    assertThrows(() => decodeSafetensors(bytes), UserError, message);
  });
}

test("a file is read as its bytes are, and refused as they are", ["read", "write"], async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, encodeSafetensors(tensors, { loss: "1" }));
    const { tensors: read, metadata } = await readSafetensors(path);
    assertEquals([new Map([...read].sort()), metadata], [new Map([...tensors].sort()), {
      loss: "1",
    }]);
    for (const [, bytes, message] of hostile) {
      await Deno.writeFile(path, bytes);
      await assertRejects(() => readSafetensors(path), UserError, message);
    }
  } finally {
    await Deno.remove(path);
  }
});

test("a tensor that is skipped may be of any type", ["read", "write"], async () => {
  const bool = '{"dtype":"BOOL","shape":[6],"data_offsets":[4,10]}';
  const bytes = withHeader(`{"a":${entry(0, 4)},"m":${bool},"b":${entry(10, 14)}}`, 14);
  new DataView(bytes.buffer).setFloat32(bytes.length - 4, 0.5, true);
  assertThrows(() => decodeSafetensors(bytes), UserError, "BOOL");
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, bytes);
    const skip = (name: string) => name === "m";
    for (const file of [decodeSafetensors(bytes, skip), await readSafetensors(path, skip)]) {
      assertEquals([...file.tensors.keys()], ["a", "b"]);
      assertEquals(file.tensors.get("b")!.data, Float32Array.of(0.5));
    }
  } finally {
    await Deno.remove(path);
  }
});

const SEED = 6;
const MUTANTS = 5000;

Deno.test(`${MUTANTS} damaged files are read within their bounds or refused (seed ${SEED})`, () => {
  const random = new Generator(SEED);
  const good = encodeSafetensors(tensors, { loss: "1" });
  const headerEnd = 8 + Number(new DataView(good.buffer).getBigUint64(0, true));
  let refused = 0;
  for (let i = 0; i < MUTANTS; i++) {
    let bytes: Uint8Array = good;
    for (let n = random.randint(4); n >= 0; n--) bytes = mutate(bytes, headerEnd, random);
    try {
      const file = decodeSafetensors(bytes);
      const sizes = [...file.tensors.values()].map(({ data }) => data.byteLength);
      assert(sizes.reduce((a, b) => a + b, 0) <= bytes.length, `mutant ${i}`);
    } catch (error) {
      assert(error instanceof UserError, `mutant ${i}: ${error}`);
      refused++;
    }
  }
  assert(refused > MUTANTS / 2, `only ${refused} were refused`);
  assert(refused < MUTANTS, "none was read");
});

/** Changes, removes, doubles or swaps a few bytes, mostly of the header. */
function mutate(bytes: Uint8Array, headerEnd: number, random: Generator): Uint8Array {
  const at = random.randint(random.randint(4) ? Math.min(headerEnd, bytes.length) : bytes.length);
  const length = 1 + random.randint(8);
  const [before, piece, after] = [
    bytes.subarray(0, at),
    bytes.slice(at, at + length),
    bytes.subarray(at + length),
  ];
  switch (random.randint(4)) {
    case 0:
      return bytes.with(at, random.randint(256));
    case 1:
      return concatenate(before, after);
    case 2:
      return concatenate(before, piece, piece, after);
  }
  const tokens = '{}[]":,0123456789-e\\';
  return bytes.with(at, tokens.charCodeAt(random.randint(tokens.length)));
}

function concatenate(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
