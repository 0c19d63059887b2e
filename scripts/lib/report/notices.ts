/**
 * What is to be noticed in this run's figures: sentences that the figures carry, or none.
 *
 * @module
 */
import { type StageName, stages } from "@hugo-lab/model";
import type { Inline } from "./document.ts";
import {
  corpusOf,
  type Findings,
  isComparable,
  isHugo,
  notebookDifferences,
  settingsOf,
} from "./gather.ts";
import { differences, tellDifferences } from "./settings.ts";
import { learnedNothing, overfitting } from "./overfitting.ts";
import type { LossRow } from "../run/read_csv.ts";
import { notebook, type Run } from "./runs.ts";
import { parameterCount, showDifference } from "./tables.ts";
import { countedLoss } from "./text.ts";

/** A difference of losses below this is called none: evaluations on drawn batches waver by as much. */
const ALIKE = 0.015;
/** A sentence names no more differences than these. */
const MOST = 5;

/** Among how many equally likely characters a model with this loss hesitates: e to the loss. */
export function choices(loss: number): string {
  return Math.exp(loss).toFixed(loss > Math.log(20) ? 0 : 1);
}

/** The last step of a run that has come to its end. */
export function endOf(run: Run | undefined): LossRow | undefined {
  return run?.finished ? run.losses.at(-1) : undefined;
}

/** What to notice in a stage's figures. */
export function notices(findings: Findings, name: StageName): Inline[] {
  const run = findings.runs.get(name)!.at(-1);
  const end = endOf(run);
  if (!run) return ofNotebook(findings, name);
  if (!end || !Number.isFinite(end.valLoss)) return [];
  return [
    learnedNothing(run.losses),
    ...name === "bigram" ? ofBigram(findings, end) : besideBefore(findings, name, end),
    overfitting(run.losses),
    besideNotebook(findings, name, run),
  ].filter((sentence) => sentence !== undefined).map((sentence) => [sentence]);
}

/** What the notebook's run shows where there is none of ours. */
function ofNotebook(findings: Findings, name: StageName): Inline[] {
  const other = notebook.runs[name];
  const found = other && isHugo(findings) ? overfitting(other.losses) : undefined;
  return found ? [[`Of the notebook's run: ${found}`]] : [];
}

/** Bigram beside guessing, and beside counting. */
function ofBigram(findings: Findings, end: LossRow): string[] {
  const size = findings.weights.get("bigram")?.vocabulary.size ?? findings.counts?.length;
  const said = size === undefined ? [] : [
    `Guessing among ${size} characters costs ln ${size} = ${Math.log(size).toFixed(2)} nats. The ` +
    `trained table is at ${end.valLoss.toFixed(2)}: it hesitates as if among ` +
    `${choices(end.valLoss)}.`,
  ];
  const corpus = corpusOf(findings, "bigram");
  if (corpus) {
    const counted = countedLoss(corpus, findings.weights.get("bigram")!.vocabulary);
    said.push(
      "No training is needed for such a table: counting the pairs of the training part, each once " +
        `more than it occurs, gives ${counted.toFixed(2)} on the whole validation part. A model ` +
        "that sees one character can hardly do better.",
    );
  }
  return said;
}

/** A stage beside the nearest one before it that was run. */
function besideBefore(findings: Findings, name: StageName, end: LossRow): string[] {
  const before = (Object.keys(stages) as StageName[])
    .slice(0, Object.keys(stages).indexOf(name))
    .findLast((other) => endOf(findings.runs.get(other)!.at(-1)));
  if (!before) return [];
  const other = endOf(findings.runs.get(before)!.at(-1))!;
  const gain = other.valLoss - end.valLoss;
  const verdict = Math.abs(gain) < ALIKE
    ? `About the same validation loss as ${before}: ${end.valLoss.toFixed(3)} and ` +
      `${other.valLoss.toFixed(3)}; evaluations on drawn batches waver by as much.`
    : `${Math.abs(gain).toFixed(2)} nats ${gain > 0 ? "less" : "more"} than ${before}: it ` +
      `hesitates as if among ${choices(end.valLoss)} characters, ${before} among ` +
      `${choices(other.valLoss)}.`;
  const more = moreParameters(findings, name, before);
  return [`${verdict}${otherSettings(findings, name, before)}`, ...more];
}

function moreParameters(findings: Findings, name: StageName, before: StageName): string[] {
  const [ours, theirs] = [name, before].map((stage) => parameterCount(findings, stage));
  if (ours === undefined || theirs === undefined) return [];
  const shown = Math.abs(ours - theirs).toLocaleString("en");
  return [`It has ${shown} parameters ${ours < theirs ? "fewer" : "more"} than ${before}.`];
}

/** In what two stages' trainings differ besides their models. */
function otherSettings(findings: Findings, name: StageName, before: StageName): string {
  const of = (stage: StageName) => {
    const { text, seed, batchSize, learningRate, evalIters, blockSize } = {
      ...stages[stage].model,
      ...stages[stage].training,
      ...settingsOf(findings, stage),
    };
    return { ...text && { text }, seed, batchSize, learningRate, evalIters, blockSize };
  };
  const lengths = [name, before].map((stage) => endOf(findings.runs.get(stage)!.at(-1))!.step);
  const found = differences({ ...of(name) }, { ...of(before) });
  if (Math.abs(lengths[0] - lengths[1]) > 0.1 * lengths[0]) {
    found.push({ name: "last evaluation at step", values: [`${lengths[0]}`, `${lengths[1]}`] });
  }
  return found.length === 0
    ? ""
    : ` Not the model alone is another: ${tellDifferences(found, before)}.`;
}

/** A stage's end beside the notebook's. */
function besideNotebook(findings: Findings, name: StageName, run: Run): string | undefined {
  const other = run.notebook?.losses.at(-1);
  if (!isHugo(findings) || !other) return undefined;
  if (!isComparable(findings, name)) {
    const all = notebookDifferences(findings, name);
    const found = tellDifferences(all, "the notebook", all.length > MOST + 1 ? MOST : Infinity);
    return `The notebook's losses stand beside none of these, since it is another run: ${found}.`;
  }
  const end = run.losses.at(-1)!;
  if (end.step !== other.step) return undefined;
  const unknown = findings.settings.has(name)
    ? ""
    : ` With which seed, rate and batch the run was made is not known here: deno task ${name} ` +
      "makes it again.";
  const difference = showDifference(end.valLoss, other.valLoss);
  return `The notebook ended at ${other.valLoss.toFixed(4)} on the validation part (difference ` +
    `${difference}).${unknown}${name === "bigram" ? BIGRAM_DRAWS : ""}` +
    (name === "bigram" || Number(difference) === 0 ? "" : LAST_DIGITS);
}

const BIGRAM_DRAWS = " Its cells ran out of order, so the draws are others, and it evaluates on " +
  "few characters.";
const LAST_DIGITS = " Sums in another order have other last digits, and training lets them grow.";
