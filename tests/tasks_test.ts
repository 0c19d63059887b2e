/** Each task as a user runs it: in a process of its own, by `deno task`. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parse } from "@std/csv";
import { decodeSafetensors } from "@hugo-lab/model";
import { test } from "./lib/needs.ts";
import { inFolder, task } from "./lib/tasks.ts";

async function readCsv(path: string): Promise<Record<string, string>[]> {
  return parse(await Deno.readTextFile(path), { skipFirstRow: true });
}

const needs = ["read", "write", "run"] as const;
const practice = "--corpus=data/practice_corpus.txt";
const short = ["--iters=3", "--eval-iters=2", "--eval-interval=2", "--sample-length=12"];
const small = [
  "--preset=notebook",
  "--batch-size=2",
  "--block-size=8",
  "--n-embd=12",
  "--n-layer=1",
  "--n-head=2",
];

for (
  const stage of ["single_head", "multi_head", "feed_forward", "blocks", "blocks_norm", "scaled"]
) {
  test(`${stage} trains and writes its files`, [...needs], () =>
    inFolder(async (folder) => {
      const sizes = stage === "scaled" ? small : [];
      const { code, out, err } = await task(
        stage,
        practice,
        `--results=${folder}`,
        ...short,
        ...sizes,
      );
      assertEquals(code, 0);
      assertMatch(
        err,
        /^backend lab on the CPU, \d+ threads?, \d+-bit vectors: the fastest for steps this small\n(preset notebook .*: as --preset says; about \d+ MB of memory\n)?results are in .*\n(To notice:\n(- .*\n)+)?next: deno task [a-z_ ]+( --.*)?\n$/,
      );
      assertMatch(
        out,
        /^0\.\d+ M parameters\nstep 0: train loss \d\.\d{4}, val loss \d\.\d{4}( \(perplexity .* bits\))?\n/,
      );
      const losses = await readCsv(`${folder}/${stage}/losses.csv`);
      assertEquals(losses.map((row) => row.step), ["0", "2"]);
      for (const { train_loss, val_loss } of losses) {
        assertMatch(`${train_loss} ${val_loss}`, /^\d\.\d{6} \d\.\d{6}$/);
      }
      const [sample] = await readCsv(`${folder}/${stage}/samples.csv`);
      assertEquals([sample.step, sample.prompt, [...sample.text].length], ["2", "\n", 13]);
      assert(out.endsWith(`${sample.text}\n`));
      assertEquals((await readCsv(`${folder}/${stage}/timings.csv`)).length, 2);
    }));
}

test(
  "bigram prints expected and computed loss, and one run if --iters is given",
  [...needs],
  () =>
    inFolder(async (folder) => {
      const flags = ["--iters=20", "--eval-iters=2", "--sample-length=10"];
      const { code, out } = await task("bigram", practice, `--results=${folder}`, ...flags);
      assertEquals(code, 0);
      assertMatch(out, /Expected loss 4\.\d+\nComputed loss \d/);
      const losses = await readCsv(`${folder}/bigram/losses.csv`);
      assertEquals(losses.length, 10);
      assertEquals(new Set(losses.map((row) => row.iterations)), new Set(["20"]));
    }),
);

test(
  "stats counts every character, most frequent first",
  [...needs],
  () =>
    inFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/text.txt`, 'ab\n,"bé😀b');
      const { code, out } = await task(
        "stats",
        `--corpus=${folder}/text.txt`,
        `--results=${folder}`,
      );
      assertEquals(code, 0);
      assertStringIncludes(out, "Number of characters in the file: 9");
      assertStringIncludes(out, "'b': 3, 'a': 1, '\\n': 1");
      const counts = await readCsv(`${folder}/stats/counts.csv`);
      assertEquals(counts.map((row) => row.character), ["b", "a", "\n", ",", '"', "é", "😀"]);
    }),
);

test(
  "split gives the notebook's sizes and codes for Hugo's text",
  [...needs, "hugo"],
  () =>
    inFolder(async (folder) => {
      const { out } = await task("split", `--results=${folder}`);
      assertStringIncludes(out, "Training data size: 256699\nValidation data size: 28523\n");
      assertStringIncludes(out, 'encode("\\n") is [3]');
      assertEquals((await readCsv(`${folder}/split/context.csv`)).length, 8);
    }),
);

test(
  "attention's weights sum to 1 a row and are 0 for the future",
  [...needs],
  () =>
    inFolder(async (folder) => {
      assertEquals((await task("attention", `--results=${folder}`)).code, 0);
      const weights = await readCsv(`${folder}/attention/weights.csv`);
      assertEquals(weights.length, 64);
      const sums = new Array(8).fill(0);
      for (const { row, column, weight } of weights) {
        sums[Number(row)] += Number(weight);
        if (Number(column) > Number(row)) assertEquals(Number(weight), 0);
      }
      for (const sum of sums) assert(Math.abs(sum - 1) < 8 * 1e-6, "six decimals each");
    }),
);

test("--dump writes the weights and the first step", [...needs], () =>
  inFolder(async (folder) => {
    const flags = ["--iters=1", "--eval-iters=1", "--sample-length=0", `--dump=${folder}/dump`];
    assertEquals((await task("multi_head", practice, `--results=${folder}`, ...flags)).code, 0);
    const read = async (name: string) =>
      decodeSafetensors(await Deno.readFile(`${folder}/dump/${name}.safetensors`)).tensors;
    const names = [...(await read("initial_weights")).keys()];
    assertEquals(names.length, 18);
    assertEquals([...(await read("final_weights")).keys()], names);
    const iteration0 = await read("iteration0");
    assertEquals(iteration0.size, 18 + 3);
    assertEquals(iteration0.get("x")!.shape, [32, 8]);
  }));

test("scaled --describe counts GPT-2's parameters", [...needs], async () => {
  const { code, out } = await task("scaled", "--describe");
  assertEquals(code, 0);
  for (const count of ["10,816,613", "124,439,808", "1,557,611,200"]) {
    assertStringIncludes(out, count);
  }
});

const mistakes: [what: string, args: string[], message: string][] = [
  ["an unknown flag", ["multi_head", "--iterations=3"], "no flag --iterations"],
  ["an argument", ["multi_head", "hello"], "no argument hello"],
  ["a flag of another stage", ["single_head", "--n-head=4"], "no use for --n-head"],
  ["dropout where there is none", ["multi_head", "--dropout=0.1"], "no use for --dropout"],
  ["a negative number", ["multi_head", "--iters", "-1"], "--iters must be a whole number"],
  ["no number", ["multi_head", "--seed=x"], "--seed must be a whole number"],
  ["a hexadecimal number", ["multi_head", "--iters=0x10"], "--iters must be a whole number"],
  ["a flag given twice", ["multi_head", "--iters=3", "--iters=4"], "--iters is there 2 times"],
  ["a dash for a value", ["multi_head", "--prompt", "-x"], "is written --prompt=-x"],
  ["no value", ["multi_head", "--prompt", ""], "is written --prompt="],
  ["a switch that is neither", ["multi_head", "--resume=no"], "--resume is on or off"],
  [
    "an empty value",
    ["multi_head", "--learning-rate="],
    "--learning-rate must be a number above 0",
  ],
  ["heads that do not divide", ["multi_head", "--n-embd=30"], "cannot be divided among 4 heads"],
  ["too long a block", ["multi_head", practice, "--block-size=100000"], "validation part"],
  ["a device for a corpus", ["stats", "--corpus=/dev/zero"], "(it is a device)"],
  ["too many losses", ["multi_head", practice, "--eval-iters=9007199254740991"], "lower --eval-"],
  ["too large a batch", ["multi_head", practice, "--batch-size=1000000000"], "lower --batch-size"],
  ["too wide a model", ["multi_head", practice, "--n-embd=1000000"], "lower --n-embd"],
  ["too deep a model", ["blocks", practice, "--n-layer=1000000"], "lower --n-layer"],
  ["too large a step", [
    "scaled",
    practice,
    "--preset=notebook",
    "--backend=lab",
    "--batch-size=256",
  ], "lower --batch-"],
  ["parts that do not divide", ["multi_head", "--accumulate=5"], "cannot be divided into 5 parts"],
  ["batches by the clock", ["multi_head", "--eval-seconds=3"], "--eval-seconds needs --evaluate"],
  [
    "nothing to turn",
    ["scaled", "--positions=rotary", "--n-embd=12", "--n-head=4"],
    "choose an even multiple of --n-head",
  ],
  ["an unknown preset", ["scaled", "--preset=huge"], "--preset must be one of notebook, laptop"],
  ["a missing corpus", ["multi_head", "--corpus=none.txt"], "there is no corpus none.txt"],
  ["a folder for a corpus", ["stats", "--corpus=data"], "cannot be read"],
  ["an unknown character", ["multi_head", practice, "--prompt=漢"], 'the character "漢"'],
  ["an empty prompt", ["multi_head", practice, "--prompt="], "at least one character"],
  [
    "an unwritable folder",
    ["stats", practice, "--results=deno.json"],
    "choose another with --results",
  ],
  [
    "TensorFlow without native code",
    ["multi_head", practice, "--backend=tensorflow"],
    "deno task native multi_head --backend tensorflow",
  ],
  ["no task of that name under native", ["native", "stats"], 'native has no task "stats"'],
  [
    "an unknown source of TensorFlow",
    ["install_tensorflow", "--source=conda"],
    "--source must be npm or pip",
  ],
  [
    "a GPU from npm",
    ["install_tensorflow", "--gpu", "--source=npm"],
    "--gpu takes TensorFlow from",
  ],
  ["no checkout of the originals", ["test:originals"], "github.com/denoland/std: --std DIR"],
  ["a folder without them", ["test:originals", "--std=data"], "has no package cli"],
  ["an unknown backend", ["multi_head", "--backend=abacus"], "--backend must be one of"],
];
for (const [what, args, message] of mistakes) {
  test(`${what} ends the task with one clear line and code 2`, [...needs], async () => {
    const { code, out, err } = await task(...args);
    assertEquals([code, out], [2, ""]);
    assertStringIncludes(err, message);
    assertMatch(err, /^error: .*\n$/);
  });
}

for (
  const [what, bytes, message] of [
    ["an empty", new Uint8Array(), "is empty"],
    ["a one-character", new TextEncoder().encode("aaaa"), "has one character only"],
    ["a non-UTF-8", new Uint8Array([0x61, 0xff, 0x62]), "no UTF-8 text"],
  ] as const
) {
  test(
    `${what} corpus is refused and nothing is written`,
    [...needs],
    () =>
      inFolder(async (folder) => {
        await Deno.writeFile(`${folder}/text.txt`, bytes);
        const flags = [`--corpus=${folder}/text.txt`, `--results=${folder}/results`];
        const { code, err } = await task("multi_head", ...flags);
        assertEquals(code, 2);
        assertStringIncludes(err, message);
        assertEquals([...Deno.readDirSync(folder)].map((entry) => entry.name), ["text.txt"]);
      }),
  );
}
