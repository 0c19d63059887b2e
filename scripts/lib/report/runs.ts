/**
 * The runs in a results folder: every CSV file of the training tasks, checked.
 *
 * @module
 */
import { bigramRuns, type Stage, type StageName, stages } from "@hugo-lab/model";
import {
  lossesIn,
  type LossRow,
  readNumber,
  readRunRows,
  rewrite,
  type Rows,
  samplesIn,
  secondsIn,
} from "../run/read_csv.ts";
import notebookFile from "./notebook.json" with { type: "json" };

/** One training run: a stage's, or one of bigram's three. */
export interface Run {
  stage: Stage;
  /** As the report calls it. */
  title: string;
  losses: LossRow[];
  /** Seconds since the start, by step. */
  seconds: Map<number, number>;
  sample?: string;
  /** What the weights of the lowest validation loss wrote, where the run tells it. */
  bestSample?: { step: number; text: string };
  /** Whether the run came to its end: its sample is written last. */
  finished: boolean;
  /** What the notebook gives for it. */
  notebook?: NotebookRun;
}

/** A run of the notebook. */
export interface NotebookRun {
  losses: LossRow[];
  sample: string;
  seconds?: number;
}

/** The notebook's runs by title, and where they are from. */
export const notebook: { source: string; runs: Record<string, NotebookRun> } = {
  source: notebookFile.source,
  runs: Object.fromEntries(
    Object.entries(notebookFile.runs).map(([title, run]) => [title, {
      ...run,
      losses: run.losses.map(([step, trainLoss, valLoss]) => ({ step, trainLoss, valLoss })),
    }]),
  ),
};

/** The runs of every stage, in the notebook's order; a stage that was not run has none. */
export async function readRuns(folder: string): Promise<Map<StageName, Run[]>> {
  const runs = new Map<StageName, Run[]>();
  for (const stage of Object.values(stages)) runs.set(stage.name, await readStage(folder, stage));
  return runs;
}

/** A stage's runs: bigram's are told apart by their length. */
async function readStage(folder: string, stage: Stage): Promise<Run[]> {
  const task = stage.name;
  const { losses, samples, timings } = await readRunRows(`${folder}/${task}`, task, rewrite(task));
  const lengths = new Set(losses.rows.map(({ row }) => row.iterations)); // undefined but for bigram
  return [...lengths].map((iterations) => {
    const ofRun = ({ file, rows }: Rows) => ({
      file,
      rows: rows.filter(({ row }) => row.iterations === iterations),
    });
    const length = iterations === undefined ? undefined : readNumber(iterations, losses.file);
    const title = length === undefined ? task : `${task} ${length}`;
    const rows = lossesIn(ofRun(losses));
    const seconds = secondsIn(ofRun(timings));
    const sampled = samplesIn(ofRun(samples));
    const sample = sampled.at(-1);
    const last = length === undefined ? rows.at(-1)?.step : length - 1;
    const finished = sample !== undefined && sample.step === last;
    return {
      stage,
      title,
      losses: rows,
      seconds,
      sample: finished ? sample?.text : undefined, // an older run's sample is not this one's
      bestSample: finished ? sampled.at(-2) : undefined,
      finished,
      notebook: notebook.runs[title],
    };
  });
}

/** The runs the lab is made of, whether they were made or not. */
export function expectedTitles({ name }: Stage): string[] {
  return name === "bigram" ? bigramRuns.map((iters) => `${name} ${iters}`) : [name];
}
