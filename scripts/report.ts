/** `deno task report`: tables, curves and pictures of what was run, as a page and as Markdown. @module */
import { type Corpus, HUGO_PATH, loadCorpus } from "@hugo-lab/model";
import { type FlagName, helpText, parseFlags, useBackendOf } from "./lib/flags.ts";
import { reportOn, writeReport } from "./lib/report/write.ts";
import { notify, runTask } from "./lib/task.ts";

const allowed: FlagName[] = ["results", "corpus", "prompt", "quiet", "help"];

/** The task. */
export async function report(args: string[]): Promise<void> {
  const values = parseFlags("report", allowed, args);
  if (values.help) {
    return console.log(helpText("report", "writes report.html and report.md", allowed));
  }
  const folder = String(values.results ?? "results");
  const corpus = await findCorpus(values.corpus as string | undefined, notify(values));
  const source = { folder, corpus, prompt: values.prompt as string | undefined };
  await useBackendOf({});
  console.log(await writeReport(await reportOn(source), folder, "report"));
}

/** The text, if it is here: a report downloads nothing. */
async function findCorpus(
  path: string | undefined,
  warn: (line: string) => void,
): Promise<Corpus | undefined> {
  const isHere = path !== undefined || await Deno.stat(HUGO_PATH).then(() => true, () => false);
  return isHere ? await loadCorpus(path, warn) : undefined;
}

if (import.meta.main) await runTask(report);
