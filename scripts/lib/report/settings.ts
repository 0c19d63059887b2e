/**
 * The settings of a run, and in what two of them differ: losses are compared only where it is said
 * what else was different.
 *
 * @module
 */
import {
  HUGO_SHA256,
  type ModelConfig,
  modelOptions,
  readSafetensors,
  type Stage,
  type TrainingConfig,
  trainingOptions,
  UserError,
} from "@hugo-lab/model";
import { readIdentity, whyForeign } from "../run/identity.ts";
import { withFile } from "../task/errors.ts";
import { type LossRow, rewrite } from "../run/read_csv.ts";
import { countOf } from "../task/lines.ts";

/** What a run was made with; what is not known is not there. */
export type Settings =
  & Partial<ModelConfig & Omit<TrainingConfig, "prompt" | "sampleLength">>
  & { text?: string };

/** A setting that two runs have not in common. */
export interface Difference {
  name: string;
  /** As text, ours and the other's. */
  values: [string, string];
}

/** The settings by name, in the order in which they are told. */
const NAMES: Record<keyof Settings, string> = {
  text: "text",
  blockSize: "context",
  nEmbd: "width",
  nHead: "heads",
  nLayer: "blocks",
  dropout: "dropout",
  batchSize: "batch",
  learningRate: "learning rate",
  seed: "seed",
  iters: "iterations",
  evalIters: "batches an evaluation",
  evalInterval: "evaluation interval",
  body: "body",
  skip: "skip connections",
  innerFeedForward: "FeedForward inside attention",
  dropoutBeforeProj: "dropout before the projection",
  widening: "widening",
  activation: "activation",
  attentionBias: "biases of attention",
  tiedEmbeddings: "tied embeddings",
  positions: "positions",
  initialization: "initial weights",
  warmup: "warmup",
  schedule: "schedule",
  minLearningRate: "last learning rate",
  clip: "largest gradient norm",
  beta2: "beta2",
  weightDecay: "weight decay",
  accumulate: "parts of a batch",
  evaluate: "evaluation",
  evalSeconds: "seconds from evaluation to evaluation",
  patience: "patience",
  testPart: "test part",
};
const KEYS = Object.keys(NAMES) as (keyof Settings)[];

/** What a model's body has no use for. */
const UNUSED: Partial<Record<ModelConfig["body"], (keyof Settings)[]>> = {
  bigram: ["nEmbd", "nHead", "nLayer", "dropout", "iters", "evalInterval"], // it has three lengths
  head: ["nHead", "nLayer"],
  multi_head: ["nLayer"],
  feed_forward: ["nLayer"],
};

/** A stage's own settings: those of the notebook. */
export function notebookSettings({ model, training }: Stage): Settings {
  return only({ ...model, ...training, ...textIn({ [TEXT]: HUGO_SHA256 }) });
}

/** Under which name a run's files have their text. */
const TEXT = "the corpus's sha256";

/** A text by the first digits of its sha256. */
function textIn(settings: Record<string, unknown>): Settings {
  const sha256 = settings[TEXT];
  return typeof sha256 === "string" ? { text: sha256.slice(0, 8) } : {};
}

/**
 * The settings that a run's checkpoint tells, whose rows must be the first of those that the report
 * shows; or the folder's identity, where that alone is there.
 *
 * @param losses the folder's rows
 * @returns no settings if neither is there; `hasOtherRows` if they are of another run than the
 * checkpoint, as after a checkout of the committed ones
 * @throws {UserError} if the file is damaged
 */
export async function readSettings(
  folder: string,
  task: string,
  losses: readonly LossRow[],
): Promise<{ settings?: Settings; hasOtherRows?: boolean }> {
  const identity = losses.length > 0 ? await readIdentity(`${folder}/${task}`) : undefined;
  const run = await readRun(`${folder}/${task}/checkpoint.safetensors`, task);
  if (!run || whyForeign(run.id, identity)) {
    return identity?.settings ? { settings: known(identity.settings) } : {};
  }
  const { losses: rows = [] } = run.rows;
  const isSame = rows.every((row, i) => {
    const { step, trainLoss, valLoss } = losses[i] ?? {};
    return row.slice(0, 3).map(Number).join() === [step, trainLoss, valLoss].join();
  });
  if (rows.length === 0 || !isSame) return { hasOtherRows: true };
  return { settings: known({ ...run.settings, iters: run.iters }) };
}

/** What a file's settings tell, and what they leave out since it is off. */
function known(settings: Record<string, unknown>): Settings {
  return only({ ...trainingOptions, ...modelOptions, ...settings, ...textIn(settings) });
}

/** A checkpoint's run; nothing where there is none. @throws {UserError} if it is damaged */
async function readRun(path: string, task: string): Promise<RunPart & { id?: string } | undefined> {
  try {
    return await withFile(path, async () => {
      const { metadata } = await readSafetensors(path, () => true); // the header alone
      return { ...parseRun(metadata.run), id: metadata.id };
    }, { remedy: rewrite(task) });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** What is read of a checkpoint's metadata. */
interface RunPart {
  iters: number;
  settings: Record<string, unknown>;
  rows: Record<string, string[][]>;
}

function parseRun(text: string | undefined): RunPart {
  try {
    const { iters, settings, rows } = JSON.parse(text ?? "");
    if (typeof iters === "number" && settings instanceof Object && rows instanceof Object) {
      return { iters, settings, rows };
    }
  } catch {
    // told below
  }
  throw new UserError("it is no checkpoint of this lab");
}

function only(all: Settings): Settings {
  return Object.fromEntries(KEYS.filter((key) => key in all).map((key) => [key, all[key]]));
}

/** Every setting that both tell and tell differently, but for what their models have no use for. */
export function differences(ours: Settings, other: Settings): Difference[] {
  const [mine, theirs] = [ours, other].map(({ body }) => UNUSED[body!] ?? []);
  const unused = mine.filter((key) => theirs.includes(key));
  return KEYS.filter((key) => key in ours && key in other && !unused.includes(key))
    .filter((key) => ours[key] !== other[key])
    .map((key) => ({ name: NAMES[key], values: [shown(ours[key]), shown(other[key])] }));
}

function shown(value: unknown): string {
  return typeof value === "boolean" ? (value ? "on" : "off") : String(value);
}

/** Differences in words: heads 2 (the notebook 4), seed 1 (the notebook 2023). */
export function tellDifferences(found: Difference[], whose: string, most = Infinity): string {
  const told = found.slice(0, most)
    .map(({ name, values: [a, b] }) => `${name} ${a} (${whose} ${b})`);
  const more = found.length - told.length;
  return told.join(", ") + (more > 0 ? ` and ${countOf(more, "setting")} more` : "");
}

/** A model's sizes in words. */
export function sizesIn({ body, blockSize, nEmbd, nHead, nLayer, dropout }: ModelConfig): string {
  if (body === "bigram") return "";
  const heads = nHead === 1 ? "one head" : `${nHead} heads`;
  const blocks = body === "blocks" ? `, ${nLayer} blocks` : "";
  const rate = dropout ? `, dropout ${dropout}` : "";
  return ` Context ${blockSize}, width ${nEmbd}, ${heads}${blocks}${rate}.`;
}

/** How a run was trained, in words. */
export function trainingIn({ batchSize, learningRate, seed }: Settings): string {
  return ` Batch ${batchSize}, learning rate ${learningRate}, seed ${seed}.`;
}
