/** The engine's promises: the same bits however a step is run, and errors instead of wrong numbers. */
import * as tf from "@hugo-lab/model/tf";
import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import {
  type Batch,
  buildModel,
  compile,
  Generator,
  type ModelConfig,
  splitData,
  stages,
  Trainer,
  type TrainingConfig,
  useBackend,
  UserError,
} from "@hugo-lab/model";
import type { Build } from "../model/backends/lab/machine/builds.ts";
import { LabBackend } from "../model/backends/lab/mod.ts";
import { test } from "./lib/needs.ts";

const VOCABULARY = 37;
const data = splitData(
  Int32Array.from({ length: 3000 }, (_, i) => (i * i + Math.floor(i / 7)) % VOCABULARY),
);
/** Large enough that its products are divided among threads. */
const large: ModelConfig = {
  ...stages.scaled.model,
  blockSize: 48,
  nEmbd: 96,
  nLayer: 2,
  nHead: 3,
};
const BATCH = 16;

async function lab(threads: number): Promise<LabBackend> {
  await useBackend("lab", threads);
  assertEquals(tf.getBackend(), "lab");
  return tf.backend() as LabBackend;
}

/** Losses and weights of some training steps, as bits. */
async function trained(
  config: ModelConfig,
  iters: number,
  options: Partial<TrainingConfig> = {},
): Promise<Uint8Array[]> {
  const generator = new Generator(3);
  const model = buildModel(VOCABULARY, config, generator).initialize(generator);
  const training = { ...stages.scaled.training, batchSize: BATCH, evalIters: 2, ...options };
  const trainer = new Trainer(model, data, training, generator);
  const losses: number[] = [];
  const { trainLoss } = await trainer.evaluate();
  for (let i = 0; i < iters; i++) losses.push(await trainer.step());
  const values: Float32Array[] = [Float32Array.from([...losses, trainLoss])];
  for (const [, { variable }] of model.namedParameters()) {
    values.push(await variable.data<"float32">());
  }
  trainer.dispose();
  model.dispose();
  return values.map((v) => new Uint8Array(Float32Array.from(v).buffer));
}

test("losses and weights have the same bits with 1, 2 and 4 threads", ["read"], async () => {
  const results = [];
  for (const threads of [1, 2, 4]) {
    await lab(threads);
    results.push(await trained(large, 5));
  }
  assert(results[0].length > 30);
  assertEquals(results[1], results[0]);
  assertEquals(results[2], results[0]);
});

test("every option of training has the same bits with 1 and 2 threads", ["read"], async () => {
  const config: ModelConfig = {
    ...large,
    activation: "gelu",
    tiedEmbeddings: true,
    positions: "rotary",
    initialization: "gpt2",
  };
  const results = [];
  for (const threads of [1, 2]) {
    await lab(threads);
    results.push(await trained(config, 3, { clip: 0.1, accumulate: 2, evaluate: "whole" }));
    results.push(await trained(config, 3, { clip: 0.1 }));
  }
  assertEquals(results[2], results[0]);
  assertEquals(results[3], results[1]);
});

test("losses and weights have the same bits with narrow and wide kernels", ["read"], async () => {
  const { engine } = await lab(2);
  const { build } = engine;
  if (build === "strict") return console.log("this machine has no multiply-add that rounds once");
  const results = [];
  for (const each of ["narrow", "wide"] as const) {
    engine.use(each);
    results.push(await trained(large, 5));
  }
  engine.use(build);
  assertEquals(results[1], results[0]);
});

for (const [name, clip] of [["bigram", 0], ["multi_head", 0], ["blocks_norm", 0.1]] as const) {
  Deno.test(`${name}: captured and uncaptured steps have the same bits`, async () => {
    await lab(1);
    const run = async (captured: boolean) => {
      const generator = new Generator(3);
      const { model: config, training } = stages[name];
      const model = buildModel(VOCABULARY, config, generator).initialize(generator);
      const trainer = new Trainer(model, data, { ...training, batchSize: BATCH, clip }, generator);
      const uncaptured = ({ x, y, shape }: Batch) => {
        const [idx, targets] = [x, y].map((values) => tf.tensor2d(values, shape, "int32"));
        return trainer.update(idx, targets).dataSync()[0];
      };
      const losses: number[] = [];
      for (let i = 0; i < 60; i++) {
        const batch = trainer.getBatch("train");
        losses.push(captured ? await trainer.step(batch) : tf.tidy(() => uncaptured(batch)));
      }
      trainer.dispose();
      model.dispose();
      return losses;
    };
    assertEquals(await run(true), await run(false));
  });
}

Deno.test("memory is constant over 100,000 steps", async () => {
  const { engine } = await lab(1);
  const sizes = new Set<number>();
  const generator = new Generator(1);
  const { model: config, training } = stages.bigram;
  const model = buildModel(VOCABULARY, config).initialize(generator);
  const trainer = new Trainer(model, data, training, generator);
  const tensors = new Set<number>();
  for (let step = 0; step < 100_000; step++) {
    await trainer.step();
    if (step === 0) continue;
    sizes.add(engine.memory.buffer.byteLength);
    tensors.add(tf.memory().numTensors);
  }
  assertEquals([sizes.size, tensors.size], [1, 1]);
  trainer.dispose();
  model.dispose();
});

test(
  "no kernel writes beyond its buffer, and guard words do not change a bit",
  ["read"],
  async () => {
    const builds = (await lab(2)).engine.build === "strict" ? ["strict"] : ["narrow", "wide"];
    for (const build of builds as Build[]) {
      for (const threads of [1, 2]) {
        const backend = await lab(threads);
        backend.engine.use(build);
        const expected = await trained(large, 2);
        backend.engine.guard();
        assertEquals(await trained(large, 2), expected); // looked at after each step
        backend.engine.guards!.check();
        backend.engine.guards = undefined;
      }
    }
  },
);

Deno.test("a kernel that writes before or behind its buffer is found", async () => {
  const { engine } = await lab(1);
  const guards = engine.guard();
  const [before, behind] = [0, 1].map(() => engine.allocate(100));
  guards.check();
  engine.kernels.relu(before, behind, 0, 9); // 144 bytes, where 128 are the buffer and its padding
  assertThrows(() => guards.check(), Error, `outside the 128 bytes at ${behind.toString(16)}`);
  guards.place(behind, 128);
  engine.ints(before - 4, 1)[0] = 0;
  assertThrows(() => guards.check(), Error, `at ${before.toString(16)}`);
  for (const address of [before, behind]) engine.release(address, 100);
  guards.check();
  engine.guards = undefined;
});

Deno.test("a number that is no place in its table is an error before anything is computed", async () => {
  await lab(1);
  const generator = new Generator(1);
  const model = buildModel(VOCABULARY, stages.bigram.model).initialize(generator);
  const shape: [number, number] = [1, 2];
  const program = compile((x, y) => model.loss(x, y), [shape, shape]);
  const good = Int32Array.of(0, VOCABULARY - 1);
  assert(Number.isFinite((await program.run(good, good))[0]));
  for (const wrong of [VOCABULARY, -1, 2 ** 31 - 1]) {
    const bad = Int32Array.of(0, wrong);
    const message = `the index ${wrong} is not from 0 to ${VOCABULARY - 1}`;
    await assertRejects(async () => await program.run(bad, good), Error, message);
    await assertRejects(async () => await program.run(good, bad), Error, message);
    const x = tf.tensor2d(bad, shape, "int32");
    assertThrows(() => model.loss(x, x), Error, message);
  }
  const floats = tf.tensor2d([0, 1], shape);
  assertThrows(() => model.loss(floats, floats), Error, "indices must be int32");
  program.dispose();
  model.dispose();
});

Deno.test("tensors of a size that a kernel does not take are an error", async () => {
  await lab(1);
  const run = (name: string, inputs: tf.NamedTensorMap) => () =>
    tf.engine().runKernel(name, inputs, { epsilon: 1 } as unknown as tf.NamedAttrMap);
  const [x, small] = [tf.ones([4, 8]), tf.ones([4])];
  assertThrows(run("LabCopyInto", { x, variable: small }), Error, "x has 32 numbers, not 4");
  const adamw = { p: small, g: x, m: small, v: small, factors: tf.ones([6]) };
  assertThrows(run("LabAdamW", adamw), Error, "g has 32 numbers, not 4");
  assertThrows(run("LabLinear", { x, weight: tf.ones([3, 7]) }), Error, "weight has 21 numbers");
  assertThrows(run("LabLayerNorm", { x, weight: x, bias: small }), Error, "weight has 32 numbers");
  assertThrows(run("LabSoftmaxGradient", { y: x, dy: small }), Error, "dy has 4 numbers, not 32");
  assertThrows(run("LabReluGradient", { x, dy: small }), Error, "dy has 4 numbers");
  assertThrows(run("LabDropoutApply", { x, mask: small }), Error, "mask has 4 numbers, not 8");
  assertThrows(run("LabMaskFuture", { x }), Error, "square matrices, not in (4, 8)");
});

test("a captured step's table has its calls, sizes, addresses and meetings", ["read"], async () => {
  const backend = await lab(2);
  const generator = new Generator(3);
  const model = buildModel(VOCABULARY, large, generator).initialize(generator);
  const shape: [number, number] = [BATCH, large.blockSize];
  const program = compile((x: tf.Tensor2D, y: tf.Tensor2D) => model.loss(x, y), [shape, shape]);
  program.prepare();
  const [captured] = backend.captured;
  const lines = captured.table().split("\n");
  assertEquals(lines[0].split(/ +/), ["call", "kernel", "units", "sizes", "memory"]);
  const calls = lines.filter((line) => /^\d+ /.test(line));
  assertEquals(calls.length, captured.trace.calls.length);
  assertEquals(calls.map((line) => line.split(/ +/)[1]), captured.trace.calls.map((c) => c.kernel));
  const tokens = BATCH * large.blockSize;
  const size = `size ${large.nEmbd}`;
  const indices = `indices [0-9a-f]+\\+${4 * tokens} `;
  assertMatch(
    calls[0],
    RegExp(`embedding +0-${tokens / 2} ${tokens / 2}-${tokens} +${size} +${indices}`),
  );
  assert(lines.filter((line) => line.trim() === "threads meet").length > 1);
  program.dispose();
  assertEquals(backend.captured.size, 0);
  model.dispose();
});

const oneByOne: [number, number][] = [[1, 1]];
const mistakes: [what: string, step: (x: tf.Tensor2D) => tf.Tensor, message: string][] = [
  ["reading a value", (x) => tf.scalar(x.dataSync()[0]), "cannot read a tensor's values"],
  ["an operation the engine lacks", (x) => tf.sin(x.toFloat()), "cannot"],
  ["keeping a tensor", (x) => tf.keep(tf.relu(tf.ones([2, 2]).mul(x.size))), "cannot"],
];
for (const [what, step, message] of mistakes) {
  Deno.test(`${what} in a captured step is an error`, async () => {
    await lab(1);
    await assertRejects(
      async () => await compile(step, oneByOne).run(Int32Array.of(1)),
      Error,
      message,
    );
  });
}

Deno.test("a tensor kept beyond a captured step is an error", async () => {
  await lab(1);
  const kept: tf.Tensor[] = [];
  const step = () => {
    const sum = tf.ones<tf.Rank.R1>([4]).add(1) as tf.Tensor1D;
    kept.push(tf.keep(tf.ones([4]).mul(sum)));
    return sum;
  };
  await assertRejects(async () => await compile(step, []).run(), Error, "must not keep tensors");
});

Deno.test("inputs of another shape than the captured are an error", async () => {
  await lab(1);
  const program = compile((x) => tf.reshape(x, [4]), [[2, 2]]);
  assertEquals((await program.run(Int32Array.of(1, 2, 3, 4))).length, 4);
  await assertRejects(async () => await program.run(Int32Array.of(1)), Error, "2 x 2 inputs");
  program.dispose();
});

Deno.test("a product whose inner sizes differ is an error", async () => {
  await lab(1);
  const x = tf.ones<tf.Rank.R3>([4, 8, 16]);
  assertThrows(() => tf.matMul(x, x), Error, "inner sizes 16 and 8 of (4, 8, 16) and (4, 8, 16)");
  assertThrows(() => tf.matMul(x, tf.ones([4, 8, 15]), false, true), Error, "must match");
});

Deno.test("a loss that is no number stops the run and names the iteration", async () => {
  await lab(1);
  const generator = new Generator(1);
  const { model: config, training } = stages.multi_head;
  const model = buildModel(VOCABULARY, config).initialize(generator);
  const wild = { ...training, evalIters: 1, learningRate: 1e30 };
  const trainer = new Trainer(model, data, wild, generator);
  await trainer.check(); // nothing was updated yet
  assert(Number.isFinite(await trainer.step()));
  const before = generator.state;
  const message = /^the loss became (NaN|Infinity) at iteration 1: .* learningRate than 1e\+30$/;
  assertMatch((await assertRejects(() => trainer.check(), UserError)).message, message);
  assertEquals(generator.state, before, "a check draws nothing");
  for (const next of [() => trainer.evaluate(), async () => await trainer.step()]) {
    assertMatch((await assertRejects(next, UserError)).message, message);
  }
  trainer.dispose();
  model.dispose();
});

Deno.test("each function's gradient is the slope of its value", async () => {
  await lab(1);
  const config: ModelConfig = {
    ...stages.scaled.model,
    blockSize: 3,
    nEmbd: 6,
    nHead: 2,
    nLayer: 1,
    dropout: 0,
  };
  const generator = new Generator(4);
  const model = buildModel(VOCABULARY, config).initialize(generator);
  const shape: [number, number] = [2, 3];
  const x = tf.tensor2d([1, 5, 2, 0, 5, 7], shape, "int32");
  const y = tf.tensor2d([5, 2, 3, 5, 7, 1], shape, "int32");
  const parameters = [...model.namedParameters()];
  const { grads } = tf.variableGrads(() => model.loss(x, y), parameters.map(([, p]) => p.variable));
  const H = 1e-2; // float32 leaves about 1e-7 / H of noise in the slope, and H^2 of curvature
  for (const [name, parameter] of parameters) {
    const values = Float32Array.from(parameter.variable.dataSync());
    const gradient = grads[parameter.variable.name].dataSync();
    const i = generator.randint(values.length);
    const at = (h: number) => {
      parameter.set(values.map((v, j) => j === i ? v + h : v));
      return tf.tidy(() => model.loss(x, y).dataSync()[0]);
    };
    const slope = (at(H) - at(-H)) / (2 * H);
    parameter.set(values);
    assert(Math.abs(slope - gradient[i]) < 2e-3, `${name}[${i}]: ${gradient[i]}, slope ${slope}`);
  }
});
