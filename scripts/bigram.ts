/** `deno task bigram`: the table model before and after 100, 1000 and 10000 iterations. @module */
import * as tf from "@hugo-lab/model/tf";
import { bigramRuns, buildModel, getBatch, type Stage, stages, Trainer } from "@hugo-lab/model";
import { withClosing } from "./lib/report/closing.ts";
import { useBackendFor } from "./lib/run/backend.ts";
import { applyFlags, sharedFlags, stageFlags } from "./lib/run/flags.ts";
import { OpenRun } from "./lib/run/open.ts";
import { writeSample } from "./lib/run/sample.ts";
import { bigramGenerator, bigramOfLength } from "./lib/run/settings.ts";
import type { LossRows } from "./lib/run/stage.ts";
import { train } from "./lib/run/train.ts";
import { notify, space } from "./lib/task/notices.ts";
import { main, task } from "./lib/task/task.ts";

/** The task. */
export const bigram = task({
  name: "bigram",
  about: stages.bigram.title,
  flags: stageFlags(stages.bigram),
  others: sharedFlags,
  async run(values): Promise<LossRows> {
    const stage = applyFlags(stages.bigram, values);
    const lengths = values.iters === undefined ? bigramRuns : [values.iters];
    const runs = lengths.map((iters) => bigramOfLength(stage, iters, values["eval-interval"]));
    using open = await OpenRun.open(stage, runs, values, {
      order: "first appearance",
      extra: ["iterations"],
    });
    const announceBackend = await useBackendFor(open.stage, open.vocabulary, values);

    announceBackend();
    await showUntrained(open);
    for (const run of open.runs.slice(open.first)) await trainRun(open, run);
    space(values);
    notify(values)(`results are in ${open.folder}`);
    return open.results.losses.rows;
  },
});

/** Trains one of the runs. */
async function trainRun(open: OpenRun, run: Stage): Promise<void> {
  const { vocabulary, data, results } = open;
  const { iters, evalInterval, prompt, sampleLength } = run.training;
  const dump = open.dump(run);
  const generator = bigramGenerator(run, data);
  const model = buildModel(vocabulary.size, run.model).initialize(generator);
  const trainer = new Trainer(model, data, run.training, generator);
  console.log(`\n${iters} iterations`);
  const start = await open.begin(run, trainer);
  await dump?.weights("initial_weights", model);
  const evaluateAt = (iteration: number) => iteration % evalInterval === 0;
  const made = await train(open, trainer, start, { dump, extra: [iters], evaluateAt });
  await dump?.finish(model);
  const text = await writeSample(open, model, generator, sampleLength);
  results.samples.append([made - 1, prompt, text, iters]);
  trainer.dispose();
  model.dispose();
}

/** What the model knows before training: its loss is near that of guessing all alike. */
async function showUntrained(open: OpenRun): Promise<void> {
  const { stage, vocabulary, data } = open;
  const { model: config, training } = stage;
  const generator = bigramGenerator(stage, data);
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

if (import.meta.main) await main(withClosing(bigram));
