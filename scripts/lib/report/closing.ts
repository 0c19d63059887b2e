/**
 * How a stage's task ends: with what is to be noticed in its figures, and what comes next. On
 * standard error, beside the results.
 *
 * @module
 */
import { type Corpus, type StageName, stages, UserError } from "@hugo-lab/model";
import { corpusOf, resultsRoot } from "../run/corpus.ts";
import type { RunValues } from "../run/flags.ts";
import { typed } from "../task/command.ts";
import { notify, space } from "../task/notices.ts";
import type { AnyTask } from "../task/task.ts";
import type { Inline } from "./document.ts";

/** Which command comes after which, in the notebook's order. */
const NEXT: Record<string, string> = {
  stats: "split",
  split: "bigram",
  bigram: "attention",
  attention: "single_head",
  single_head: "multi_head",
  multi_head: "feed_forward",
  feed_forward: "blocks",
  blocks: "blocks_norm",
  blocks_norm: "report",
  scaled: "generate scaled",
};
/** More sentences than these nobody reads at once. */
const MOST = 3;
/** Characters with fewer occurrences are hardly ever in a batch. */
const SELDOM = 10;

/** A task that ends so, if another comes after it. */
export function withClosing<T extends AnyTask>(task: T): T {
  const run = async (values: RunValues, words?: readonly string[]) => {
    const result = await task.run(values as never, words);
    await close(task.name, values);
    return result;
  };
  return NEXT[task.name] === undefined ? task : { ...task, run };
}

/** Says what is to be noticed and what comes next. */
export async function close(name: string, values: RunValues): Promise<void> {
  await tellNotices(name, values);
  space(values);
  notify(values)(`next: ${await nextCommand(NEXT[name], values)}`);
}

/** What comes next, with the same text and folder. */
async function nextCommand(task: string, values: RunValues): Promise<string> {
  const { results, corpus } = values;
  const root = resultsRoot(values, await corpusOf(values));
  const isReader = /^(report|generate)/.test(task); // it cannot know a text's own folder
  const folder = isReader && root !== "results" ? root : results;
  const isOfText = corpus !== undefined && !/^(attention|generate)/.test(task);
  return typed(task, [
    ...folder === undefined ? [] : ["--results", folder],
    ...isOfText ? ["--corpus", corpus] : [],
  ]);
}

/** What to notice in the figures that a task has just written. */
export async function tellNotices(name: string, values: RunValues): Promise<void> {
  if (values.quiet) return;
  const sentences = await noticesOf(name, values);
  if (sentences.length === 0) return;
  space(values);
  notify(values)("To notice:");
  for (const sentence of sentences.slice(0, MOST)) notify(values)(`- ${sentence}`);
}

async function noticesOf(name: string, values: RunValues): Promise<string[]> {
  if (name === "stats") return ofCounts(await corpusOf(values));
  if (!Object.hasOwn(stages, name)) return [];
  const stage = name as StageName;
  const [{ gather }, { notices }] = [await import("./gather.ts"), await import("./notices.ts")];
  const corpus = await corpusOf(values);
  try {
    const findings = await gather({ folder: resultsRoot(values, corpus), corpus }, stage);
    return notices(findings, stage).map(textOf);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return []; // the file of another stage is damaged: this one's work is done
  }
}

function ofCounts({ text }: Corpus): string[] {
  const counts = [...text.countCharacters().values()];
  const share = Math.round(100 * counts[0] / text.length);
  const seldom = counts.filter((count) => count < SELDOM).length;
  return [
    `The commonest character is ${share} % of the text; ${seldom} of ${counts.length} characters ` +
    `occur fewer than ${SELDOM} times, too seldom to learn much about them.`,
  ];
}

function textOf(sentence: Inline): string {
  return sentence.map((part) => typeof part === "string" ? part : part.code).join("");
}
