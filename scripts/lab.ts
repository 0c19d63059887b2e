/** `deno task lab`: every small stage in the notebook's order: the whole result table. @module */
import { type StageName, stages } from "@hugo-lab/model";
import { attention } from "./attention.ts";
import { bigram } from "./bigram.ts";
import { type FlagName, helpText, parseFlags } from "./lib/flags.ts";
import { runStage } from "./lib/stage.ts";
import { resultTable } from "./lib/summary.ts";
import { corpusOf, resultsFolder, runTask } from "./lib/task.ts";
import { split } from "./split.ts";
import { stats } from "./stats.ts";

const allowed: FlagName[] = [
  "corpus",
  "results",
  "backend",
  "threads",
  "resume",
  "quiet",
  "help",
];
const trained: StageName[] = ["single_head", "multi_head", "feed_forward", "blocks", "blocks_norm"];

/** The task. */
export async function lab(args: string[]): Promise<void> {
  const values = parseFlags("lab", allowed, args);
  if (values.help) return console.log(helpText("lab", "runs every small stage", allowed));
  const corpus = await corpusOf(values);
  // Another text than Hugo's has a folder of its own, which the attention demo cannot know.
  const folder = resultsFolder(values, corpus, "").slice(0, -1);
  const results = `--results=${folder}`;
  const pass = (...names: FlagName[]) => [
    results,
    ...names.flatMap((name) =>
      values[name] ? [`--${name}${values[name] === true ? "" : `=${values[name]}`}`] : []
    ),
  ];
  const passed = pass("corpus", "backend", "threads", "resume", "quiet");
  const tasks: [title: string, run: () => Promise<void>][] = [
    ["stats: the characters", () => stats(pass("corpus", "quiet"))],
    ["split: the data", () => split(pass("corpus", "quiet"))],
    [`bigram: ${stages.bigram.title}`, () => bigram(passed)],
    ["attention: masking and one head", () => attention(pass("backend", "quiet"))],
    ...trained.map((name) =>
      [
        `${name}: ${stages[name].title}`,
        () => runStage(name, passed),
      ] as [string, () => Promise<void>]
    ),
  ];
  tasks.push(["report: all of it on a page", async () => {
    const { report } = await import("./report.ts"); // what draws is loaded by this alone
    await report([results], corpus);
  }]);
  const table = async () => console.log(await resultTable(folder, ["bigram", ...trained]));
  tasks.push(["the last evaluations", table]);
  for (const [title, run] of tasks) {
    console.log(`\n# ${title}\n`);
    await run();
  }
}

if (import.meta.main) await runTask(lab);
