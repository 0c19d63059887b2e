/**
 * Trains a stage with a student's part in it, in a worker that may read files and nothing else.
 *
 * @module
 */
/// <reference lib="webworker" />
import * as lab from "@hugo-lab/model";
import { bigramGenerator, bigramOfLength } from "../run/settings.ts";
import type { ExerciseName } from "./catalogue.ts";
import { isGolden, type Lab, modelWith } from "./probes.ts";

/** What the worker is told. */
export interface TrainOrder {
  name: ExerciseName;
  /** The student's file. */
  url: string;
  /** The vocabulary, and the text in its numbers. */
  characters: readonly string[];
  numbers: lab.Split["train"];
  /** Another length than the stage's. */
  iters?: number;
}

/** What it tells. */
export type TrainReport =
  | { kind: "begins"; title: string; iters: number; parameters: number }
  | { kind: "step"; step: number; loss: number }
  | { kind: "evaluation"; evaluation: lab.Evaluation }
  | { kind: "sample"; text: string }
  | { kind: "failed"; reason: string }
  | { kind: "done" };

const TOLD_EVERY = 50;
const worker = self as unknown as DedicatedWorkerGlobalScope;
const tell = (report: TrainReport) => worker.postMessage(report);

async function trainAll(order: TrainOrder): Promise<void> {
  const { name, url, characters, numbers, iters } = order;
  const mixed: Lab = { ...lab, ...await import(url) };
  await lab.useBackend("lab", 1);
  const vocabulary = new lab.Vocabulary(characters);
  const data = mixed.splitData(numbers);
  if (isGolden(name)) {
    const stage = withIters(lab.stages[name], iters);
    const generator = new lab.Generator(stage.training.seed);
    const model = modelWith(name, mixed, vocabulary.size, generator).initialize(generator);
    await train(name, mixed, { stage, data, model, generator, vocabulary });
    return;
  }
  for (const length of iters === undefined ? lab.bigramRuns : [iters]) {
    const stage = bigramOfLength(lab.stages.bigram, length);
    const generator = bigramGenerator(stage, data);
    const { blockSize } = stage.model;
    const model = new mixed.BigramLanguageModel(vocabulary.size, blockSize).initialize(generator);
    await train(`bigram ${length}`, mixed, { stage, data, model, generator, vocabulary });
  }
}

interface Run {
  stage: lab.Stage;
  data: lab.Split;
  model: lab.LanguageModel;
  generator: lab.Generator;
  vocabulary: lab.Vocabulary;
}

async function train(title: string, mixed: Lab, run: Run): Promise<void> {
  const { stage: { name, training }, data, model, generator, vocabulary } = run;
  const trainer = new class extends lab.Trainer {
    override getBatch(part: "train" | "val"): lab.Batch {
      return mixed.getBatch(data[part], training.batchSize, model.blockSize, generator);
    }
  }(model, data, training, generator);
  tell({ kind: "begins", title, iters: training.iters, parameters: model.countParameters() });
  for (let step = 0; step < training.iters; step++) {
    const isEvaluated = name === "bigram"
      ? step % training.evalInterval === 0
      : lab.isEvaluated(step, training);
    if (isEvaluated) tell({ kind: "evaluation", evaluation: await trainer.evaluate() });
    const loss = await trainer.step();
    if (step % TOLD_EVERY === 0) tell({ kind: "step", step, loss });
  }
  const prompt = vocabulary.has(training.prompt) ? training.prompt : vocabulary.characters[0];
  let text = prompt;
  const numbers = lab.generate(model, generator, vocabulary.encode(prompt), training.sampleLength);
  for await (const number of numbers) text += vocabulary.decode([number]);
  tell({ kind: "sample", text });
  trainer.dispose();
  model.dispose();
}

function withIters(stage: lab.Stage, iters = stage.training.iters): lab.Stage {
  return { ...stage, training: { ...stage.training, iters } };
}

worker.onmessage = ({ data }: MessageEvent<TrainOrder>) => {
  trainAll(data).then(() => tell({ kind: "done" }), (error) => {
    tell({ kind: "failed", reason: error instanceof Error ? error.message : String(error) });
  });
};
