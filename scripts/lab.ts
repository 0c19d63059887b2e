/** `deno task lab`: every small stage in the notebook's order: the whole result table. @module */
import { smallStages, type StageName, stages } from "@hugo-lab/model";
import { attention } from "./attention.ts";
import { bigram } from "./bigram.ts";
import { tellNotices } from "./lib/report/closing.ts";
import { notebook } from "./lib/report/runs.ts";
import { resultTable } from "./lib/report/summary.ts";
import { corpusOf, resultsRoot } from "./lib/run/corpus.ts";
import { sharedFlags } from "./lib/run/flags.ts";
import { foretellScaled } from "./lib/run/foretell.ts";
import { type LossRows, trainingTask } from "./lib/run/stage.ts";
import { pick } from "./lib/task/arguments.ts";
import { bold } from "./lib/task/colour.ts";
import { notify } from "./lib/task/notices.ts";
import { Plan } from "./lib/task/plan.ts";
import { main, task } from "./lib/task/task.ts";
import { split } from "./split.ts";
import { stats } from "./stats.ts";

/** What the parts took on two cores of a server: how long is told from how they compare. */
const SECONDS = {
  stats: 0.2,
  split: 0.2,
  bigram: 1.5,
  attention: 0.1,
  single_head: 2.5,
  multi_head: 3,
  feed_forward: 3.5,
  blocks: 5,
  blocks_norm: 8,
  report: 1,
};

/** The task. */
export const lab = task({
  name: "lab",
  about: "runs every small stage",
  flags: pick(sharedFlags, "corpus", "results", "backend", "threads", "resume", "quiet"),
  others: sharedFlags,
  async run(flags) {
    // Another text than Hugo's has a folder of its own, which the attention demo cannot know.
    const corpus = await corpusOf(flags);
    const values = { ...flags, results: resultsRoot(flags, corpus) };
    const tell = notify(values);
    const plan = new Plan(Object.entries(SECONDS).map(([name, seconds]) => ({ name, seconds })));
    tell(plan.line);
    const begin = (title: string) => {
      console.log(`\n${bold(`# ${title}`)}\n`);
      tell(plan.next());
    };
    const runs = new Map<StageName, LossRows>();
    begin("stats: the characters");
    await stats.run(values);
    begin("split: the data");
    await split.run(values);
    begin(`bigram: ${stages.bigram.title}`);
    runs.set("bigram", await bigram.run(values));
    await tellNotices("bigram", values);
    begin("attention: masking and one head");
    await attention.run(values);
    for (const name of smallStages) {
      begin(`${name}: ${stages[name].title}`);
      runs.set(name, await trainingTask(name).run(values));
      await tellNotices(name, values);
    }
    begin("report: all of it on a page");
    const { report } = await import("./report.ts"); // what draws is loaded by this alone
    await report.run(values);
    console.log(`\n${bold("# the last evaluations")}\n`);
    console.log(resultTable(runs, {
      vocabSize: corpus.text.characters.length,
      notebook: (title) => corpus.isHugo ? notebook.runs[title] : undefined,
    }));
    const more = await foretellScaled(values, corpus);
    if (more) tell(more);
  },
});

if (import.meta.main) await main(lab);
