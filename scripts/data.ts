/** `deno task data`: downloads Hugo's text to data/. @module */
import { downloadHugo, HUGO_PATH, loadCorpus } from "@hugo-lab/model";
import { helpText, parseFlags } from "./lib/flags.ts";
import { runTask } from "./lib/task.ts";

/** The task. */
export async function data(args: string[]): Promise<void> {
  const values = parseFlags("data", ["help"], args);
  if (values.help) return console.log(helpText("data", "downloads Les Contemplations", ["help"]));
  await downloadHugo((line) => console.error(line));
  const corpus = await loadCorpus(undefined, (line) => console.error(line));
  console.log(
    `${corpus.characters.length} characters in ${
      HUGO_PATH.pathname.split("/").slice(-2).join("/")
    }`,
  );
}

if (import.meta.main) await runTask(data);
