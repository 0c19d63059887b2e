/** PyTorch's figures of a stage's first training step, from `tests/fixtures`. @module */
import { decodeSafetensors, type StoredTensor } from "@hugo-lab/model";
import type { GoldenBatch, GoldenName, Part, Seen } from "./probes.ts";

const FIXTURES = new URL("../../../tests/fixtures/seed2023/", import.meta.url);

/** The batch to look at, and the answers to the golden questions in their order. */
export async function readGolden(
  name: GoldenName,
): Promise<{ batch: GoldenBatch; expected: Seen[] }> {
  const read = async (file: string) =>
    decodeSafetensors(await Deno.readFile(new URL(`${name}/${file}.safetensors`, FIXTURES)))
      .tensors;
  const weights = await read("initial_weights");
  const iteration0 = await read("iteration0");
  const [x, y] = ["x", "y"].map((key) => iteration0.get(key)!);
  const names = [...weights.keys()];
  const expected = [
    { parts: names.map((key) => part(key, weights.get(key)!)) },
    { parts: names.map((key) => part(key, iteration0.get(`grad.${key}`)!)) },
  ];
  const logits = iteration0.get("logits");
  if (logits) expected.push({ parts: [part("", logits)] });
  const batch = {
    x: x.data as Int32Array,
    y: y.data as Int32Array,
    shape: x.shape as [number, number],
  };
  return { batch, expected };
}

function part(name: string, { shape, data }: StoredTensor): Part {
  return { name, shape, values: data as Float32Array };
}
