/** Training with a student's own class, the notebook's losses beside it. @module */
import { type Corpus, type Evaluation, UserError, Vocabulary } from "@hugo-lab/model";
import { fold } from "../task/lines.ts";
import { Progress } from "../task/progress.ts";
import { type ExerciseName, exercises } from "./catalogue.ts";
import { isGolden } from "./probes.ts";
import type { TrainOrder, TrainReport } from "./train_worker.ts";

/** The losses of a run in the notebook by its title; none, if there is no such run. */
export type NotebookLosses = (title: string) => readonly Evaluation[] | undefined;

/** Differences that are shown as none. */
const SAME = 0.00005;

/**
 * Trains and prints.
 *
 * @returns whether it came to its end
 */
export async function trainExercise(
  name: ExerciseName,
  url: URL,
  { text }: Corpus,
  notebook: NotebookLosses,
  iters?: number,
): Promise<boolean> {
  if (name === "stats") {
    throw new UserError("stats has nothing to train: the exercises from split on have");
  }
  const vocabulary = Vocabulary.of(text, isGolden(name) ? "code point" : "first appearance");
  const { characters } = vocabulary;
  const order: TrainOrder = {
    name,
    url: url.href,
    characters,
    numbers: vocabulary.encode(text),
    iters,
  };
  console.log(`with your ${exercises[name].declarations.join(" and ")}`);
  const screen = new Screen(notebook);
  const failure = await reports(order, (report) => screen.show(report));
  if (failure === undefined) return true;
  console.log(fold(`not yet: ${failure}`));
  return false;
}

/** Listens to a worker until it is done; gives why it failed, if it did. */
function reports(
  order: TrainOrder,
  listen: (report: TrainReport) => void,
): Promise<string | undefined> {
  const worker = new Worker(new URL("./train_worker.ts", import.meta.url), {
    type: "module",
    deno: { permissions: { read: true } },
  } as WorkerOptions);
  return new Promise((resolve) => {
    const end = (reason?: string) => {
      worker.terminate();
      resolve(reason);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      end(event.message);
    };
    worker.onmessage = ({ data }: MessageEvent<TrainReport>) => {
      listen(data);
      if (data.kind === "done") end();
      if (data.kind === "failed") end(data.reason);
    };
    worker.postMessage(order);
  });
}

/** What a student sees of it. */
class Screen {
  #progress?: Progress;
  #notebook: readonly Evaluation[] = [];
  #differences: number[] = [];

  constructor(readonly notebook: NotebookLosses) {}

  show(report: TrainReport): void {
    if (report.kind === "step") {
      return this.#progress!.update(report.step, `loss ${report.loss.toFixed(4)}`);
    }
    this.#progress?.clear();
    if (report.kind === "begins") this.#begin(report.title, report.iters, report.parameters);
    if (report.kind === "evaluation") this.#row(report.evaluation);
    if (report.kind === "sample") this.#end(report.text);
  }

  #begin(title: string, iters: number, parameters: number): void {
    this.#progress = new Progress(iters, false);
    this.#notebook = this.notebook(title) ?? [];
    this.#differences = [];
    console.log(`\n${title}, ${parameters / 1e6} M parameters\n`);
    console.log(cells("step", "train", "notebook", "validation", "notebook"));
  }

  #row({ step, trainLoss, valLoss }: Evaluation): void {
    const other = this.#notebook.find((row) => row.step === step);
    const loss = (value?: number) => value?.toFixed(4) ?? "";
    console.log(
      cells(step, loss(trainLoss), loss(other?.trainLoss), loss(valLoss), loss(other?.valLoss)),
    );
    if (!other) return;
    const round = (value: number) => Number(value.toFixed(4));
    this.#differences.push(
      Math.abs(round(trainLoss) - other.trainLoss),
      Math.abs(round(valLoss) - other.valLoss),
    );
  }

  #end(text: string): void {
    const largest = Math.max(...this.#differences);
    if (this.#differences.length > 0) {
      console.log(
        largest < SAME
          ? "\nThe notebook's losses in every digit."
          : `\nThe notebook's losses are at most ${largest.toFixed(4)} away.`,
      );
    }
    console.log(`\n${text.replace(/^\n/, "")}\n`);
  }
}

function cells(step: number | string, ...losses: string[]): string {
  return [String(step).padEnd(6), ...losses.map((loss) => loss.padStart(11))].join("").trimEnd();
}
