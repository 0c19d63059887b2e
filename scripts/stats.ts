/** `deno task stats`: how many characters the text has, and how often each occurs. @module */
import { CsvFile, prepareFolder } from "@hugo-lab/model";
import { helpText, parseFlags, plainFlags } from "./lib/flags.ts";
import { corpusOf, resultsFolder, runTask } from "./lib/task.ts";

/** The task. */
export async function stats(args: string[]): Promise<void> {
  const values = parseFlags("stats", plainFlags, args);
  if (values.help) return console.log(helpText("stats", "counts the characters", plainFlags));
  const corpus = await corpusOf(values);
  const folder = resultsFolder(values, corpus, "stats");
  prepareFolder(folder);
  const counts = corpus.text.countCharacters();
  const total = [...counts.values()].reduce((a, b) => a + b, 0);
  console.log(`Number of characters in the file: ${corpus.text.length}`);
  console.log(`Number of characters in the counter: ${total}`);
  console.log(`${counts.size} different characters`);
  console.log([...counts].map(([c, n]) => `${quote(c)}: ${n}`).join(", "));
  new CsvFile(`${folder}/counts.csv`, ["character", "count"]).appendAll([...counts]);
}

/** A character as Python shows it: in single quotes unless it is one, control characters escaped. */
function quote(character: string): string {
  const escaped = JSON.stringify(character).slice(1, -1).replace('\\"', '"');
  return character === "'" ? `"'"` : `'${escaped}'`;
}

if (import.meta.main) await runTask(stats);
