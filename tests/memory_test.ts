/** What a run will need, computed beforehand, against what the engine takes for it. */
import * as tf from "@hugo-lab/model/tf";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  buildModel,
  checkMemory,
  Generator,
  memoryNeeds,
  type ModelConfig,
  parametersOf,
  type Plan,
  type Room,
  roomFor,
  stages,
  Trainer,
  useBackend,
  UserError,
} from "@hugo-lab/model";
import { LabBackend } from "../model/backends/lab/mod.ts";
import { test } from "./lib/needs.ts";

const ALLOWED = 0.2;
const THREADS = 2;
/** An engine has so much at once. */
const INITIAL_BYTES = 2 ** 20;
const MIB = 2 ** 20;

const planOf = (
  name: keyof typeof stages,
  change: Partial<ModelConfig>,
  batchSize?: number,
  accumulate = 1,
) => {
  const { model, training } = stages[name];
  return {
    vocabSize: 101,
    model: { ...model, ...change },
    training: { batchSize: batchSize ?? training.batchSize, evalIters: 1, accumulate },
    threads: THREADS,
  };
};

/** Some sizes and parts, drawn from a seed. */
function randomPlan(seed: number): Plan {
  const generator = new Generator(seed);
  const pick = <T>(...choices: T[]): T => choices[generator.randint(choices.length)];
  const nHead = pick(1, 2, 3, 4, 8);
  const model: ModelConfig = {
    ...stages.multi_head.model,
    body: pick("head", "multi_head", "feed_forward", "blocks", "blocks"),
    blockSize: pick(8, 16, 50, 128),
    nEmbd: nHead * pick(8, 16, 24),
    nHead,
    nLayer: pick(1, 2, 4),
    dropout: pick(0, 0.2),
    skip: pick("none", "notebook", "pre-norm"),
    innerFeedForward: pick(true, false),
    dropoutBeforeProj: pick(true, false),
    widening: pick(0, 2, 4),
    activation: pick("relu", "gelu"),
    attentionBias: pick(true, false),
    tiedEmbeddings: pick(true, false),
  };
  const training = { batchSize: pick(4, 16, 64), evalIters: 1 };
  return { vocabSize: pick(30, 101, 1000), model, training, threads: THREADS };
}

/** The memory that an engine of its own has taken once the plan's step can be made. */
async function taken({ vocabSize, model: config, training }: Plan): Promise<number> {
  await useBackend("lab");
  tf.backend().dispose = () => {}; // TensorFlow.js calls what it does not implement
  tf.removeBackend("lab");
  tf.registerBackend("lab", () => new LabBackend());
  await useBackend("lab", THREADS);
  const generator = new Generator(1);
  const model = buildModel(vocabSize, config, generator).initialize(generator);
  const data = new Uint8Array(config.blockSize + 2);
  const settings = { ...stages.scaled.training, ...training };
  const trainer = new Trainer(model, { train: data, val: data }, settings, generator);
  await trainer.evaluate(); // captures the step too
  const bytes = (tf.backend() as LabBackend).engine.memory.buffer.byteLength;
  trainer.dispose();
  model.dispose();
  return bytes;
}

const plans: [what: string, plan: Plan][] = [
  ...(["bigram", "single_head", "multi_head", "feed_forward", "blocks", "blocks_norm"] as const)
    .flatMap((name): [string, Plan][] => [
      [name, planOf(name, {})],
      [`${name}, batch 512`, planOf(name, {}, 512)],
    ]),
  ["scaled, batch 2", planOf("scaled", {}, 2)],
  ["scaled, two layers, batch 8", planOf("scaled", { nLayer: 2 }, 8)],
  ["scaled, two layers, batch 32 in 4 parts", planOf("scaled", { nLayer: 2 }, 32, 4)],
  ["scaled, two layers, rotary", planOf("scaled", { nLayer: 2, positions: "rotary" }, 8)],
  ["bigram of 1500 characters", { ...planOf("bigram", {}), vocabSize: 1500 }],
  ...Array.from(
    { length: 12 },
    (_, seed) => [`random ${seed}`, randomPlan(seed)] as [string, Plan],
  ),
];

Deno.test("a plan's parameters are those of the model built", () => {
  for (const [what, plan] of plans) {
    assertEquals(
      parametersOf(plan),
      buildModel(plan.vocabSize, plan.model, new Generator(1)).countParameters(),
      what,
    );
  }
});

test("a run's memory is foretold within a fifth of what the engine takes", ["read"], async () => {
  const wrong: string[] = [];
  for (const [what, plan] of plans) {
    const { weights, step } = memoryNeeds(plan);
    const [foretold, actual] = [Math.max(INITIAL_BYTES, weights + step), await taken(plan)];
    const line = `${what}: ${(foretold / MIB).toFixed(1)} MiB foretold, ` +
      `${(actual / MIB).toFixed(1)} taken, ${(foretold / actual).toFixed(2)}`;
    if (Math.abs(foretold / actual - 1) > ALLOWED) wrong.push(line);
  }
  assertEquals(wrong, []);
});

const room = (gib: number): Room[] => [
  ...roomFor("cpu").slice(0, 1), // objects
  { name: "the test", bytes: gib * 2 ** 30, holds: ["weights", "step", "evaluation"] },
];

for (
  const [what, plan, message] of [
    ["a list of losses", withTraining({ evalIters: Number.MAX_SAFE_INTEGER }), "lower evalIters"],
    ["a batch", withTraining({ batchSize: 1e9 }), "lower batchSize"],
    ["wide embeddings", planOf("multi_head", { nEmbd: 1e6 }), "lower nEmbd"],
    ["a long block", planOf("multi_head", { blockSize: 28000 }), "lower blockSize"],
    ["many layers", planOf("blocks", { nLayer: 1e6 }), "lower nLayer"],
    ["the scaled model", planOf("scaled", {}, 256), "lower batchSize"],
    ["a large vocabulary", { ...planOf("bigram", {}), vocabSize: 1e5 }, "take a text that has few"],
  ] as [string, Plan, string][]
) {
  Deno.test(`too much memory for ${what} is told with what would do`, () => {
    const error = assertThrows(() => checkMemory(plan, room(4)), UserError);
    assertStringIncludes(error.message, message);
    const value = /lower (\w+), of which at most (\d+) fits/.exec(error.message);
    if (!value) return;
    const changed = (n: number): Plan => ({
      ...plan,
      model: { ...plan.model, [value[1]]: n },
      training: { ...plan.training, [value[1]]: n },
    });
    const step = value[1] === "nEmbd" ? plan.model.nHead : 1;
    checkMemory(changed(Number(value[2])), room(4));
    assertThrows(() => checkMemory(changed(Number(value[2]) + step), room(4)), UserError);
  });
}

function withTraining(change: Partial<Plan["training"]>): Plan {
  const plan = planOf("multi_head", {});
  return { ...plan, training: { ...plan.training, ...change } };
}

Deno.test("every stage's own run has room in an engine's 4 GiB, scaled's with 256 windows in parts", () => {
  for (const name of Object.keys(stages) as (keyof typeof stages)[]) {
    checkMemory(planOf(name, {}), room(4));
  }
  checkMemory(planOf("scaled", {}, 256, 8), room(4));
  assertThrows(() => checkMemory(planOf("scaled", {}, 256), room(4)), UserError);
});
