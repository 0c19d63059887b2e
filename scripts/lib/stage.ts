/**
 * One training task from its flags to its files: what single_head to scaled have in common.
 *
 * @module
 */
import {
  buildModel,
  checkBlockSize,
  type Evaluation,
  formatLoss,
  generate,
  Generator,
  isEvaluated,
  type LanguageModel,
  splitData,
  type Stage,
  type StageName,
  stages,
  Trainer,
  TrainingResults,
  UserError,
  Vocabulary,
} from "@hugo-lab/model";
import { Checkpoints, type Start } from "./checkpoints.ts";
import { Dump } from "./dump.ts";
import { estimateSeconds } from "./estimate.ts";
import {
  applyFlags,
  type FlagName,
  type FlagValues,
  helpText,
  parseFlags,
  stageFlags,
  useBackendOf,
} from "./flags.ts";
import { formatSeconds, Progress } from "./progress.ts";
import { infoOf, runSettings } from "./run.ts";
import { corpusOf, notify, resultsFolder } from "./task.ts";

/** Runs longer than this are announced. */
const LONG_SECONDS = 60;

/** Reads a stage's flags; shows the help and gives nothing if that was asked for. */
export function readStageFlags(
  name: StageName,
  args: string[],
): { stage: Stage; values: FlagValues } | undefined {
  const stage = stages[name];
  const allowed = stageFlags(stage);
  const values = parseFlags(name, allowed, args);
  if (values.resume && values.dump) {
    throw new UserError("--dump shows a run's beginning: leave out --resume, or --dump");
  }
  if (!values.help) return { stage: applyFlags(stage, values), values };
  console.log(helpText(name, stage.title, allowed, stage));
}

/** Trains a stage as its flags say, prints what the notebook prints and writes the results. */
export async function runStage(name: StageName, args: string[]): Promise<void> {
  const flags = readStageFlags(name, args);
  if (!flags) return;
  const { stage, values } = flags;
  const corpus = await corpusOf(values);
  const vocabulary = Vocabulary.of(corpus.characters, "code point");
  const data = splitData(vocabulary.encode(corpus.characters));
  checkBlockSize(data, stage.model.blockSize);
  const prompt = encodePrompt(vocabulary, stage.training.prompt);
  const folder = resultsFolder(values, corpus, name);
  const results = new TrainingResults(folder);
  const dump = values.dump ? new Dump(String(values.dump), stage) : undefined;
  const settings = runSettings(stage, corpus, vocabulary);
  using checkpoints = new Checkpoints(folder, results, infoOf(stage, vocabulary));
  if (values.resume) await checkpoints.load();
  await checkpoints.check(settings, stage.training.iters);
  const announceBackend = await useBackendOf(values, stage);

  const generator = new Generator(stage.training.seed);
  const model = buildModel(vocabulary.size, stage.model, generator).initialize(generator);
  const trainer = new Trainer(model, data, stage.training, generator);
  const start = await checkpoints.begin(trainer, settings);
  sayWhereItBegins(values, folder, start);
  announceBackend();
  console.log(`${model.countParameters() / 1e6} M parameters`);
  const seconds = await estimateSeconds(model, stage.training);
  if (seconds > LONG_SECONDS) notify(values)(`this will take about ${formatSeconds(seconds)}`);

  await dump?.weights("initial_weights", model);
  await train(trainer, results, checkpoints, start, dump, Boolean(values.quiet));
  await dump?.finish(model);

  const step = stage.training.iters - 1;
  const { sampleLength } = stage.training;
  const text = await writeSample(model, generator, vocabulary, prompt, sampleLength, checkpoints);
  results.samples.append([step, stage.training.prompt, text]);
  notify(values)(`results are in ${folder}`);
  trainer.dispose();
  model.dispose();
}

/** Says with `--resume` where a run goes on. */
export function sayWhereItBegins(
  values: FlagValues,
  folder: string,
  { iteration, iters, isResumed }: Start,
): void {
  if (!values.resume) return;
  const gone = iteration >= iters
    ? `going on from the end of ${iters} iterations: more --iters extend the run`
    : `going on from iteration ${iteration}`;
  notify(values)(isResumed ? gone : `no checkpoint in ${folder}: starting afresh`);
}

/** The prompt's numbers. @throws {UserError} if it is empty or has a character of no text */
export function encodePrompt(vocabulary: Vocabulary, prompt: string): Int32Array {
  if (prompt === "") throw new UserError("--prompt needs at least one character");
  return encodeFlag(vocabulary, "prompt", prompt);
}

/** The numbers of the text that a flag gave. @throws {UserError} if it has an unknown character */
export function encodeFlag(vocabulary: Vocabulary, flag: FlagName, text: string): Int32Array {
  try {
    return vocabulary.encode(text);
  } catch (error) {
    throw error instanceof UserError ? error.within(`--${flag}: `) : error;
  }
}

/** The line of an evaluation, as the notebook prints it. */
export function evaluationLine({ step, trainLoss, valLoss }: Evaluation): string {
  return `step ${step}: train loss ${trainLoss.toFixed(4)}, val loss ${valLoss.toFixed(4)}`;
}

/** Trains from where a run starts to its end, printing and writing each evaluation. */
export async function train(
  trainer: Trainer,
  results: TrainingResults,
  checkpoints: Checkpoints,
  start: Start,
  dump: Dump | undefined,
  quiet: boolean,
  { extra = [], evaluateAt = (step) => isEvaluated(step, trainer.config) }: {
    extra?: unknown[];
    evaluateAt?: (step: number) => boolean;
  } = {},
): Promise<void> {
  const before = start.isResumed ? Number(results.timings.rows.at(-1)?.[1] ?? 0) : 0; // seconds
  const started = performance.now() - 1000 * before;
  const { iters } = trainer.config;
  const progress = new Progress(iters, quiet);
  const writeEvaluation = (evaluation: Evaluation) => {
    const { step, trainLoss, valLoss } = evaluation;
    progress.clear();
    console.log(evaluationLine(evaluation));
    results.losses.append([step, formatLoss(trainLoss), formatLoss(valLoss), ...extra]);
    const seconds = (performance.now() - started) / 1000;
    results.timings.append([step, seconds.toFixed(3), ...extra]);
  };
  try {
    for (let step = start.iteration; step < iters; step++) {
      const isDone = start.evaluated && step === start.iteration;
      if (evaluateAt(step) && !isDone) {
        await checkpoints.beforeEvaluation(step);
        const evaluation = await trainer.evaluate((done) => {
          progress.update(step, `evaluating ${Math.round(done * 100)} %`);
          return checkpoints.look(step);
        });
        writeEvaluation(evaluation);
        await checkpoints.afterEvaluation(evaluation);
      }
      const batch = trainer.getBatch("train");
      if (step === 0) await dump?.iteration0(trainer, batch);
      const loss = await trainer.step(batch);
      dump?.loss(loss);
      progress.update(step + 1, `loss ${loss.toFixed(4)}`);
      const waiting = checkpoints.look(step);
      if (waiting) await waiting; // awaiting nothing would still take time
    }
    await checkpoints.finish();
  } finally {
    progress.clear();
  }
}

/** Prints a sample while it is drawn, and gives it whole, prompt included. */
export async function writeSample(
  model: LanguageModel,
  generator: Generator,
  vocabulary: Vocabulary,
  prompt: Int32Array,
  length: number,
  checkpoints: Checkpoints,
): Promise<string> {
  let text = vocabulary.decode(prompt);
  const write = (part: string) => Deno.stdout.write(new TextEncoder().encode(part));
  await write(text);
  for await (const number of generate(model, generator, prompt, length)) {
    const character = vocabulary.decode([number]);
    text += character;
    await write(character);
    checkpoints.endIfSampling();
  }
  await write("\n");
  return text;
}
