/** `deno task scaled`: trains the scaled-up GPT, or compares it with GPT-2. @module */
import { type PresetName, presets } from "@hugo-lab/model";
import { close } from "./lib/report/closing.ts";
import { comparedModels, compareModels } from "./lib/report/describe.ts";
import { applyFlags } from "./lib/run/flags.ts";
import { choosePreset, presetsHelp } from "./lib/run/preset.ts";
import { trainingTask, trainStage } from "./lib/run/stage.ts";
import { main, task } from "./lib/task/task.ts";

const training = trainingTask("scaled");
const names = Object.keys(presets) as PresetName[];

/** The task. */
export const scaled = task({
  ...training,
  flags: {
    preset: {
      kind: "choice",
      choices: names,
      otherwise: "laptop, or notebook with a GPU",
      help: presetsHelp,
    },
    ...training.flags,
    describe: { kind: "switch", help: "compare with GPT-2, train nothing" },
  },
  async run({ describe, ...values }) {
    if (describe) {
      const { model } = applyFlags(presets[values.preset ?? "notebook"], values);
      return console.log(compareModels(comparedModels(model)));
    }
    const { name, why, stage } = await choosePreset(values);
    const rows = await trainStage(stage, values, `preset ${name} (${presets[name].about}): ${why}`);
    await close("scaled", values);
    return rows;
  },
});

if (import.meta.main) await main(scaled);
