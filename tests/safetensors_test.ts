/** Reading and writing safetensors, hostile files included. */
import { assertEquals, assertThrows } from "@std/assert";
import {
  decodeSafetensors,
  encodeSafetensors,
  type StoredTensor,
  UserError,
} from "@hugo-lab/model";

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
];
for (const [what, bytes, message] of hostile) {
  Deno.test(`${what} is refused`, () => {
    assertThrows(() => decodeSafetensors(bytes), UserError, message);
  });
}
