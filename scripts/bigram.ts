/** `deno task bigram`: the table model before and after 100, 1000 and 10000 iterations. @module */
import * as tf from "@hugo-lab/model/tf";
import {
  buildModel,
  checkBlockSize,
  getBatch,
  type Split,
  splitData,
  type Stage,
  Trainer,
  TrainingResults,
  Vocabulary,
} from "@hugo-lab/model";
import { Checkpoints } from "./lib/checkpoints.ts";
import { Dump } from "./lib/dump.ts";
import { useBackendOf } from "./lib/flags.ts";
import { bigramGenerator, bigramOfLength, bigramSettings, infoOf } from "./lib/run.ts";
import { encodePrompt, readStageFlags, sayWhereItBegins, train, writeSample } from "./lib/stage.ts";
import { corpusOf, notify, resultsFolder, runTask } from "./lib/task.ts";

/** The lengths of the notebook's three runs. */
const RUNS = [100, 1000, 10000];

/** The task. */
export async function bigram(args: string[]): Promise<void> {
  const flags = readStageFlags("bigram", args);
  if (!flags) return;
  const { stage, values } = flags;
  const corpus = await corpusOf(values);
  const vocabulary = Vocabulary.of(corpus.characters, "first appearance");
  const data = splitData(vocabulary.encode(corpus.characters));
  checkBlockSize(data, stage.model.blockSize);
  const prompt = encodePrompt(vocabulary, stage.training.prompt);
  const folder = resultsFolder(values, corpus, "bigram");
  const results = new TrainingResults(folder, ["iterations"]);
  const lengths = values.iters ? [stage.training.iters] : RUNS;
  const interval = values["eval-interval"] as number | undefined;
  const runs = lengths.map((iters) => bigramOfLength(stage, iters, interval));
  const settingsOf = (run: Stage) => bigramSettings(run, corpus, vocabulary, runs.length);
  using checkpoints = new Checkpoints(folder, results, infoOf(stage, vocabulary));
  const saved = values.resume ? await checkpoints.load() : undefined;
  const first = values.iters || !saved ? 0 : Math.max(0, lengths.indexOf(saved.iters));
  await checkpoints.check(settingsOf(runs[first]), lengths[first]);
  const announceBackend = await useBackendOf(values, stage);

  announceBackend();
  await showUntrained(stage, vocabulary, data, prompt, checkpoints);
  for (const run of runs.slice(first)) {
    const { training } = run;
    const { iters } = training;
    const dump = values.dump ? new Dump(String(values.dump), run) : undefined;
    const generator = bigramGenerator(stage, data);
    const model = buildModel(vocabulary.size, stage.model).initialize(generator);
    const trainer = new Trainer(model, data, training, generator);
    const start = await checkpoints.begin(trainer, settingsOf(run));
    console.log(`\n${iters} iterations`);
    if (run === runs[first]) sayWhereItBegins(values, folder, start);
    await dump?.weights("initial_weights", model);
    await train(trainer, results, checkpoints, start, dump, Boolean(values.quiet), {
      extra: [iters],
      evaluateAt: (step) => step % training.evalInterval === 0,
    });
    await dump?.finish(model);
    const { sampleLength } = training;
    const text = await writeSample(model, generator, vocabulary, prompt, sampleLength, checkpoints);
    results.samples.append([iters - 1, training.prompt, text, iters]);
    trainer.dispose();
    model.dispose();
  }
  notify(values)(`results are in ${folder}`);
}

/** What the model knows before training: its loss is near that of guessing all alike. */
async function showUntrained(
  stage: Stage,
  vocabulary: Vocabulary,
  data: Split,
  prompt: Int32Array,
  checkpoints: Checkpoints,
): Promise<void> {
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
  await writeSample(model, generator, vocabulary, prompt, training.sampleLength, checkpoints);
  model.dispose();
}

if (import.meta.main) await runTask(bigram);
