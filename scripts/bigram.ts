/** `deno task bigram`: the table model before and after 100, 1000 and 10000 iterations. @module */
import * as tf from "@hugo-lab/model/tf";
import {
  bigramRuns,
  buildModel,
  Generator,
  getBatch,
  type Split,
  type Stage,
  stages,
  Trainer,
} from "@hugo-lab/model";
import { checkMemoryOf, useBackendOf } from "./lib/run/backend.ts";
import { applyFlags, type RunValues, sharedFlags, stageFlags } from "./lib/run/flags.ts";
import { OpenRun } from "./lib/run/open.ts";
import { writeSample } from "./lib/run/sample.ts";
import type { LossRows } from "./lib/run/stage.ts";
import { train } from "./lib/run/train.ts";
import { notify } from "./lib/task/notices.ts";
import { main, task } from "./lib/task/task.ts";

/** Each run is evaluated so many times. */
const EVALUATIONS = 10;

/** The task. */
export const bigram = task({
  name: "bigram",
  about: stages.bigram.title,
  flags: stageFlags(stages.bigram),
  others: sharedFlags,
  async run(values): Promise<LossRows> {
    const stage = applyFlags(stages.bigram, values);
    const lengths = values.iters === undefined ? bigramRuns : [values.iters];
    const runs = lengths.map((iters) => ofLength(stage, values, iters));
    using open = await OpenRun.open(stage, runs, values, {
      order: "first appearance",
      extra: ["iterations"],
    });
    const announceBackend = await useBackendOf(values, stage);
    checkMemoryOf(open.stage, open.vocabulary);

    announceBackend();
    await showUntrained(open);
    for (const run of open.runs.slice(open.first)) await trainRun(open, run);
    notify(values)(`results are in ${open.folder}`);
    return open.results.losses.rows;
  },
});

/** The stage with a run's length, and evaluations spread over it unless the flags say otherwise. */
function ofLength(stage: Stage, values: RunValues, iters: number): Stage {
  const evalInterval = values["eval-interval"] ?? Math.max(1, Math.floor(iters / EVALUATIONS));
  return { ...stage, training: { ...stage.training, iters, evalInterval } };
}

/** Trains one of the runs. */
async function trainRun(open: OpenRun, run: Stage): Promise<void> {
  const { vocabulary, data, results } = open;
  const { iters, evalInterval, prompt, sampleLength } = run.training;
  const dump = open.dump(run);
  const generator = startGenerator(run, data);
  const model = buildModel(vocabulary.size, run.model).initialize(generator);
  const trainer = new Trainer(model, data, run.training, generator);
  console.log(`\n${iters} iterations`);
  const start = await open.begin(run, trainer);
  await dump?.weights("initial_weights", model);
  const evaluateAt = (iteration: number) => iteration % evalInterval === 0;
  await train(open, trainer, start, { dump, extra: [iters], evaluateAt });
  await dump?.finish(model);
  const text = await writeSample(open, model, generator, sampleLength);
  results.samples.append([iters - 1, prompt, text, iters]);
  trainer.dispose();
  model.dispose();
}

/**
 * The generator each run starts from: behind the draws of the cells before it in the notebook, a
 * window for the contexts and one batch. Where the notebook's own stood is unknown: its cells ran
 * out of order.
 */
function startGenerator({ model, training }: Stage, data: Split): Generator {
  const generator = new Generator(training.seed);
  generator.randint(data.train.length + data.val.length - model.blockSize);
  getBatch(data.train, training.batchSize, model.blockSize, generator);
  return generator;
}

/** What the model knows before training: its loss is near that of guessing all alike. */
async function showUntrained(open: OpenRun): Promise<void> {
  const { stage, vocabulary, data } = open;
  const { model: config, training } = stage;
  const generator = startGenerator(stage, data);
  const model = buildModel(vocabulary.size, config).initialize(generator);
  const { x, y, shape } = getBatch(data.train, training.batchSize, config.blockSize, generator);
  console.log(`logits (${shape[0] * shape[1]}, ${vocabulary.size})`);
  const loss = tf.tidy(() =>
    model.loss(tf.tensor2d(x, shape, "int32"), tf.tensor2d(y, shape, "int32"))
  );
  console.log(`Expected loss ${Math.log(vocabulary.size)}`);
  console.log(`Computed loss ${(await loss.data())[0]}`);
  loss.dispose();
  await writeSample(open, model, generator, training.sampleLength);
  model.dispose();
}

if (import.meta.main) await main(bigram);
