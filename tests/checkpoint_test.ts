/** Checkpoints in memory: what is restored goes on to the same bits, on every backend. @module */
import { assertEquals, assertThrows } from "@std/assert";
import {
  buildModel,
  decodeCheckpoint,
  decodeModel,
  decodeSafetensors,
  encodeCheckpoint,
  encodeModel,
  encodeSafetensors,
  Generator,
  loadWeights,
  type ModelConfig,
  modelInfo,
  modelTensors,
  restoreCheckpoint,
  type RunState,
  splitData,
  stages,
  Trainer,
  useBackend,
  UserError,
} from "@hugo-lab/model";
import { testOnBackends } from "./lib/backends.ts";

const VOCABULARY = [..."abcdefg"];
const ITERS = 6;
const CUT = 3;
const config: ModelConfig = { ...stages.blocks_norm.model, nEmbd: 8, nHead: 2, nLayer: 2 };
const info = { stage: "blocks_norm", config, vocabulary: VOCABULARY } as const;
const data = splitData(Int32Array.from({ length: 400 }, (_, i) => (i * i + 3 * i) % 7));

function newTrainer(seed: number): Trainer {
  const generator = new Generator(seed);
  const model = buildModel(VOCABULARY.length, config, generator).initialize(generator);
  const training = { ...stages.blocks_norm.training, iters: ITERS, batchSize: 2, evalIters: 1 };
  return new Trainer(model, data, training, generator);
}

/** Where a run stands after CUT iterations. */
function standing(settings: Record<string, unknown>): RunState {
  const rows = { losses: [["0", "1.5", "1.6"]] };
  return { iters: ITERS, iteration: CUT, evaluated: false, bestLoss: 1.6, settings, rows };
}

/** Runs to the end; gives the checkpoint from CUT on the way, and disposes of the trainer. */
async function runWhole(seed: number) {
  const trainer = newTrainer(seed);
  let checkpoint = new Uint8Array();
  while (trainer.iteration < ITERS) {
    await trainer.step();
    if (trainer.iteration !== CUT) continue;
    checkpoint = new Uint8Array(await encodeCheckpoint(trainer, standing({ seed }), info));
  }
  const outcome = await standingOf(trainer);
  return { checkpoint, outcome };
}

async function standingOf(trainer: Trainer) {
  const tensors = await modelTensors(trainer.model);
  const outcome = { tensors, state: trainer.generator.state, updates: trainer.optimizer.step };
  trainer.dispose();
  trainer.model.dispose();
  return outcome;
}

await testOnBackends("a trainer that has run already goes on from a checkpoint", async () => {
  const { checkpoint, outcome } = await runWhole(1);
  const trainer = newTrainer(2);
  for (let i = 0; i < ITERS; i++) await trainer.step(); // its steps are captured now, and its weights others
  const restored = decodeCheckpoint(decodeSafetensors(checkpoint));
  restoreCheckpoint(trainer, restored, { seed: 1 });
  assertEquals(restored.run, standing({ seed: 1 }));
  assertEquals(trainer.iteration, CUT);
  while (trainer.iteration < ITERS) await trainer.step();
  assertEquals(await standingOf(trainer), outcome);
});

await testOnBackends("a file of weights builds its model again", async () => {
  const trainer = newTrainer(1);
  const file = decodeSafetensors(encodeModel(await modelTensors(trainer.model), info));
  assertEquals(modelInfo(file), { ...info, vocabulary: [...VOCABULARY] });
  const model = buildModel(VOCABULARY.length, modelInfo(file).config, trainer.generator);
  loadWeights(model, file.tensors);
  assertEquals(await modelTensors(model), await modelTensors(trainer.model));
  model.dispose();
  await standingOf(trainer);
});

Deno.test("weights that were altered are refused, whatever their file tells", async () => {
  await useBackend("lab", 1);
  const trainer = newTrainer(1);
  const { tensors, metadata } = decodeSafetensors(
    encodeModel(await modelTensors(trainer.model), info),
  );
  trainer.dispose();
  trainer.model.dispose();
  const { checksum: _, ...unsigned } = metadata;
  const [[name, { shape, data }]] = tensors;
  const altered = new Map(tensors).set(name, { shape, data: data.with(0, data[0] + 1) });
  const vocabulary = JSON.stringify([...VOCABULARY].reverse());
  for (
    const [bytes, message] of [
      [encodeSafetensors(tensors, unsigned), "it has no checksum"],
      [encodeSafetensors(altered, metadata), "its checksum differs"],
      [encodeSafetensors(tensors, { ...metadata, stage: "blocks" }), "its checksum differs"],
      [encodeSafetensors(tensors, { ...metadata, vocabulary }), "its checksum differs"],
    ] as const
  ) {
    assertThrows(() => decodeModel(decodeSafetensors(bytes)), UserError, message);
  }
});

Deno.test("a checkpoint that does not fit is refused by its first difference", async () => {
  await useBackend("lab", 1);
  const { checkpoint } = await runWhole(1);
  const trainer = newTrainer(3);
  const before = await modelTensors(trainer.model);
  const refuse = (bytes: Uint8Array, settings: Record<string, unknown>, message: string) =>
    assertThrows(
      () => restoreCheckpoint(trainer, decodeCheckpoint(decodeSafetensors(bytes)), settings),
      UserError,
      message,
    );
  refuse(checkpoint, { seed: 2 }, "seed was 1, is 2");
  refuse(checkpoint, { seed: 1, nHead: 3 }, "nHead was not there, is 3");
  const { tensors, metadata } = decodeSafetensors(checkpoint);
  refuse(
    encodeSafetensors(tensors, { ...metadata, run: metadata.run.replace("1.6", "1.7") }),
    { seed: 1 },
    "its checksum differs",
  );
  const other = buildModel(VOCABULARY.length, { ...config, nLayer: 3 }, new Generator(1));
  const wider = new Trainer(
    other.initialize(new Generator(1)),
    data,
    trainer.config,
    new Generator(1),
  );
  const run = { ...standing({ seed: 1 }) };
  refuse(
    await encodeCheckpoint(wider, run, info),
    { seed: 1 },
    "adamw.m.blocks.2.ffwd.net.0.bias was F32 (8), is not there",
  );
  wider.dispose();
  other.dispose();
  assertEquals((await standingOf(trainer)).tensors, before);
});

Deno.test("a file that tells nonsense of its model is refused before the model is built", () => {
  const tensors = new Map([["a", { shape: [1], data: Float32Array.of(1) }]]);
  const good = { config: JSON.stringify(config), vocabulary: JSON.stringify(VOCABULARY) };
  const cases: [metadata: Record<string, string>, message: string][] = [
    [{}, '"config" is not as this lab writes it'],
    [{ ...good, config: "{" }, '"config" is not'],
    [{ ...good, config: JSON.stringify({ ...config, body: "table" }) }, '"config" is not'],
    [{ ...good, config: JSON.stringify({ ...config, nEmbd: -8 }) }, '"config" is not'],
    [{ ...good, config: JSON.stringify({ ...config, nLayer: 1e9 }) }, "too few tensors"],
    [
      { ...good, config: JSON.stringify({ ...config, body: "bigram" }), vocabulary: "[7]" },
      "vocab",
    ],
  ];
  for (const [metadata, message] of cases) {
    assertThrows(() => modelInfo({ tensors, metadata }), UserError, message);
  }
  const model = buildModel(VOCABULARY.length, { ...config, body: "bigram" });
  assertThrows(() => loadWeights(model, tensors), UserError, "is not there");
});
