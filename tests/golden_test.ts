/** The models against PyTorch's figures: weights, the first iteration, the first 20 losses. */
import * as tf from "@hugo-lab/model/tf";
import { assert, assertEquals } from "@std/assert";
import {
  buildModel,
  Generator,
  inspectBatch,
  splitData,
  stages,
  Trainer,
  Vocabulary,
} from "@hugo-lab/model";
import { type Golden, goldens } from "../scripts/lib/exercise/goldens.ts";
import { testOnBackends } from "./lib/backends.ts";
import { hugo } from "./lib/needs.ts";

const VOCABULARY = 101;
const SEED = 2023;
/** Sums of at most 256 products of values near 1 in float32: 256 * 2^-24, rounded down. */
const TOLERANCE = 1e-5;

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assertEquals(a.length, b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}

function build(name: Golden["name"]) {
  const generator = new Generator(SEED);
  const model = buildModel(VOCABULARY, stages[name].model, generator).initialize(generator);
  return { model, generator };
}

/** Draws what the evaluation before iteration 0 draws: a position for each window. */
function skipEvaluation(generator: Generator, name: Golden["name"]): void {
  const { batchSize, evalIters } = stages[name].training;
  for (let i = 0; i < 2 * evalIters * batchSize; i++) generator.uint32();
}

for (const golden of goldens) {
  await testOnBackends(
    `${golden.name}: initial weights are bit-equal to PyTorch's`,
    async () => {
      const { model } = build(golden.name);
      const parameters = [...model.namedParameters()];
      assertEquals(parameters.map(([name]) => name).sort(), [...golden.weights.keys()].sort());
      for (const [name, { shape, variable }] of parameters) {
        const { shape: expectedShape, data } = golden.weights.get(name)!;
        assertEquals([...shape], expectedShape, name);
        assertEquals(largestDifference(await variable.data(), data), 0, name);
      }
      assertEquals(model.countParameters(), golden.parameters);
      model.dispose();
    },
  );

  await testOnBackends(
    `${golden.name}: iteration 0's loss, logits and gradients are within 1e-5`,
    async () => {
      const { model, generator } = build(golden.name);
      skipEvaluation(generator, golden.name);
      for (let i = 0; i < stages[golden.name].training.batchSize; i++) generator.uint32();
      const [x, y] = ["x", "y"].map((name) => {
        const { data, shape } = golden.iteration0.get(name)!;
        return tf.tensor2d(data as Int32Array, shape as [number, number], "int32");
      });
      const { loss, logits, gradients } = await inspectBatch(model, x, y);
      assert(Math.abs(loss - golden.first20[0]) < TOLERANCE, `loss ${loss}`);
      const expected = golden.iteration0.get("logits");
      if (expected) assert(largestDifference(await logits.data(), expected.data) < TOLERANCE);
      assertEquals(gradients.size, golden.weights.size);
      for (const [name, gradient] of gradients) {
        const reference = golden.iteration0.get(`grad.${name}`)!.data;
        const difference = largestDifference(await gradient.data(), reference);
        assert(difference < TOLERANCE, `${name} differs by ${difference}`);
      }
      tf.dispose([x, y, logits, [...gradients.values()]]);
      model.dispose();
    },
  );

  await testOnBackends(
    `${golden.name}: the first 20 training losses are within 1e-4`,
    async (backend) => {
      const { text } = await hugo();
      const data = splitData(Vocabulary.of(text, "code point").encode(text));
      const { model, generator } = build(golden.name);
      const trainer = new Trainer(model, data, stages[golden.name].training, generator);
      const losses: number[] = [];
      const tensors: number[] = [];
      // The engine evaluates 400 batches in a moment; the others only draw what that draws.
      if (backend === "lab") await trainer.evaluate();
      else skipEvaluation(generator, golden.name);
      for (let i = 0; i < 20; i++) {
        losses.push(await trainer.step());
        tensors.push(tf.memory().numTensors);
      }
      assert(largestDifference(losses, golden.first20) < 1e-4, `${losses}`);
      assertEquals(new Set(tensors.slice(1)).size, 1, "tensors in memory at each iteration");
      trainer.dispose();
      model.dispose();
    },
    ["hugo"],
  );
}
