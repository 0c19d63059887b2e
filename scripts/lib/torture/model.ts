/**
 * One small model on the engine with every number of threads, captured or not: the same bits; and
 * on TensorFlow.js's CPU backend: the same numbers but for rounding.
 *
 * @module
 */
import * as tf from "@hugo-lab/model/tf";
import {
  type BackendName,
  buildModel,
  generate,
  Generator,
  inspectBatch,
  type LanguageModel,
  type ModelConfig,
  modelTensors,
  stages,
  Trainer,
  useBackend,
  UserError,
} from "@hugo-lab/model";

/** A model and its training. */
export interface Settings {
  config: ModelConfig;
  vocabSize: number;
  batchSize: number;
  learningRate: number;
  seed: number;
}

const THREADS = [1, 2, 4, 8];
const STEPS = 3;
const CHARACTERS = 6;
const TEXT = 400;

/** What a training gives. */
interface Trained {
  losses: number[];
  /** Mean losses on both parts, and drawn characters. */
  evaluated: number[];
  sample: number[];
  weights: Map<string, Float32Array>;
}

/** Half a unit in the last place of 1 in float32: the relative error of one rounding. */
const ROUNDING = 2 ** -24;

/** So many random movements of the weights tell how far a tensor moves, and so much more may be. */
const [SPREAD_DRAWS, SPREAD_FACTOR] = [6, 4];

/**
 * Tries a model.
 *
 * @throws {UserError} telling the first difference
 */
export async function tryModel(settings: Settings): Promise<void> {
  await useBackend("lab", 1);
  const right = await train(settings, true);
  const uncaptured = await train(settings, false);
  same("one thread, not captured", uncaptured, right);
  for (const threads of THREADS.slice(1)) {
    await useBackend("lab", threads);
    same(`${threads} threads`, await train(settings, true), right);
  }
  await compareWithCpu(settings);
}

function data({ vocabSize, seed }: Settings): Int32Array {
  const generator = new Generator(seed ^ 0x5bd1e995);
  return Int32Array.from({ length: TEXT }, () => generator.randint(vocabSize));
}

function begin(settings: Settings) {
  const { config, vocabSize, batchSize, learningRate, seed } = settings;
  const generator = new Generator(seed);
  const model = buildModel(vocabSize, config, generator).initialize(generator);
  const text = data(settings);
  const { training } = stages.multi_head;
  const trainer = new Trainer(model, { train: text, val: text }, {
    ...training,
    batchSize,
    learningRate,
    evalIters: 2,
  }, generator);
  return { generator, model, trainer };
}

async function train(settings: Settings, isCaptured: boolean): Promise<Trained> {
  const { generator, model, trainer } = begin(settings);
  const losses: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    const batch = trainer.getBatch("train");
    if (isCaptured) losses.push(await trainer.step(batch));
    else {
      model.train();
      const loss = tf.tidy(() =>
        trainer.update(
          tf.tensor2d(batch.x, batch.shape, "int32"), // (B, T)
          tf.tensor2d(batch.y, batch.shape, "int32"), // (B, T)
        )
      );
      losses.push((await loss.data())[0]);
      loss.dispose();
    }
  }
  const { trainLoss, valLoss } = await trainer.evaluate();
  const sample: number[] = [];
  for await (const n of generate(model, generator, Int32Array.of(0), CHARACTERS)) sample.push(n);
  const weights = new Map<string, Float32Array>();
  for (const [name, { data }] of await modelTensors(model)) {
    weights.set(name, Float32Array.from(data));
  }
  trainer.dispose();
  model.dispose();
  return { losses, evaluated: [trainLoss, valLoss], sample, weights };
}

function same(where: string, found: Trained, right: Trained): void {
  for (const key of ["losses", "evaluated", "sample"] as const) {
    if (String(found[key]) !== String(right[key])) {
      throw new UserError(`${where}: ${key} ${found[key]}, with one thread ${right[key]}`);
    }
  }
  for (const [name, values] of right.weights) {
    const index = found.weights.get(name)!.findIndex((value, i) => !Object.is(value, values[i]));
    if (index >= 0) throw new UserError(`${where}: ${name}[${index}] has other bits`);
  }
}

/** The first batch's loss, logits and gradients, by both. */
async function compareWithCpu(settings: Settings): Promise<void> {
  const [lab, cpu] = [await inspect("lab", settings), await inspect("cpu", settings)];
  const tolerance = toleranceOf(settings);
  let spread: Map<string, number> | undefined;
  for (const [name, values] of cpu) {
    const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
    const off = furthest(lab.get(name)!, values);
    if (off <= tolerance * scale) continue;
    spread ??= await spreadOf(settings, cpu);
    const limit = tolerance * scale + SPREAD_FACTOR * spread.get(name)!;
    if (off <= limit) continue;
    const found = `${name} differs from the CPU backend's by ${off.toExponential(1)}`;
    throw new UserError(`${found} where it is at most ${scale}: more than ${limit}`);
  }
}

/** The greatest distance of two tensors' elements; infinite where one is no number. */
function furthest(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => {
    const off = Math.abs(value - b[i]);
    return off <= most ? most : Number.isNaN(off) ? Infinity : off;
  }, 0);
}

/**
 * How far each tensor moves on the CPU backend when every weight moves by what rounding may move
 * it: a gradient that is a small difference of large numbers (a key's bias has none at all), or a
 * ReLU whose input is next to 0, moves by far more than its scale tells.
 */
async function spreadOf(
  settings: Settings,
  cpu: Map<string, Float32Array>,
): Promise<Map<string, number>> {
  const spread = new Map([...cpu.keys()].map((name) => [name, 0]));
  for (let draw = 1; draw <= SPREAD_DRAWS; draw++) {
    for (const [name, values] of await inspect("cpu", settings, draw)) {
      spread.set(name, Math.max(spread.get(name)!, furthest(values, cpu.get(name)!)));
    }
  }
  return spread;
}

/** Moves every weight by at most the tolerance's share of it. */
function shake(model: LanguageModel, settings: Settings, draw: number): void {
  const generator = new Generator(settings.seed + draw);
  const most = toleranceOf(settings);
  for (const [, { variable }] of model.namedParameters()) {
    tf.tidy(() => {
      const factors = generator.uniform(variable.size, 1 - most, 1 + most);
      variable.assign(variable.mul(tf.tensor(factors, variable.shape)));
    });
  }
}

/** @param draw moves the weights a little (shake), each number otherwise */
async function inspect(
  name: BackendName,
  settings: Settings,
  draw = 0,
): Promise<Map<string, Float32Array>> {
  await useBackend(name, 1);
  const { model, trainer } = begin(settings);
  if (draw > 0) shake(model, settings, draw);
  const { x, y, shape } = trainer.getBatch("train");
  model.train();
  const [inputs, targets] = [x, y].map((values) => tf.tensor2d(values, shape, "int32")); // (B, T)
  const { loss, logits, gradients } = await inspectBatch(model, inputs, targets);
  const values = new Map<string, Float32Array>([["loss", Float32Array.of(loss)]]);
  for (const [key, tensor] of [["logits", logits], ...gradients] as [string, tf.Tensor][]) {
    values.set(key, await tensor.data<"float32">());
    tensor.dispose();
  }
  tf.dispose([inputs, targets]);
  trainer.dispose();
  model.dispose();
  return values;
}

/**
 * What rounding alone may change, of a tensor's greatest number. A sum of n products is off by at
 * most n roundings of its terms (Higham, Accuracy and Stability of Numerical Algorithms, 3.1); the
 * longest sums of a layer follow each other, forward and back, and both backends round. LayerNorm
 * divides by what may be small, so its errors grow by the layer.
 */
function toleranceOf({ config, vocabSize, batchSize }: Settings): number {
  const { blockSize, nEmbd, nLayer, widening, body } = config;
  const layers = body === "blocks" ? nLayer : 1;
  const longest = nEmbd * Math.max(1, widening) + blockSize + vocabSize + batchSize * blockSize;
  return ROUNDING * 4 * (layers + 1) * longest;
}
