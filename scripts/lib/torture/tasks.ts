/**
 * The tasks that can be called, by their names: from here their flags are known, and a host
 * (host.ts) runs them.
 *
 * @module
 */
import { type StageName, stages } from "@hugo-lab/model";
import { attention } from "../../attention.ts";
import { bigram } from "../../bigram.ts";
import { data } from "../../data.ts";
import { exportStage } from "../../export.ts";
import { generate } from "../../generate.ts";
import { installTensorFlow } from "../../install_tensorflow.ts";
import { lab } from "../../lab.ts";
import { report } from "../../report.ts";
import { scaled } from "../../scaled.ts";
import { split } from "../../split.ts";
import { stats } from "../../stats.ts";
import { trainingTask } from "../run/stage.ts";
import type { AnyTask } from "../task/task.ts";

/** Tasks that take milliseconds once they are told to be small. */
export const quickTasks: Record<string, AnyTask> = {
  ...Object.fromEntries(
    Object.keys(stages).map((name) => [name, trainingTask(name as StageName)]),
  ),
  bigram,
  attention,
  export: exportStage,
  generate,
  report,
  scaled,
  split,
  stats,
};

/** All tasks whose flags are known; the others' are read from their help. */
export const knownTasks: Record<string, AnyTask> = {
  ...quickTasks,
  data,
  install_tensorflow: installTensorFlow,
  lab,
};
