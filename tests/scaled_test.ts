/** The full 10,816,613-parameter model against PyTorch's fingerprints, batch 4, seed 1337. */
import * as tf from "@hugo-lab/model/tf";
import { assert, assertEquals } from "@std/assert";
import {
  type BackendName,
  buildModel,
  Generator,
  getBatch,
  inspectBatch,
  splitData,
  stages,
  Trainer,
  Vocabulary,
} from "@hugo-lab/model";
import golden from "./fixtures/scaled_batch4_seed1337.json" with { type: "json" };
import { testOnBackends } from "./lib/backends.ts";
import { hugo } from "./lib/needs.ts";

interface Fingerprint {
  sum: number;
  l2: number;
  first: number[];
}

/** Of a tensor's norm; TensorFlow, unlike the engine, sums layer norms in single precision. */
const TOLERANCE = { lab: 1e-4, tensorflow: 1e-3 };

/** Compares a tensor with its fingerprint: values within 1e-4, sums and norms within its tolerance. */
function checkFingerprint(
  name: string,
  values: Float32Array,
  expected: Fingerprint,
  share: number,
): void {
  let [sum, squares] = [0, 0];
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const tolerance = share * Math.max(1, expected.l2);
  const l2 = Math.sqrt(squares);
  assert(Math.abs(sum - expected.sum) < tolerance, `${name}: sum ${sum}, not ${expected.sum}`);
  assert(Math.abs(l2 - expected.l2) < tolerance, `${name}: norm ${l2}, not ${expected.l2}`);
  expected.first.forEach((value, i) => {
    assert(Math.abs(values[i] - value) < 1e-4, `${name}[${i}]: ${values[i]}, not ${value}`);
  });
}

await testOnBackends(
  "scaled with batch 4 has PyTorch's weights, gradients and first 12 losses",
  async (backend) => {
    const share = TOLERANCE[backend as keyof typeof TOLERANCE];
    const { text } = await hugo();
    const data = splitData(Vocabulary.of(text, "code point").encode(text));
    const { model: config, training } = stages.scaled;
    const generator = new Generator(training.seed);
    const model = buildModel(101, config, generator).initialize(generator);
    assertEquals(model.countParameters(), golden.parameters);
    const weights = golden.initial_weights as Record<string, Fingerprint>;
    const parameters = [...model.namedParameters()];
    assertEquals(parameters.length, Object.keys(weights).length);
    for (const [name, { variable }] of parameters) {
      checkFingerprint(name, await variable.data<"float32">(), weights[name], share);
    }

    const settings = { ...training, batchSize: 4, evalIters: 2 };
    const trainer = new Trainer(model, data, settings, generator);
    const { trainLoss, valLoss } = await trainer.evaluate();
    const { train, val } = golden.estimate_over_2_batches_at_step_0;
    assert(Math.abs(trainLoss - train) < 1e-4 && Math.abs(valLoss - val) < 1e-4);

    const beforeBatch = generator.state;
    const { x, y, shape } = getBatch(data.train, 4, config.blockSize, generator);
    const [idx, targets] = [x, y].map((values) => tf.tensor2d(values, shape, "int32"));
    const { logits, gradients } = await inspectBatch(model.train(), idx, targets);
    const expected = golden.gradients_at_iteration_0 as Record<string, Fingerprint>;
    for (const [name, gradient] of gradients) {
      checkFingerprint(`grad.${name}`, await gradient.data<"float32">(), expected[name], share);
    }
    tf.dispose([idx, targets, logits, [...gradients.values()]]);

    generator.state = beforeBatch;
    const losses: number[] = [];
    for (let i = 0; i < 12; i++) losses.push(await trainer.step());
    golden.training_losses_dropout_on.forEach((loss, i) => {
      assert(Math.abs(losses[i] - loss) < 2e-3, `loss ${i}: ${losses[i]}, not ${loss}`);
    });
    trainer.dispose();
    model.dispose();
  },
  ["hugo"],
  Object.keys(TOLERANCE) as BackendName[], // the others take minutes a step
);
