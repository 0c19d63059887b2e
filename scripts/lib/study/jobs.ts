/**
 * A study for other machines: each run one command with a folder of its own, as a job array for
 * Slurm or as a line for GNU parallel. What they leave is joined by `--collect`.
 *
 * @module
 */
import { typed } from "../task/command.ts";
import { argumentsOf } from "./lanes.ts";
import type { PlannedRun } from "./plan.ts";

/** The programs that the commands can be written for. */
export const schedulers = ["slurm", "parallel"] as const;

/** What a job has. */
export interface Job {
  /** The study's name. */
  name: string;
  /** The folder of its runs. */
  folder: string;
  /** Arguments of every run. */
  shared: readonly string[];
}

/** Seconds before Slurm's time limit at which a run is told to stop: it then writes a checkpoint. */
const NOTICE_SECONDS = 60;

/** What is to be given to the scheduler. */
export function writeJobs(
  scheduler: typeof schedulers[number],
  runs: readonly PlannedRun[],
  { name, folder, shared }: Job,
): string {
  const commands = runs.map((run) => typed(run.setting.stage, argumentsOf(run, folder, shared, 1)));
  if (scheduler === "parallel") {
    return ["parallel <<'END OF RUNS'", ...commands, "END OF RUNS"].join("\n");
  }
  return [
    "#!/bin/sh",
    `#SBATCH --job-name=${name}`,
    `#SBATCH --array=1-${runs.length}`,
    "#SBATCH --ntasks=1",
    "#SBATCH --cpus-per-task=1",
    `#SBATCH --signal=B:TERM@${NOTICE_SECONDS}`,
    "# sbatch it in the lab's folder. An interrupted run goes on when its job is given again.",
    'case "$SLURM_ARRAY_TASK_ID" in',
    ...commands.map((command, i) => `${i + 1}) exec ${command} ;;`),
    "esac",
  ].join("\n");
}
