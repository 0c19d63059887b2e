/**
 * What every task has around it: errors in one line, the corpus, the results folder.
 *
 * @module
 */
import { type Corpus, loadCorpus, UserError } from "@hugo-lab/model";
import { lineOf } from "./errors.ts";
import type { FlagValues } from "./flags.ts";
import { Interrupted } from "./signals.ts";

/** Runs a task as a program: bad input ends it with one line on standard error and code 2. */
export async function runTask(main: (args: string[]) => Promise<void>): Promise<void> {
  try {
    await main(Deno.args);
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) Deno.exit(0); // who reads has seen enough
    if (error instanceof Interrupted) {
      console.error(error.message);
      Deno.exit(error.code);
    }
    const line = lineOf(error);
    if (line === undefined) throw error;
    console.error(`error: ${line}`);
    Deno.exit(error instanceof UserError ? error.exitCode : 2);
  }
}

/** Prints a notice on standard error unless `--quiet` was given. */
export function notify(values: FlagValues): (line: string) => void {
  return values.quiet ? () => {} : (line) => console.error(line);
}

const loaded = new Map<string | undefined, Promise<Corpus>>();

/** The corpus that the flags ask for; that it is not Hugo's is said once, even with `--quiet`. */
export function corpusOf(values: FlagValues): Promise<Corpus> {
  const path = values.corpus as string | undefined;
  if (!loaded.has(path)) loaded.set(path, loadCorpus(path, (line) => console.error(line)));
  return loaded.get(path)!;
}

/** Where a task's files go: every other text than Hugo's has a folder of its own. */
export function resultsFolder(values: FlagValues, corpus: Corpus, task: string): string {
  const root = values.results ?? (corpus.isHugo ? "results" : `results/${corpus.name}`);
  return `${root}/${task}`;
}
