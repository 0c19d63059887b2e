/** `deno task scaled`: trains the scaled-up GPT, or compares it with GPT-2. @module */
import { stages } from "@hugo-lab/model";
import { withClosing } from "./lib/report/closing.ts";
import { comparedModels, compareModels } from "./lib/report/describe.ts";
import { applyFlags } from "./lib/run/flags.ts";
import { trainingTask } from "./lib/run/stage.ts";
import { main, task } from "./lib/task/task.ts";

const training = withClosing(trainingTask("scaled"));

/** The task. */
export const scaled = task({
  ...training,
  flags: {
    ...training.flags,
    describe: { kind: "switch", help: "compare with GPT-2, train nothing" },
  },
  async run({ describe, ...values }) {
    if (!describe) return await training.run(values);
    console.log(compareModels(comparedModels(applyFlags(stages.scaled, values).model)));
  },
});

if (import.meta.main) await main(scaled);
