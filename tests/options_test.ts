/** Each option of training against PyTorch's figures: tests/peers/make_training_options.py. */
import { assert, assertEquals } from "@std/assert";
import {
  type BackendName,
  buildModel,
  Generator,
  type ModelConfig,
  stages,
  Trainer,
  type TrainingConfig,
} from "@hugo-lab/model";
import golden from "./fixtures/training_options.json" with { type: "json" };
import { testOnBackends } from "./lib/backends.ts";

/**
 * Losses of about 3 have roundings of 2^-24 each; AdamW divides by small numbers, and lets those of
 * the gradients grow. A wrong rate, norm or draw would move a loss by 1e-2.
 */
const TOLERANCE = 1e-4;

/** All options at once take a minute on WebGPU without a GPU. */
const backendsFor: Record<string, BackendName[]> = {
  all: ["lab", "wasm", "cpu", "tensorflow"],
  clipping: ["lab", "wasm", "cpu", "tensorflow", "webgpu"],
};

/** The same numbers as PyTorch's. */
const text = (length: number) =>
  Uint8Array.from(
    { length },
    (_, i) => (Math.floor(i * i / 3) + 5 * Math.floor(i / 7)) % golden.vocabulary,
  );

function trainerOf(changes: object): Trainer {
  const pick = <T extends object>(own: T) =>
    Object.fromEntries(Object.entries(changes).filter(([key]) => key in own));
  const config = { ...golden.model, ...pick(golden.model) } as ModelConfig;
  const training = {
    ...stages.scaled.training,
    ...golden.training,
    ...pick(golden.training),
    iters: golden.iters,
    evaluate: "whole",
  } as TrainingConfig;
  const generator = new Generator(golden.seed);
  const model = buildModel(golden.vocabulary, config, generator).initialize(generator);
  const data = { train: text(900), val: text(1000).subarray(900) };
  return new Trainer(model, data, training, generator);
}

for (const [name, expected] of Object.entries(golden.cases)) {
  await testOnBackends(
    `${name}: ${golden.iters} losses are PyTorch's within 1e-4`,
    async () => {
      const trainer = trainerOf(expected.changes);
      for (const [i, loss] of expected.losses.entries()) {
        const actual = await trainer.step();
        assert(Math.abs(actual - loss) < TOLERANCE, `loss ${i}: ${actual}, not ${loss}`);
      }
      const { words, position } = trainer.generator.state;
      const { trainLoss, valLoss } = await trainer.evaluate();
      const message = `${trainLoss}, ${valLoss}; not ${expected.train}, ${expected.val}`;
      assert(Math.abs(trainLoss - expected.train) < TOLERANCE, message);
      assert(Math.abs(valLoss - expected.val) < TOLERANCE, message);
      const after = trainer.generator.state;
      assertEquals([after.words, after.position], [words, position], "nothing is drawn for it");
      trainer.dispose();
      trainer.model.dispose();
    },
    [],
    backendsFor[name] ?? ["lab"],
  );
}
