/** `deno task bigram`: the table model before and after 100, 1000 and 10000 iterations. @module */
import * as tf from "@hugo-lab/model/tf";
import {
  buildModel,
  checkBlockSize,
  Generator,
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
import { type FlagValues, useBackendOf } from "./lib/flags.ts";
import {
  checkMemoryOf,
  encodePrompt,
  infoOf,
  readStageFlags,
  runSettings,
  sayWhereItBegins,
  train,
  withPrompt,
  writeSample,
} from "./lib/stage.ts";
import { corpusOf, notify, resultsFolder, runTask } from "./lib/task.ts";

/** The lengths of the notebook's three runs. */
const RUNS = [100, 1000, 10000];
/** Each run is evaluated so many times. */
const EVALUATIONS = 10;

/** The task. */
export async function bigram(args: string[]): Promise<void> {
  const flags = readStageFlags("bigram", args);
  if (!flags) return;
  const { values } = flags;
  const corpus = await corpusOf(values);
  const vocabulary = Vocabulary.of(corpus.text, "first appearance");
  const data = splitData(vocabulary.encode(corpus.text));
  const stage = withPrompt(flags.stage, values, vocabulary, corpus);
  checkBlockSize(data, stage.model.blockSize);
  const prompt = encodePrompt(vocabulary, stage.training.prompt);
  const folder = resultsFolder(values, corpus, "bigram");
  const results = new TrainingResults(folder, ["iterations"]);
  const lengths = values.iters ? [stage.training.iters] : RUNS;
  const runs = lengths.map((iters) => ofLength(stage, values, iters));
  const settingsOf = (run: Stage) => {
    return { ...runSettings(run, corpus, vocabulary), "the number of runs": runs.length };
  };
  using checkpoints = new Checkpoints(folder, results, infoOf(stage, vocabulary));
  const saved = values.resume ? await checkpoints.load() : undefined;
  const first = values.iters || !saved ? 0 : Math.max(0, lengths.indexOf(saved.iters));
  await checkpoints.check(settingsOf(runs[first]), lengths[first]);
  const announceBackend = await useBackendOf(values, stage);
  checkMemoryOf(stage, vocabulary);

  announceBackend();
  await showUntrained(stage, vocabulary, data, prompt, checkpoints);
  for (const run of runs.slice(first)) {
    const { training } = run;
    const { iters } = training;
    const dump = values.dump ? new Dump(String(values.dump), run) : undefined;
    const generator = startGenerator(stage, data);
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

/** The stage with a run's length, and evaluations spread over it unless the flags say otherwise. */
function ofLength(stage: Stage, values: FlagValues, iters: number): Stage {
  const interval = values["eval-interval"] ?? Math.max(1, Math.floor(iters / EVALUATIONS));
  return { ...stage, training: { ...stage.training, iters, evalInterval: Number(interval) } };
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
async function showUntrained(
  stage: Stage,
  vocabulary: Vocabulary,
  data: Split,
  prompt: Int32Array,
  checkpoints: Checkpoints,
): Promise<void> {
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
  await writeSample(model, generator, vocabulary, prompt, training.sampleLength, checkpoints);
  model.dispose();
}

if (import.meta.main) await runTask(bigram);
