/**
 * The report's tables: all stages, and a run's rows, beside the notebook's figures.
 *
 * @module
 */
import { buildModel, type StageName, stages } from "@hugo-lab/model";
import { formatSeconds } from "../task/progress.ts";
import type { Table } from "./document.ts";
import { type Findings, isComparable, modelOf } from "./gather.ts";
import type { LossRow } from "../run/read_csv.ts";
import { expectedTitles, notebook, type NotebookRun, type Run } from "./runs.ts";

/** What stands in a cell for which there is nothing. */
export const NOTHING = "–";

const LOSS_COLUMNS = [
  "train loss",
  "notebook",
  "difference",
  "validation loss",
  "notebook",
  "difference",
];

/** A loss as the notebook prints it. */
export function showLoss(loss: number | undefined): string {
  return loss === undefined ? NOTHING : loss.toFixed(4);
}

/** How far a loss is from another, with its sign. */
export function showDifference(ours: number | undefined, other: number | undefined): string {
  if (ours === undefined || other === undefined) return NOTHING;
  const difference = Number(ours.toFixed(4)) - Number(other.toFixed(4));
  if (!Number.isFinite(difference)) return NOTHING; // a training diverged
  const shown = Math.abs(difference).toFixed(4);
  if (Number(shown) === 0) return shown;
  return `${difference < 0 ? "−" : "+"}${shown}`;
}

/** A duration; short ones with a tenth of a second. */
export function showSeconds(seconds: number | undefined): string {
  if (seconds === undefined) return NOTHING;
  return seconds < 60 ? `${precise(seconds, seconds)} s` : formatSeconds(seconds);
}

/** Seconds of a run that lasts so long: with a tenth, or what is needed to see a short time. */
function precise(seconds: number, whole: number): string {
  return seconds.toFixed(whole < 1 ? 3 : 1);
}

/** How many parameters a stage's model has; unknown without a vocabulary. */
export function parameterCount(findings: Findings, stage: StageName): number | undefined {
  const { config, vocabSize } = modelOf(findings, stage);
  return vocabSize === undefined ? undefined : buildModel(vocabSize, config).countParameters();
}

/** The same as text. */
export function countParameters(findings: Findings, stage: StageName): string {
  return parameterCount(findings, stage)?.toLocaleString("en") ?? NOTHING;
}

/** The last evaluation of every run, those not yet made among them. */
export function resultTable(findings: Findings): Table {
  const rows = Object.values(stages).flatMap((stage) => {
    const runs = findings.runs.get(stage.name)!;
    const parameters = countParameters(findings, stage.name);
    const showsNotebook = isComparable(findings, stage.name);
    const titles = runs.length > 0 ? runs.map((run) => run.title) : expectedTitles(stage);
    return titles.map((title) => {
      const run = runs.find((run) => run.title === title);
      const [last, of] = [run?.losses.at(-1), notebook.runs[title]?.losses.at(-1)];
      const seconds = run && [...run.seconds.values()].at(-1);
      return [
        title,
        parameters,
        run ? `${last?.step ?? NOTHING}${run.finished ? "" : ", unfinished"}` : "not yet run",
        ...lossCells(last, showsNotebook ? of : undefined),
        showSeconds(seconds),
      ];
    });
  });
  return {
    kind: "table",
    caption: "The last evaluation of every stage, in nats a character",
    columns: ["stage", "parameters", "last step", ...LOSS_COLUMNS, "time"],
    textColumns: 1,
    rows,
  };
}

/** A run's rows beside the notebook's. */
export function rowsTable(run: Run, notebook: NotebookRun | undefined): Table {
  const others = notebook?.losses ?? [];
  const steps = [...run.losses, ...others].map(({ step }) => step);
  const whole = Math.max(...run.seconds.values());
  const at = (rows: LossRow[], step: number) => rows.find((row) => row.step === step);
  return {
    kind: "table",
    caption: `${run.title}: every evaluation`,
    columns: ["step", ...LOSS_COLUMNS, "seconds"],
    textColumns: 0,
    rows: [...new Set(steps)].sort((a, b) => a - b).map((step) => [
      String(step),
      ...lossCells(at(run.losses, step), at(others, step)),
      run.seconds.has(step) ? precise(run.seconds.get(step)!, whole) : NOTHING,
    ]),
  };
}

/** Ours, the other's and the difference, of the train and of the validation loss. */
function lossCells(ours: LossRow | undefined, other: LossRow | undefined): string[] {
  const comparable = ours?.step === other?.step;
  return (["trainLoss", "valLoss"] as const).flatMap((key) => [
    showLoss(ours?.[key]),
    showLoss(other?.[key]),
    comparable ? showDifference(ours?.[key], other?.[key]) : NOTHING,
  ]);
}
