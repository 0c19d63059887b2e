/** The lab's layers as GPT-2: a file in GPT-2's names and layout gives its reference's logits. */
import * as tf from "@hugo-lab/model/tf";
import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import {
  decodeSafetensors,
  encodeSafetensors,
  isGpt2Mask,
  type LanguageModel,
  loadGpt2,
  type StoredTensor,
  useBackend,
  UserError,
} from "@hugo-lab/model";
import published from "./fixtures/gpt2/model.safetensors" with { type: "bytes" };
import reference from "./fixtures/gpt2/logits.safetensors" with { type: "bytes" };
import { testOnBackends } from "./lib/backends.ts";
import { test } from "./lib/needs.ts";
import { task } from "./lib/tasks.ts";

/** Heads of the reference model, which tests/peers/make_tiny_gpt2.py made with `transformers`. */
const nHead = 2;
/** The bound; float32 sums of 64 products of values up to 4 stay well below it. */
const TOLERANCE = 1e-4;
const { ids, logits } = Object.fromEntries(decodeSafetensors(reference).tensors);
const { tensors } = decodeSafetensors(published);

async function largestDifference(model: LanguageModel): Promise<number> {
  const y = tf.tidy(() =>
    model.forward(tf.tensor2d(ids.data, ids.shape as [number, number], "int32"))
  );
  const values = await y.data<"float32">();
  y.dispose();
  assertEquals(values.length, logits.data.length);
  return values.reduce((largest, v, i) => Math.max(largest, Math.abs(v - logits.data[i])), 0);
}

await testOnBackends("a tiny GPT-2 gives transformers' logits within 1e-4", async () => {
  const { model } = loadGpt2(decodeSafetensors(published), { nHead });
  const difference = await largestDifference(model);
  assert(difference < TOLERANCE, `logits differ by ${difference}`);
  model.dispose();
});

/** The published file with some tensors changed, or taken away with null. */
function altered(
  changes: Record<string, StoredTensor | null>,
  prefix = "transformer.",
): Uint8Array {
  const file = new Map(
    [...tensors].map(([name, tensor]) => [name.replace("transformer.", prefix), tensor]),
  );
  for (const [name, tensor] of Object.entries(changes)) {
    if (tensor) file.set(name, tensor);
    else file.delete(name);
  }
  return encodeSafetensors(file);
}

const variants: [string, Uint8Array][] = [
  ["without the prefix", altered({}, "")],
  [
    "with the attention's masks",
    altered({
      "transformer.h.0.attn.bias": { shape: [1, 1, 2, 2], data: Float32Array.of(1, 0, 1, 1) },
      "transformer.h.0.attn.masked_bias": { shape: [], data: Float32Array.of(-1e4) },
    }),
  ],
  [
    "with the last layer's copy of the embedding",
    altered({ "lm_head.weight": tensors.get("transformer.wte.weight")! }),
  ],
];
for (const [what, bytes] of variants) {
  Deno.test(`a file ${what} is the same model`, async () => {
    await useBackend("cpu");
    const { model } = loadGpt2(decodeSafetensors(bytes, isGpt2Mask), { nHead });
    assert(await largestDifference(model) < TOLERANCE);
    model.dispose();
  });
}

Deno.test("a mask of a type that the lab does not read is passed over", async () => {
  await useBackend("cpu");
  const name = "transformer.h.1.attn.bias";
  const bytes = altered({ [name]: { shape: [1], data: Int32Array.of(1) } });
  const start = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = new TextDecoder().decode(bytes.subarray(8, start));
  const asBool = header.replace(`"${name}":{"dtype":"I32"`, `"${name}":{"dtype":"U32"`);
  assert(asBool !== header);
  bytes.set(new TextEncoder().encode(asBool), 8);
  const { model } = loadGpt2(decodeSafetensors(bytes, isGpt2Mask), { nHead });
  assert(await largestDifference(model) < TOLERANCE);
  model.dispose();
});

const [wte, fc] = ["transformer.wte.weight", "transformer.h.0.mlp.c_fc.weight"];
const mistakes: [string, Record<string, StoredTensor | null>, number | undefined, string][] = [
  ["a weight is missing", { "transformer.h.1.ln_2.bias": null }, nHead, "lacks h.1.ln_2.bias"],
  ["a block is missing", { [fc]: null }, nHead, "lacks h.0.mlp.c_fc.weight"],
  ["the embedding is missing", { [wte]: null }, nHead, "lacks wte.weight"],
  ["there is a weight too many", { "score.weight": tensors.get(wte)! }, nHead, "score.weight"],
  [
    "the last layer is its own",
    { "lm_head.weight": { shape: [50, 16], data: new Float32Array(800) } },
    nHead,
    "differs from wte.weight",
  ],
  [
    "a shape does not fit",
    { "transformer.ln_f.bias": { shape: [3], data: new Float32Array(3) } },
    nHead,
    "ln_f.bias is F32 (3), expected F32 (16)",
  ],
  ["a matrix is none", { [fc]: tensors.get("transformer.ln_f.bias")! }, nHead, "be a matrix"],
  ["heads do not divide", {}, 3, "cannot be divided among 3 heads"],
  ["heads are of an unknown size", {}, undefined, "tell how many"],
];
for (const [what, changes, heads, message] of mistakes) {
  Deno.test(`a file of GPT-2 is refused when ${what}`, async () => {
    await useBackend("cpu");
    const before = tf.memory().numTensors;
    assertThrows(
      () => loadGpt2(decodeSafetensors(altered(changes)), { nHead: heads }),
      UserError,
      message,
    );
    assertEquals(tf.memory().numTensors, before, "tensors left in memory");
  });
}

const gpt2 = (...args: string[]) => task("gpt2", "tests/fixtures/gpt2/model.safetensors", ...args);

test("gpt2 shows the likeliest next tokens of the reference", ["run"], async () => {
  const row = logits.data.slice(11 * 50, 12 * 50); // after the first window's last token
  const best = [...row.entries()].sort(([, a], [, b]) => b - a).slice(0, 5).map(([id]) => id);
  const { code, out } = await gpt2("--n-head=2", `--ids=${ids.data.slice(0, 12)}`);
  assertEquals(code, 0);
  const [sizes, ...lines] = out.trim().split("\n");
  assertEquals(
    sizes.replace(/^\S+ /, ""),
    "M parameters: 2 blocks of 2 heads, 16 numbers a position, 12 positions, 50 tokens",
  );
  assertEquals(lines.map((line) => Number(line.trim().split(" ")[0])), best);
});

test("gpt2 refuses bad input in one line", ["run"], async () => {
  for (
    const [args, message] of [
      [["--ids=1,x", "--n-head=2"], "--ids must be whole numbers"],
      [["--n-head=2"], "--ids must be whole numbers"],
      [["--ids=50", "--n-head=2"], "the tokens below 50"],
      [[`--ids=${new Array(13).fill(1)}`, "--n-head=2"], "the model takes 12"],
      [["--ids=1"], "tell how many"],
      [["--ids=1", "second.safetensors"], "needs one file"],
      [["--ids=1", "--top-k=3"], "no flag --top-k"],
    ] as [string[], string][]
  ) {
    const { code, out, err } = await gpt2(...args);
    assertEquals([code, out], [2, ""], args.join(" "));
    assertMatch(err, /^error: .*\n$/);
    assertStringIncludes(err, message);
  }
});
