/**
 * A stage's settings as the student changes them, and the address that holds them: a link opens the
 * page as it was.
 *
 * @module
 */
import { presets, type Stage, stages } from "@hugo-lab/model";
import type { PageStage, TextChoice } from "./lab.ts";
import type { Field } from "./texts/texts.ts";

/** What a setting may be. */
export interface Range {
  min: number;
  max: number;
  step: number;
  part: "model" | "training";
}

/** Every setting, in the order in which the page shows them. */
export const ranges: Record<Field, Range> = {
  seed: { min: 0, max: 2 ** 32 - 1, step: 1, part: "training" },
  iters: { min: 1, max: 100_000, step: 1, part: "training" },
  batchSize: { min: 1, max: 256, step: 1, part: "training" },
  learningRate: { min: 1e-6, max: 1, step: 1e-6, part: "training" },
  blockSize: { min: 1, max: 256, step: 1, part: "model" },
  nEmbd: { min: 1, max: 256, step: 1, part: "model" },
  nHead: { min: 1, max: 16, step: 1, part: "model" },
  nLayer: { min: 1, max: 8, step: 1, part: "model" },
  dropout: { min: 0, max: 0.9, step: 0.01, part: "model" },
};

/** The settings' names. */
export const allFields = Object.keys(ranges) as Field[];

/** What the student has changed; the rest is the lab's. */
export type Changes = Partial<Record<Field, number>>;

/** The settings that a stage has a use for. */
export function fieldsOf({ model }: Stage): Field[] {
  const unused: Field[] = [];
  if (model.body === "bigram") unused.push("nEmbd", "nHead", "nLayer", "dropout");
  if (model.body === "head") unused.push("nHead");
  if (model.body !== "blocks") unused.push("nLayer");
  if (model.dropout === 0) unused.push("dropout");
  return allFields.filter((field) => !unused.includes(field));
}

/** The lab's value of a setting. */
export function valueOf(stage: Stage, field: Field): number {
  return (stage[ranges[field].part] as unknown as Record<string, number>)[field];
}

/** Whether a value may stand in a setting. */
export function isGood(field: Field, value: number): boolean {
  const { min, max, step } = ranges[field];
  return Number.isFinite(value) && value >= min && value <= max &&
    (step !== 1 || Number.isInteger(value));
}

/** The stage with the changes; bigram is evaluated ten times a run, as its task does. */
export function changed(stage: Stage, changes: Changes): Stage {
  const model = { ...stage.model };
  const training = { ...stage.training };
  for (const field of fieldsOf(stage)) {
    const value = changes[field];
    if (value === undefined || !isGood(field, value)) continue;
    Object.assign(ranges[field].part === "model" ? model : training, { [field]: value });
  }
  if (model.body === "bigram") {
    training.evalInterval = Math.max(1, Math.floor(training.iters / 10));
  }
  return { ...stage, model, training };
}

/** Whether the width can be divided among the heads. */
export function headsFit({ model }: Stage): boolean {
  return model.body === "bigram" || model.body === "head" || model.nEmbd % model.nHead === 0;
}

/** A text by name, as the page offers it. */
export interface TextOffer {
  choice: TextChoice;
  /** As its results' folder is called. */
  name: string;
  isHugo: boolean;
}

/** Where a task looks for the run's checkpoint, and the command that goes on with it. */
export function resumption(
  stage: Stage,
  lab: Stage,
  { choice, name, isHugo }: TextOffer,
): { folder: string; command: string } {
  const task = stage.name;
  const isSmall = task === "scaled";
  const own = isSmall ? presets.quick : stages[task];
  const flags: string[] = isSmall ? ["--preset quick"] : [];
  const compare = <T extends object>(now: T, before: T, keys: string[]) => {
    for (const key of keys as (keyof T & string)[]) {
      const isSame = now[key] === before[key] && !(task === "bigram" && key === "iters");
      const flag = key.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
      if (!isSame) flags.push(`--${flag} ${now[key]}`);
    }
  };
  const intervals = task === "bigram" ? [] : ["evalInterval", "evalIters"];
  const keysOf = (part: Range["part"]) =>
    fieldsOf(lab).filter((field) => ranges[field].part === part);
  compare(stage.training, own.training, [...keysOf("training"), ...intervals]);
  compare(stage.model, own.model, keysOf("model"));
  if (choice === "practice") flags.push("--corpus data/practice_corpus.txt");
  else if (!isHugo) flags.push("--corpus FILE");
  return {
    folder: isHugo ? `results/${task}` : `results/${name}/${task}`,
    command: ["deno task", task, "--resume", ...flags].join(" "),
  };
}

/** All that a link holds. */
export interface Address {
  stage: PageStage;
  changes: Changes;
  text?: TextChoice;
  language?: string;
  prompt: string;
  temperature: number;
  /** 0 for all characters. */
  topK: number;
}

/** What a page without anything in its address begins with. */
export const noAddress: Address = {
  stage: "bigram",
  changes: {},
  prompt: "La mer",
  temperature: 1,
  topK: 0,
};

/** Reads an address; what is not as it should be is left out. */
export function readAddress(search: string, stages: readonly PageStage[]): Address {
  const query = new URLSearchParams(search);
  const address: Address = { ...noAddress, changes: {} };
  const stage = query.get("stage") as PageStage;
  if (stages.includes(stage)) address.stage = stage;
  for (const field of allFields) {
    const text = query.get(field);
    if (text && isGood(field, Number(text))) address.changes[field] = Number(text);
  }
  const text = query.get("text");
  if (text === "page" || text === "practice" || text === "own") address.text = text;
  address.language = query.get("lang") ?? undefined;
  address.prompt = query.get("prompt") ?? noAddress.prompt;
  const temperature = Number(query.get("temperature") ?? 1);
  if (temperature >= 0 && temperature <= 2) address.temperature = temperature;
  const topK = Number(query.get("topK") ?? 0);
  if (Number.isInteger(topK) && topK >= 0) address.topK = topK;
  return address;
}

/** The address; what is as it would be without it is left out. */
export function writeAddress(address: Address): string {
  const query = new URLSearchParams();
  query.set("stage", address.stage);
  for (const field of allFields) {
    const value = address.changes[field];
    if (value !== undefined) query.set(field, String(value));
  }
  if (address.text) query.set("text", address.text);
  if (address.prompt !== noAddress.prompt) query.set("prompt", address.prompt);
  if (address.temperature !== 1) query.set("temperature", String(address.temperature));
  if (address.topK !== 0) query.set("topK", String(address.topK));
  if (address.language) query.set("lang", address.language);
  return `?${query}`;
}
