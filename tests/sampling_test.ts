/** Generating with options: what is cut, the key-value cache, the task. @module */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import * as tf from "@hugo-lab/model/tf";
import { parse } from "@std/csv";
import {
  buildModel,
  choose,
  generate,
  type GenerateOptions,
  Generator,
  type LanguageModel,
  type ModelConfig,
  type SamplingOptions,
  stages,
} from "@hugo-lab/model";
import { testOnBackends } from "./lib/backends.ts";
import { test } from "./lib/needs.ts";
import { task } from "./lib/tasks.ts";

const VOCABULARY = 9;

async function collect(numbers: AsyncIterable<number>): Promise<number[]> {
  const all: number[] = [];
  for await (const number of numbers) all.push(number);
  return all;
}

/** A small model of each stage, with random weights. */
function* smallModels(): IterableIterator<[name: string, model: LanguageModel]> {
  for (const { name, model } of Object.values(stages)) {
    const config: ModelConfig = { ...model, nEmbd: 8, nHead: model.nHead === 1 ? 1 : 2, nLayer: 2 };
    const generator = new Generator(5);
    const small = { ...config, blockSize: 6 };
    yield [name, buildModel(VOCABULARY, small, generator).initialize(generator)];
  }
}

function run(model: LanguageModel, prompt: Int32Array, options: GenerateOptions) {
  return collect(generate(model, new Generator(7), prompt, 12, options));
}

await testOnBackends("the cache gives the same characters, past the window too", async () => {
  for (const [name, model] of smallModels()) {
    for (const prompt of [[1, 2, 3], [1, 2, 3, 4, 5, 6, 7]]) {
      const numbers = Int32Array.from(prompt);
      for (const options of [{}, { temperature: 0.7, topK: 5 }]) {
        const whole = await run(model, numbers, options);
        assertEquals(await run(model, numbers, { ...options, cache: true }), whole, name);
      }
    }
    model.dispose();
  }
});

await testOnBackends(
  "the cache turns keys and queries as the whole window does",
  async () => {
    const sizes = { blockSize: 6, nEmbd: 8, nHead: 2, nLayer: 2 };
    const config: ModelConfig = { ...stages.scaled.model, ...sizes, positions: "rotary" };
    const generator = new Generator(5);
    const model = buildModel(VOCABULARY, config, generator).initialize(generator);
    const prompt = Int32Array.of(1, 2, 3);
    const whole = await run(model, prompt, {});
    assertEquals(await run(model, prompt, { cache: true }), whole);
    model.dispose();
  },
  [],
  ["lab", "cpu"],
);

/** As the notebook does it: all scores of the window, and a draw from the last position's. */
async function drawnOneByOne(
  model: LanguageModel,
  generator: Generator,
  prompt: Int32Array,
  length: number,
): Promise<number[]> {
  const text = [...prompt];
  for (let i = 0; i < length; i++) {
    const window = text.slice(-model.blockSize);
    const probabilities = tf.tidy(() => {
      const logits = model.eval().forward(tf.tensor2d(window, [1, window.length], "int32"));
      return tf.softmax(logits.gather(window.length - 1, 1)); // (1, vocabSize)
    });
    text.push(generator.multinomial(await probabilities.data<"float32">()));
    probabilities.dispose();
  }
  return text.slice(prompt.length);
}

await testOnBackends("at temperature 1 without a cut the draws are PyTorch's", async () => {
  for (const [name, model] of smallModels()) {
    const prompt = Int32Array.of(1, 2);
    const expected = await drawnOneByOne(model, new Generator(7), prompt, 12);
    assertEquals(await run(model, prompt, {}), expected, name);
    assertEquals(await run(model, prompt, { temperature: 1 }), expected, name);
    assertEquals(await run(model, prompt, { topP: 1 }), expected, name);
    model.dispose();
  }
});

const scores = [2, -1, 0.5, 3, 3, 0];

/** The softmax of scores divided by a temperature. */
function softmax(temperature: number): number[] {
  const powers = scores.map((score) => Math.exp(score / temperature));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

/** How often each number is chosen. */
function frequencies(options: SamplingOptions, draws = 20_000): number[] {
  const probabilities = Float32Array.from(softmax(1));
  const generator = new Generator(3);
  const counts = scores.map(() => 0);
  for (let i = 0; i < draws; i++) counts[choose(probabilities, options, generator)]++;
  return counts.map((count) => count / draws);
}

/** The probabilities of the kept numbers alone. */
function only(kept: number[], temperature = 1): number[] {
  const all = softmax(temperature);
  const total = kept.reduce((sum, i) => sum + all[i], 0);
  return all.map((p, i) => kept.includes(i) ? p / total : 0);
}

const cases: [what: string, options: SamplingOptions, expected: number[]][] = [
  ["no cut", { temperature: 1 }, softmax(1)],
  ["a low temperature", { temperature: 0.5 }, softmax(0.5)],
  ["a high temperature", { temperature: 3 }, softmax(3)],
  ["top-k", { temperature: 1, topK: 3 }, only([0, 3, 4])],
  ["a top-k above the vocabulary", { temperature: 1, topK: 99 }, softmax(1)],
  ["top-p", { temperature: 1, topP: 0.9 }, only([0, 3, 4])], // 0.397 twice, then 0.146
  ["a tiny top-p", { temperature: 1, topP: 1e-9 }, only([3])],
  ["top-p 1", { temperature: 1, topP: 1 }, softmax(1)],
  ["top-p among top-k", { temperature: 1, topK: 2, topP: 0.6 }, only([3, 4])],
  ["all together", { temperature: 2, topK: 4, topP: 0.7 }, only([0, 3, 4], 2)],
  ["a temperature near 0", { temperature: 1e-40, topK: 1 }, only([3])],
  ["temperature 0", { temperature: 0, topP: 0.1 }, only([3])],
];
for (const [what, options, expected] of cases) {
  Deno.test(`${what} chooses with the probabilities that it should`, () => {
    // Five standard deviations of a share of 20000 draws are at most 0.018.
    frequencies(options).forEach((share, i) => {
      if (expected[i] === 0) assertEquals(share, 0);
      else assertAlmostEquals(share, expected[i], 0.018);
    });
  });
}

Deno.test("temperature 0 draws nothing", () => {
  const generator = new Generator(3);
  choose(Float32Array.of(0.2, 0.5, 0.3), { temperature: 0 }, generator);
  assertEquals(generator.state, new Generator(3).state);
});

test("generate writes what it prints, with its settings", ["read", "write", "run"], async () => {
  const folder = await Deno.makeTempDir();
  const results = `--results=${folder}`;
  const readRows = async (): Promise<Record<string, string>[]> =>
    parse(await Deno.readTextFile(`${folder}/multi_head/generations.csv`), { skipFirstRow: true });
  try {
    const short = ["--iters=20", "--eval-iters=1", "--sample-length=1", "--block-size=16"];
    const practice = "--corpus=data/practice_corpus.txt";
    assertEquals((await task("multi_head", practice, results, ...short)).code, 0);

    const settings = ["--temperature=0.8", "--top-k=20", "--top-p=0.95", "--seed=7", "--count=3"];
    const given = ["--prompt", "La\\nmer", "--length=30", "--stop", " ", ...settings];
    const first = await task("generate", "multi_head", results, ...given);
    assertEquals(first.code, 0);
    assertMatch(first.err, /^backend lab on the CPU, .*\n$/);
    const rows = await readRows();
    assertEquals(first.out, `${rows.map(({ text }) => text).join("\n\n")}\n`);
    assertEquals(rows.map(({ number }) => number), ["1", "2", "3"]);
    for (const { text, prompt, top_k, weights } of rows) {
      assertEquals([prompt, top_k, weights], ["La\nmer", "20", "final"]);
      const written = text.slice(prompt.length);
      assert(written.length === 30 || written.endsWith(" "), text);
      assert(!written.slice(0, -1).includes(" "), text);
    }

    const again = await task("generate", "multi_head", results, ...given);
    assertEquals(again.out, first.out);
    const greedy = ["--best", "--length=4", "--temperature=0"];
    assertEquals((await task("generate", "multi_head", results, ...greedy)).code, 0);
    const all = await readRows();
    assertEquals(all.length, 7);
    assertEquals([all[6].weights, all[6].text.length], ["best", 5]);

    await Deno.remove(`${folder}/multi_head/final.safetensors`);
    const unfinished = await task("generate", "multi_head", results, "--length=3");
    assertStringIncludes(unfinished.err, "the run has not ended");
    await Deno.writeTextFile(`${folder}/multi_head/final.safetensors`, "no tensors");
    const damaged = await task("generate", "multi_head", results);
    assertEquals(damaged.code, 2);
    assertStringIncludes(damaged.err, "final.safetensors: no valid safetensors file, or damaged");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

const mistakes: [args: string[], message: string][] = [
  [[], "needs the name of one stage"],
  [["toString"], "needs the name of one stage"],
  [["multi_head", "blocks"], "needs the name of one stage"],
  [["multi_head", "--results=none"], "none/multi_head has no final weights"],
  [["multi_head", "--top-p=0"], "--top-p must be a number above 0 and at most 1"],
  [["multi_head", "--top-k=0"], "--top-k must be a whole number at least 1"],
  [["multi_head", "--temperature=-1"], "--temperature must be a number at least 0"],
  [["multi_head", "--iters=3"], "no use for --iters"],
];
test("generate refuses bad input in one line", ["read", "write", "run"], async () => {
  for (const [args, message] of mistakes) {
    const { code, out, err } = await task("generate", ...args);
    assertEquals([code, out], [2, ""]);
    assertStringIncludes(err, message);
    assertEquals(err.split("\n").length, 2);
  }
});
