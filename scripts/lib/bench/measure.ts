/**
 * Timing the lab's models on the backend in use.
 *
 * @module
 */
import * as tf from "@hugo-lab/model/tf";
import {
  buildModel,
  generate,
  Generator,
  hugoCounts,
  type ModelConfig,
  type Split,
  splitData,
  stages,
  Trainer,
  useBackend,
} from "@hugo-lab/model";

/** As many different characters as Hugo's text has. */
export const VOCABULARY = hugoCounts.vocabulary;
/** Runs that are made before any is timed: what is made once, and cold memory, is none of a step. */
const COLD = 3;
/** So many runs are timed at least. */
const FEWEST = 5;
/** Characters of a text, as many as a stage samples; compiling the step is included. */
const SAMPLED = 500;
/** Texts that are timed, the first of them with cold code. */
const TEXTS = 7;
const PEAK_SIZE = 512;

/** Milliseconds. */
export interface Times {
  median: number;
  p10: number;
  p90: number;
}

/** A text of numbers. */
export const data: Split = splitData(
  Int32Array.from({ length: 100_000 }, (_, i) => (i * 7919 + Math.floor(i / 13)) % VOCABULARY),
);

function summarize(times: number[]): Times {
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  return { median: at(0.5), p10: at(0.1), p90: at(0.9) };
}

/** How long an action takes, of as many runs as so many seconds have, when it is warm. */
async function timed(action: () => unknown, seconds: number): Promise<Times> {
  for (let i = 0; i < COLD; i++) await action();
  const times: number[] = [];
  const end = performance.now() + 1000 * seconds;
  for (let last = performance.now(); last < end || times.length < FEWEST;) {
    await action();
    const now = performance.now();
    times.push(now - last);
    last = now;
  }
  return summarize(times);
}

/** Times steps, evaluation batches and sampled characters of a model on the current backend. */
export async function measure(
  config: ModelConfig,
  batchSize: number,
  seconds: number,
  sampled: boolean,
) {
  const generator = new Generator(1);
  const model = buildModel(VOCABULARY, config, generator).initialize(generator);
  const training = { ...stages.multi_head.training, batchSize, evalIters: 1 };
  const trainer = new Trainer(model, data, training, generator);
  const step = await timed(() => trainer.step(), seconds);
  const pair = await timed(() => trainer.evaluate(), seconds / 2); // a batch of each part
  const samples: number[] = [];
  for (let i = 0; sampled && i < TEXTS; i++) {
    const begin = performance.now();
    for await (const _ of generate(model, generator, Int32Array.of(0), SAMPLED));
    samples.push((performance.now() - begin) / SAMPLED);
  }
  // A lookup in a table is no multiplication.
  let multiplied = 0;
  for (const [name, { size }] of model.namedParameters()) {
    if (!name.includes("embedding")) multiplied += size;
  }
  trainer.dispose();
  model.dispose();
  return {
    step,
    evaluation: pair.median / 2,
    sample: sampled ? summarize(samples).median : undefined,
    multiplied,
  };
}

/** GFLOP/s of a 512 x 512 product on the engine: what this machine can do. */
export async function measurePeak(): Promise<number> {
  await useBackend("lab");
  const a = tf.ones<tf.Rank.R2>([PEAK_SIZE, PEAK_SIZE]);
  const times: number[] = [];
  for (let i = 0; i < 30; i++) {
    const begin = performance.now();
    tf.matMul(a, a).dispose();
    times.push(performance.now() - begin);
  }
  a.dispose();
  return 2 * PEAK_SIZE ** 3 / summarize(times).median / 1e6;
}
