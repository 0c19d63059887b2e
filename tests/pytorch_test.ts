/**
 * The way to PyTorch and back, against a real PyTorch: `deno task test:pytorch --python PATH`.
 *
 * Every stage is trained for some steps on the practice corpus and exported once, when first needed.
 */
import * as tf from "@hugo-lab/model/tf";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  buildModel,
  decodeSafetensors,
  encodeModel,
  loadGpt2,
  loadWeights,
  type ModelConfig,
  readSafetensors,
  type StoredTensor,
  useBackend,
} from "@hugo-lab/model";
import gpt2 from "./fixtures/gpt2/model.safetensors" with { type: "bytes" };
import { python, test } from "./lib/needs.ts";

const root = new URL("..", import.meta.url);
const corpus = "data/practice_corpus.txt";
const needs = ["read", "write", "run", "python"] as const;
const stages = [
  ...["bigram", "single_head", "multi_head", "feed_forward", "blocks", "blocks_norm", "scaled"],
];
/** The issue's bound for logits and for two processes' losses. */
const TOLERANCE = 1e-5;
/** Training lets roundings of 1e-7 grow; a wrong draw would move a loss by 1e-2. */
const TRAINED_TOLERANCE = 1e-4;
/** Windows of numbers that every vocabulary here has. */
const ids = Array.from({ length: 3 }, (_, b) => Array.from({ length: 8 }, (_, t) => 7 * b + t));

interface Outcome {
  code: number;
  out: string;
  err: string;
}

async function run(command: string, args: string[]): Promise<Outcome> {
  const env = { OMP_NUM_THREADS: "1" }; // PyTorch's threads only hinder each other in small models
  const options = { args, cwd: root, env };
  const { code, stdout, stderr } = await new Deno.Command(command, options).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: decode(stdout), err: decode(stderr) };
}

async function succeed(command: string, ...args: string[]): Promise<string> {
  const { code, out, err } = await run(command, args);
  assertEquals(code, 0, `${command} ${args.join(" ")}\n${err}`);
  return out;
}

const task = (...args: string[]) => succeed("deno", "task", "--quiet", ...args);

/** A stage's task on the practice corpus, small. */
function train(stage: string, results: string, iters: number, ...more: string[]): Promise<string> {
  const small = [
    "--preset=notebook",
    "--batch-size=4",
    "--block-size=8",
    "--n-embd=16",
    "--n-layer=2",
    "--n-head=2",
  ];
  const flags = ["--quiet", "--eval-interval=10", "--eval-iters=2", "--sample-length=0"];
  const sizes = stage === "scaled" ? small : [];
  const run = [`--corpus=${corpus}`, `--results=${results}`, `--iters=${iters}`];
  return task(stage, ...run, ...flags, ...sizes, ...more);
}

/** A folder with every stage trained for 20 steps (lab/) and exported (py/). */
let prepared: Promise<string> | undefined;
async function prepare(): Promise<string> {
  const folder = await Deno.makeTempDir();
  addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  for (const stage of stages) {
    await train(stage, `${folder}/lab`, 20);
    await task("export", stage, `--results=${folder}/lab`, `--to=${folder}/py/${stage}`);
  }
  return folder;
}

/** A copy of a stage's exported folder, for PyTorch to train on. */
async function exported(stage: string, copy: string): Promise<{ results: string; path: string }> {
  const folder = await (prepared ??= prepare());
  const results = `${folder}/${copy}`;
  await Deno.mkdir(`${results}/${stage}`, { recursive: true });
  for await (const { name, isFile } of Deno.readDir(`${folder}/py/${stage}`)) {
    if (!isFile) continue;
    await Deno.copyFile(`${folder}/py/${stage}/${name}`, `${results}/${stage}/${name}`);
  }
  return { results, path: `${results}/${stage}` };
}

const trainPy = (path: string, iters: number, ...more: string[]) => [
  ...[`${path}/train.py`, `--corpus=${corpus}`, `--iters=${iters}`, "--device=cpu", ...more],
];

/** The lab's logits of a configuration with some weights. */
async function logitsOf(
  config: ModelConfig,
  vocabSize: number,
  tensors: Map<string, StoredTensor>,
): Promise<Float32Array> {
  const model = buildModel(vocabSize, config).eval();
  loadWeights(model, tensors);
  const logits = tf.tidy(() => model.forward(tf.tensor2d(ids, undefined, "int32") as tf.Tensor2D));
  const values = await logits.data<"float32">();
  logits.dispose();
  model.dispose();
  return values;
}

function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assertEquals(a.length, b.length);
  return Array.from(a).reduce((largest, v, i) => Math.max(largest, Math.abs(v - b[i])), 0);
}

/** PyTorch loads these files of a folder strictly; its logits and the lab's agree, both ways. */
async function compareLogits(folder: string, weights: string[]): Promise<void> {
  const { model } = JSON.parse(await Deno.readTextFile(`${folder}/config.json`));
  const { length } = JSON.parse(await Deno.readTextFile(`${folder}/vocabulary.json`));
  await useBackend("lab");
  const { tensors: reference } = await readSafetensors(`${folder}/logits.safetensors`);
  for (const [i, path] of [...weights, `${folder}/fresh.safetensors`].entries()) {
    const { tensors } = await readSafetensors(path);
    const { data } = reference.get(i < weights.length ? String(i) : "fresh")!;
    const largest = difference(await logitsOf(model, length, tensors), data);
    assert(largest < TOLERANCE, `the logits of ${path} differ by ${largest}`);
  }
}

test(
  "every stage's files load strictly in PyTorch and PyTorch's here, logits within 1e-5",
  [...needs],
  async () => {
    const folder = await (prepared ??= prepare());
    const jobs = stages.map((stage) => ({
      folder: `${folder}/py/${stage}`,
      ids,
      weights: [
        `${folder}/py/${stage}/weights.safetensors`,
        `${folder}/lab/${stage}/best.safetensors`,
        `${folder}/lab/${stage}/final.safetensors`,
      ],
    }));
    await succeed(python, "tests/peers/pytorch_check.py", JSON.stringify(jobs));
    for (const job of jobs) await compareLogits(job.folder, job.weights);
  },
);

test("the PyTorch module configured as GPT-2 gives the same logits", [...needs], async () => {
  const { path } = await exported("multi_head", "gpt2");
  await useBackend("lab");
  const { model, config } = loadGpt2(decodeSafetensors(gpt2), { nHead: 2 });
  const tensors = new Map<string, StoredTensor>();
  for (const [name, { shape, variable }] of model.namedParameters()) {
    tensors.set(name, { shape: [...shape], data: await variable.data<"float32">() });
  }
  const vocabulary = Array.from({ length: 50 }, (_, i) => String.fromCodePoint(0x61 + i));
  const info = { stage: "scaled", config, vocabulary } as const;
  await Deno.writeFile(`${path}/weights.safetensors`, encodeModel(tensors, info));
  await Deno.writeTextFile(`${path}/config.json`, JSON.stringify({ model: config }));
  await Deno.writeTextFile(`${path}/vocabulary.json`, JSON.stringify(vocabulary));
  model.dispose();
  const weights = [`${path}/weights.safetensors`];
  const job = [{ folder: path, ids, weights }];
  await succeed(python, "tests/peers/pytorch_check.py", JSON.stringify(job));
  await compareLogits(path, weights);
});

/** The rows of a run's losses.csv by step. */
async function losses(folder: string): Promise<Map<number, number[]>> {
  const text = await Deno.readTextFile(`${folder}/losses.csv`);
  const rows = text.trim().split(/\r?\n/).slice(1).map((line) => line.split(",").map(Number));
  return new Map(rows.map((row) => [row[0], row.slice(0, 3)]));
}

for (const stage of ["bigram", "multi_head", "blocks_norm", "scaled"]) {
  test(
    `${stage}: PyTorch trains on as the lab would, and the lab goes on from there`,
    [...needs],
    async () => {
      const pytorch = await exported(stage, "pytorch");
      const lab = await exported(stage, "resumed");
      const out = await succeed(python, ...trainPy(pytorch.path, 40));
      assertMatch(out, /^step 20: train loss \d\.\d{4}, val loss \d\.\d{4}\n/);
      for (const which of [[], ["--best"]]) {
        const flags = [`--results=${pytorch.results}`, "--length=9", "--prompt=L", ...which];
        assertEquals([...await task("generate", stage, ...flags)].length, 1 + 9 + 1);
      }
      await train(stage, pytorch.results, 60, "--resume");
      await train(stage, lab.results, 60, "--resume");
      const [actual, expected] = [await losses(pytorch.path), await losses(lab.path)];
      for (const step of [0, 10, 20, 30]) { // at 40 PyTorch ended a run, and drew for it
        const largest = difference(actual.get(step)!, expected.get(step)!);
        assert(largest < TRAINED_TOLERANCE, `the losses at step ${step} differ by ${largest}`);
      }
      assert(actual.has(40) && actual.has(50), "the lab went on");
    },
  );
}

test("PyTorch trains on with every option as the lab would", [...needs, "signals"], async () => {
  const folder = await (prepared ??= prepare());
  const [lab, pytorch] = [`${folder}/options`, `${folder}/options-pytorch`];
  const flags = [
    ...["--warmup=5", "--schedule=cosine", "--clip=0.5", "--beta2=0.98", "--weight-decay=0.1"],
    ...["--accumulate=2", "--evaluate=whole", "--test-part", "--tied-embeddings"],
    ...["--activation=gelu", "--positions=rotary", "--initialization=gpt2"],
    ...["--batch-size=4", "--block-size=8", "--n-embd=16", "--n-layer=2", "--n-head=2"],
    ...["--iters=200", "--eval-interval=10", "--sample-length=0", `--corpus=${corpus}`],
  ];
  // Its schedule is that of 200 iterations: it cannot be made shorter, only stopped on its way.
  await stopAt("step 10:", "scaled", [...flags, `--results=${lab}`]);
  await task("export", "scaled", `--results=${lab}`, `--to=${pytorch}/scaled`);
  await succeed(python, ...trainPy(`${pytorch}/scaled`, 200));
  const steps = [...(await losses(`${lab}/scaled`)).keys()];
  await task("scaled", ...flags, "--quiet", "--resume", `--results=${lab}`);
  const expected = await losses(`${lab}/scaled`);
  const text = await Deno.readFile(`${pytorch}/scaled/checkpoint.safetensors`);
  const run = JSON.parse(decodeSafetensors(text).metadata.run);
  const actual = new Map<number, number[]>(
    run.rows.losses.map((row: string[]) => [Number(row[0]), row.map(Number)]),
  );
  for (const step of [steps.length, steps.length + 1].map((n) => 10 * n)) {
    const largest = difference(actual.get(step)!, expected.get(step)!);
    assert(largest < TRAINED_TOLERANCE, `the losses at step ${step} differ by ${largest}`);
  }
});

/** Has a task stopped once it prints so; it writes its checkpoint then. */
async function stopAt(line: string, name: string, flags: string[]): Promise<void> {
  const args = [
    "run",
    "--no-prompt",
    "--allow-read",
    "--allow-write",
    `scripts/${name}.ts`,
    ...flags,
  ];
  const child = new Deno.Command("deno", { args, cwd: root, stdout: "piped", stderr: "null" })
    .spawn();
  let out = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    out += text;
    if (out.includes(line)) child.kill("SIGINT");
    if (out.includes(line)) break;
  }
  assertEquals((await child.status).code, 130);
}

/** The losses that train.py prints with --log-interval 1. */
const lossesOf = (out: string) =>
  [...out.matchAll(/^iteration \d+: loss (\S+)$/gm)].map(([, loss]) => Number(loss));

test(
  "two gloo processes train as one with the doubled batch, within 1e-5 for 20 steps",
  [...needs],
  async () => {
    const [one, two] = [await exported("multi_head", "one"), await exported("multi_head", "two")];
    const flags = ["--batch-size=64", "--log-interval=1"];
    const torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"];
    const expected = lossesOf(await succeed(python, ...trainPy(one.path, 40, ...flags)));
    const out = await succeed(python, ...torchrun, ...trainPy(two.path, 40, ...flags));
    assertEquals([expected.length, lossesOf(out).length], [20, 20]);
    const largest = difference(lossesOf(out), expected);
    assert(largest < TOLERANCE, `the losses differ by ${largest}`);
    const files = [one, two].map(({ path }) => readSafetensors(`${path}/final.safetensors`));
    const [a, b] = await Promise.all(files);
    for (const [name, { data }] of a.tensors) {
      const apart = difference(data, b.tensors.get(name)!.data);
      assert(apart < TRAINED_TOLERANCE, `${name} differs by ${apart}`);
    }
    await train("multi_head", two.results, 41, "--resume", "--batch-size=64");
  },
);

test("the best weights begin a run of their own in PyTorch", [...needs], async () => {
  const folder = await (prepared ??= prepare());
  const path = `${folder}/best/feed_forward`;
  await task("export", "feed_forward", `--results=${folder}/lab`, `--to=${path}`, "--best");
  const out = await succeed(python, ...trainPy(path, 5));
  assertMatch(out, /^step 0: train loss .*\nstep 4: train loss .*\n$/);
  await train("feed_forward", `${folder}/best`, 6, "--resume");
});

for (
  const [what, more, message] of [
    ["another text", ["--corpus=README.md"], "is not the text that the run began with"],
    ["a missing text", ["--corpus=none.txt"], "the corpus none.txt cannot be read"],
    ["too few iterations", ["--iters=20"], "give a larger number with --iters"],
  ] as const
) {
  test(`train.py refuses ${what} in one line`, [...needs], async () => {
    const { path } = await exported("single_head", "mistakes");
    const { code, out, err } = await run(python, trainPy(path, 40, ...more));
    assertEquals([code, out], [2, ""]);
    assertMatch(err, /^error: .*\n$/);
    assertStringIncludes(err, message);
  });
}

test("train.py refuses a checkpoint that was altered", [...needs], async () => {
  const { path } = await exported("single_head", "altered");
  const file = `${path}/checkpoint.safetensors`;
  const bytes = await Deno.readFile(file);
  for (
    const damaged of [bytes.with(-5, bytes.at(-5)! ^ 1), bytes.slice(0, -7), bytes.slice(0, 5)]
  ) {
    await Deno.writeFile(file, damaged);
    const { code, err } = await run(python, trainPy(path, 40));
    assertEquals(code, 2);
    assertMatch(err, /^error: cannot continue from .*\n$/);
    assertEquals(await Deno.readFile(file), damaged);
  }
});
