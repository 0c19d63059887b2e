/** `deno task lab`: every small stage in the notebook's order: the whole result table. @module */
import { smallStages, stages } from "@hugo-lab/model";
import { attention } from "./attention.ts";
import { bigram } from "./bigram.ts";
import { resultTable } from "./lib/report/summary.ts";
import { corpusOf, resultsRoot } from "./lib/run/corpus.ts";
import { sharedFlags } from "./lib/run/flags.ts";
import { foretellScaled } from "./lib/run/foretell.ts";
import { type LossRows, trainingTask } from "./lib/run/stage.ts";
import { pick } from "./lib/task/arguments.ts";
import { notify } from "./lib/task/notices.ts";
import { main, task } from "./lib/task/task.ts";
import { split } from "./split.ts";
import { stats } from "./stats.ts";

/** The task. */
export const lab = task({
  name: "lab",
  about: "runs every small stage",
  flags: pick(sharedFlags, "corpus", "results", "backend", "threads", "resume", "quiet"),
  others: sharedFlags,
  async run(flags) {
    // Another text than Hugo's has a folder of its own, which the attention demo cannot know.
    const values = { ...flags, results: resultsRoot(flags, await corpusOf(flags)) };
    const runs = new Map<string, LossRows>();
    begin("stats: the characters");
    await stats.run(values);
    begin("split: the data");
    await split.run(values);
    begin(`bigram: ${stages.bigram.title}`);
    runs.set("bigram", await bigram.run(values));
    begin("attention: masking and one head");
    await attention.run(values);
    for (const name of smallStages) {
      begin(`${name}: ${stages[name].title}`);
      runs.set(name, await trainingTask(name).run(values));
    }
    begin("report: all of it on a page");
    const { report } = await import("./report.ts"); // what draws is loaded by this alone
    await report.run(values);
    begin("the last evaluations");
    console.log(resultTable(runs));
    const more = await foretellScaled(values, await corpusOf(flags));
    if (more) notify(values)(more);
  },
});

function begin(title: string): void {
  console.log(`\n# ${title}\n`);
}

if (import.meta.main) await main(lab);
