/**
 * A training task: what single_head to scaled have in common, from their flags to their files.
 *
 * @module
 */
import {
  buildModel,
  Generator,
  type Stage,
  type StageName,
  stages,
  Trainer,
} from "@hugo-lab/model";
import { notify, space } from "../task/notices.ts";
import { formatSeconds } from "../task/progress.ts";
import { type Task, task } from "../task/task.ts";
import { memoryOf, useBackendFor } from "./backend.ts";
import { sampleBest } from "./best_sample.ts";
import { estimateSeconds } from "./estimate.ts";
import { applyFlags, type RunFlags, type RunValues, sharedFlags, stageFlags } from "./flags.ts";
import { OpenRun } from "./open.ts";
import { writeSample } from "./sample.ts";
import { tellTestLoss } from "./test_part.ts";
import { train } from "./train.ts";

/** Runs longer than this are announced. */
const LONG_SECONDS = 60;

/** The rows of a task's losses.csv. */
export type LossRows = readonly (readonly string[])[];

/** The task that trains a stage. */
export function trainingTask(name: StageName): Task<RunFlags, LossRows> {
  const stage = stages[name];
  return task({
    name,
    about: stage.title,
    flags: stageFlags(stage),
    others: sharedFlags,
    run: (values) => trainStage(applyFlags(stage, values), values),
  });
}

/**
 * Trains a stage, prints what the notebook prints and writes the results.
 *
 * @param preset which one it is and why, where a stage has several: it is told more of these
 */
export async function trainStage(
  asked: Stage,
  values: RunValues,
  preset?: string,
): Promise<LossRows> {
  using run = await OpenRun.open(asked, [asked], values);
  const { stage } = run;
  const announceBackend = await useBackendFor(stage, run.vocabulary, values);
  const dump = run.dump(stage);

  const generator = new Generator(stage.training.seed);
  const model = buildModel(run.vocabulary.size, stage.model, generator).initialize(generator);
  const trainer = new Trainer(model, run.data, stage.training, generator);
  const start = await run.begin(stage, trainer);
  announceBackend();
  if (preset) notify(values)(`${preset}; about ${memoryOf(stage, run.vocabulary)} of memory`);
  console.log(`${model.countParameters() / 1e6} M parameters`);
  const seconds = await estimateSeconds(model, stage.training, run.data.val.length);
  if (seconds > LONG_SECONDS) notify(values)(`this will take about ${formatSeconds(seconds)}`);

  await dump?.weights("initial_weights", model);
  await train(run, trainer, start, { dump, inFull: preset !== undefined });
  await dump?.finish(model);

  const { prompt, sampleLength } = stage.training;
  const before = generator.state;
  const text = await writeSample(run, model, generator, sampleLength);
  // The small stages' samples are the notebook's, which has one each.
  const best = stage.name === "scaled" ? await sampleBest(run, trainer, before) : [];
  const [lastStep] = run.results.losses.rows.at(-1)!; // where patience ended it, if it did
  await tellTestLoss(run, model, trainer);
  run.results.samples.append(...best, [lastStep, prompt, text]); // at the end: it tells that all is done
  space(values);
  notify(values)(`results are in ${run.folder}`);
  trainer.dispose();
  model.dispose();
  return run.results.losses.rows;
}
