/** `deno task data`: brings Hugo's text to data/, from the net or from a file. @module */
import { copyHugo, downloadHugo, loadCorpus } from "@hugo-lab/model";
import { type FlagName, helpText, parseFlags } from "./lib/flags.ts";
import { runTask } from "./lib/task.ts";

const allowed: FlagName[] = ["from", "help"];

/** The task. */
export async function data(args: string[]): Promise<void> {
  const values = parseFlags("data", allowed, args);
  if (values.help) return console.log(helpText("data", "brings Les Contemplations here", allowed));
  const say = (line: string) => console.error(line);
  if (values.from !== undefined) await copyHugo(String(values.from));
  else await downloadHugo(say);
  const { text } = await loadCorpus(undefined, say);
  console.log(`${text.length} characters in data/hugo_contemplations.txt`);
}

if (import.meta.main) await runTask(data);
