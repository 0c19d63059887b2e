/** PyTorch's figures of a stage's first training step, as answers to the golden questions. @module */
import type { StoredTensor } from "@hugo-lab/model";
import { goldens } from "./goldens.ts";
import type { GoldenBatch, GoldenName, Part, Seen } from "./probes.ts";

/** The batch to look at, and the answers to the golden questions in their order. */
export function goldenOf(name: GoldenName): { batch: GoldenBatch; expected: Seen[] } {
  const { weights, iteration0 } = goldens.find((golden) => golden.name === name)!;
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
