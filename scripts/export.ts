/** `deno task export STAGE --to DIR`: a trained model for PyTorch, and what trains it there. @module */
import { prepareFolder, stages, writeAtomically } from "@hugo-lab/model";
import { exportedFiles, readTrained } from "./lib/run/export.ts";
import { sharedFlags } from "./lib/run/flags.ts";
import { stageNamed } from "./lib/run/stage_name.ts";
import { countOf } from "./lib/task/lines.ts";
import { equals, isOwnThere } from "./lib/task/output.ts";
import { main, task } from "./lib/task/task.ts";

/** The task. */
export const exportStage = task({
  name: "export",
  words: "STAGE",
  about: `a trained stage for PyTorch

STAGE is one of ${Object.keys(stages).join(", ")}.

The folder then has weights.safetensors, config.json and vocabulary.json, model.py, which loads
them, and train.py, which goes on from checkpoint.safetensors, on several processes too. With --best
training starts anew from those weights: AdamW's state is kept for the last ones only.`,
  flags: {
    to: {
      kind: "text",
      value: "DIR",
      required: "a folder",
      help: "a folder of the exported model's own",
    },
    best: { kind: "switch", help: "the weights of the lowest validation loss, not the last ones" },
    results: { ...sharedFlags.results, default: "results" },
  },
  others: sharedFlags,
  async run({ to, best = false, results }, words) {
    const stage = stageNamed(words.join(" "), "export needs the name of one stage");
    const trained = await readTrained(`${results}/${stage}`, stage, best);
    const files = exportedFiles(trained);
    await isOwnThere(`${to}/checkpoint.safetensors`, () => false, "to"); // it may be PyTorch's
    for (const [name, bytes] of files) await isOwnThere(`${to}/${name}`, equals(bytes), "to");
    prepareFolder(to, "to");
    for (const [name, bytes] of files) await writeAtomically(`${to}/${name}`, bytes);
    console.log(
      `${to}: ${stage}, the ${trained.weightsOf} weights, ${
        countOf(trained.run.iteration, "iteration")
      }\n` +
        `python ${to}/train.py --help tells how to go on`,
    );
  },
});

if (import.meta.main) await main(exportStage);
