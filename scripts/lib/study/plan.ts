/**
 * A study's runs: each with its command, the folder of its own and the id that its files will have,
 * all of it known before anything is run.
 *
 * @module
 */
import {
  type Corpus,
  memoryNeeds,
  parametersOf,
  presets,
  type Stage,
  stages,
  UserError,
  Vocabulary,
} from "@hugo-lab/model";
import { applyFlags } from "../run/flags.ts";
import type { PresetValues } from "../run/preset.ts";
import { bigramOfLength, idOf, settingsOf } from "../run/settings.ts";
import { readArguments } from "../task/arguments.ts";
import type { AnyTask } from "../task/task.ts";
import type { Setting, Table } from "./table.ts";

/** A run before it is made. */
export interface PlannedRun {
  /** What its folder is called: its settings, and a few digits that tell it from all others. */
  name: string;
  setting: Setting;
  seed: number;
  /** Its task's arguments, but for the folder. */
  args: string[];
  /** The id of its files. */
  id: string;
  /** Equal for runs that would give the same figures, however they are written. */
  same: string;
  parameters: number;
  /** Bytes of memory that it needs, about. */
  bytes: number;
}

/** Which task trains a stage, by its name. */
export type TrainingTasks = Readonly<Record<string, AnyTask>>;

const LONGEST_NAME = 80;
const DIGITS = 8;

/**
 * All runs of a study on a text.
 *
 * @throws {UserError} naming the row whose settings are none of its task's
 */
export async function planRuns(
  { settings }: Table,
  corpus: Corpus,
  tasks: TrainingTasks,
): Promise<PlannedRun[]> {
  const orders = ["first appearance", "code point"] as const;
  const [bigrams, others] = orders.map((order) => Vocabulary.of(corpus.text, order));
  const runs: PlannedRun[] = [];
  const places = new Map<string, string>();
  for (const setting of settings) {
    const seeds = setting.seeds.length > 0 ? setting.seeds : [stages[setting.stage].training.seed];
    for (const seed of seeds) {
      const vocabulary = setting.stage === "bigram" ? bigrams : others;
      const run = await planRun(setting, seed, corpus, vocabulary, tasks[setting.stage]).catch(
        (error) => {
          throw error instanceof UserError ? error.within(`${setting.place}: `) : error;
        },
      );
      const other = places.get(run.same);
      if (other !== undefined) {
        throw new UserError(`${setting.place}: a run of ${other} has the same settings and seed`);
      }
      places.set(run.same, setting.place);
      runs.push(run);
    }
  }
  return runs;
}

async function planRun(
  setting: Setting,
  seed: number,
  corpus: Corpus,
  vocabulary: Vocabulary,
  { name, flags, others }: AnyTask,
): Promise<PlannedRun> {
  const isOn = (flag: string, value: string) => flags[flag]?.kind === "switch" && value === "true";
  const args = Object.entries({ ...setting.flags, seed: String(seed) })
    .map(([flag, value]) => isOn(flag, value) ? `--${flag}` : `--${flag}=${value}`);
  const stage = stageOf(
    setting,
    readArguments({ task: name, flags, others }, args) as PresetValues,
  );
  const settings = settingsOf(stage, 1, corpus, vocabulary);
  const plan = { ...stage, vocabSize: vocabulary.size };
  return {
    name: await folderName(setting, seed, [settings, stage.training, setting.flags]),
    setting,
    seed,
    args,
    id: await idOf(stage.name, settings),
    same: await idOf(stage.name, { settings, ...stage.training, backend: setting.flags.backend }),
    parameters: parametersOf(plan),
    bytes: Object.values(memoryNeeds(plan)).reduce((sum, part) => sum + part, 0),
  };
}

/** The stage as its task will train it. */
function stageOf({ stage: name }: Setting, values: PresetValues): Stage {
  if (name === "scaled") return ofPreset(values);
  const stage = applyFlags(stages[name], values);
  if (name !== "bigram") return stage;
  if (values.iters === undefined) {
    throw new UserError("bigram needs iters here: without it makes three runs");
  }
  return bigramOfLength(stage, values.iters, values["eval-interval"]);
}

function ofPreset(values: PresetValues): Stage {
  if (values.preset === undefined) {
    const names = Object.keys(presets).join(", ");
    throw new UserError(`scaled needs a preset here, one of ${names}: else the machine decides`);
  }
  const { about: _, ...stage } = presets[values.preset];
  return applyFlags(stage, values);
}

/** What a person recognizes, then digits of all that may change a figure. */
async function folderName(setting: Setting, seed: number, all: unknown[]): Promise<string> {
  const own = Object.entries(setting.flags).reverse(); // what all rows have stands before theirs
  const words = [["seed", seed], ...own].map(([flag, value]) => `${flag}-${value}`);
  const safe = [setting.stage, ...words].join("-").replace(/[^\w.-]+/g, "_");
  const digits = await idOf(setting.stage, { all });
  return `${safe.slice(0, LONGEST_NAME)}-${digits.slice(0, DIGITS)}`;
}
