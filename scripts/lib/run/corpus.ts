/** The text that a task's flags ask for, and where its files go. @module */
import { type Corpus, HUGO_PATH, loadCorpus } from "@hugo-lab/model";
import { notify } from "../task/notices.ts";

const loaded = new Map<string | undefined, Promise<Corpus>>();

/** The corpus; a process reads each once, and says once that it is not Hugo's. */
export function corpusOf({ corpus: path }: { corpus?: string }): Promise<Corpus> {
  if (!loaded.has(path)) loaded.set(path, loadCorpus(path, notify({})));
  return loaded.get(path)!;
}

/** The corpus if it is here: nothing is downloaded for it. */
export async function corpusIfHere(values: { corpus?: string }): Promise<Corpus | undefined> {
  const { corpus: path } = values;
  const isHere = path !== undefined || loaded.has(path) ||
    await Deno.stat(HUGO_PATH).then(() => true, () => false);
  return isHere ? await corpusOf(values) : undefined;
}

/** Where all tasks' files on a text go: every other text than Hugo's has a folder of its own. */
export function resultsRoot({ results }: { results?: string }, corpus: Corpus): string {
  return results ?? (corpus.isHugo ? "results" : `results/${corpus.name}`);
}
