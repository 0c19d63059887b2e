/** `deno task stats`: how many characters the text has, and how often each occurs. @module */
import { CsvFile, prepareFolder } from "@hugo-lab/model";
import { withClosing } from "./lib/report/closing.ts";
import { corpusOf, resultsRoot } from "./lib/run/corpus.ts";
import { sharedFlags } from "./lib/run/flags.ts";
import { pick } from "./lib/task/arguments.ts";
import { foldItems } from "./lib/task/lines.ts";
import { main, task } from "./lib/task/task.ts";

/** The task. */
export const stats = task({
  name: "stats",
  about: "counts the characters",
  flags: pick(sharedFlags, "corpus", "results", "quiet"),
  others: sharedFlags,
  async run(values) {
    const corpus = await corpusOf(values);
    const folder = `${resultsRoot(values, corpus)}/stats`;
    prepareFolder(folder);
    const counts = corpus.text.countCharacters();
    const total = [...counts.values()].reduce((a, b) => a + b, 0);
    console.log(`Number of characters in the file: ${corpus.text.length}`);
    console.log(`Number of characters in the counter: ${total}`);
    console.log(`${counts.size} different characters`);
    console.log(foldItems([...counts].map(([c, n]) => `${quote(c)}: ${n}`)));
    new CsvFile(`${folder}/counts.csv`, ["character", "count"]).appendAll([...counts]);
  },
});

/** A character as Python shows it: in single quotes unless it is one, control characters escaped. */
function quote(character: string): string {
  const escaped = JSON.stringify(character).slice(1, -1).replace('\\"', '"');
  return character === "'" ? `"'"` : `'${escaped}'`;
}

if (import.meta.main) await main(withClosing(stats));
