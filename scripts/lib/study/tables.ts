/**
 * A study's two tables: its runs, and their means over the seeds.
 *
 * @module
 */
import { stringify } from "@std/csv";
import { formatLoss, writeAtomically } from "@hugo-lab/model";
import type { Outcome } from "./outcome.ts";
import type { Setting } from "./table.ts";

/** The columns of `runs.csv` before those of the settings. */
export const runColumns = [
  "run",
  "stage",
  "seed",
  "parameters",
  "seconds",
  "best_val_loss",
  "best_step",
  "last_step",
  "train_loss",
  "val_loss",
] as const;

/** The columns of `means.csv` before those of the settings. */
export const meanColumns = [
  "stage",
  "parameters",
  "runs",
  "mean_seconds",
  "mean_best_val_loss",
  "deviation_best_val_loss",
  "mean_val_loss",
  "deviation_val_loss",
] as const;

/** Writes both into the study's folder. */
export async function writeTables(folder: string, outcomes: readonly Outcome[]): Promise<void> {
  const flags = [...new Set(outcomes.flatMap(({ run }) => Object.keys(run.setting.flags)))];
  const cellsOf = ({ flags: values }: Setting) => flags.map((flag) => values[flag] ?? "");
  const write = async (name: string, columns: readonly string[], rows: unknown[][]) => {
    const text = stringify([[...columns, ...flags], ...rows]);
    await writeAtomically(`${folder}/${name}.csv`, new TextEncoder().encode(text));
  };
  await write(
    "runs",
    runColumns,
    outcomes.map((one) => [...runCells(one), ...cellsOf(one.run.setting)]),
  );
  await write(
    "means",
    meanColumns,
    bySetting(outcomes, settingOf).map((
      group,
    ) => [...meanCells(group), ...cellsOf(group[0].run.setting)]),
  );
}

/** What an outcome's run was made with. */
export const settingOf = ({ run }: Outcome): Setting => run.setting;

/**
 * Runs that differ by their seeds alone, also where they stand in several rows of the table.
 *
 * @param of what a run was made with
 */
export function bySetting<Run>(
  runs: readonly Run[],
  of: (run: Run) => { stage: string; flags: Record<string, string> },
): Run[][] {
  const keyOf = (run: Run) => {
    const { stage, flags } = of(run);
    return JSON.stringify([stage, Object.entries(flags).sort()]);
  };
  return [...Map.groupBy(runs, keyOf).values()];
}

function runCells({ run, seconds, ...losses }: Outcome): unknown[] {
  return [
    run.name,
    run.setting.stage,
    run.seed,
    run.parameters,
    seconds?.toFixed(3) ?? "",
    formatLoss(losses.bestLoss),
    losses.bestStep,
    losses.lastStep,
    formatLoss(losses.trainLoss),
    formatLoss(losses.valLoss),
  ];
}

function meanCells(group: Outcome[]): unknown[] {
  const { run } = group[0];
  const times = group.flatMap(({ seconds }) => seconds === undefined ? [] : [seconds]);
  const [best, last] = [group.map((one) => one.bestLoss), group.map((one) => one.valLoss)];
  return [
    run.setting.stage,
    run.parameters,
    group.length,
    times.length > 0 ? mean(times).toFixed(3) : "",
    formatLoss(mean(best)),
    deviation(best)?.toFixed(6) ?? "",
    formatLoss(mean(last)),
    deviation(last)?.toFixed(6) ?? "",
  ];
}

/** The mean of some numbers. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The standard deviation, with one less than there are: of one alone there is none. */
export function deviation(values: readonly number[]): number | undefined {
  if (values.length < 2) return undefined;
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}
