/** `deno task data`: brings Hugo's text to data/, from the net or from a file. @module */
import { copyHugo, downloadHugo, hasHugo, loadCorpus } from "@hugo-lab/model";
import { notify } from "./lib/task/notices.ts";
import { main, task } from "./lib/task/task.ts";

/** The task. */
export const data = task({
  name: "data",
  about: "brings Les Contemplations here",
  flags: {
    from: {
      kind: "text",
      value: "FILE",
      help: "take the text from this file, downloading nothing",
    },
  },
  async run({ from }) {
    const say = notify({});
    if (from !== undefined) await copyHugo(from);
    else if (await hasHugo()) say("it is here already");
    else await downloadHugo(say);
    const { text } = await loadCorpus(undefined, say);
    console.log(`${text.length} characters in data/hugo_contemplations.txt`);
  },
});

if (import.meta.main) await main(data);
