/** The loss on what a run left out, told once, when no choice depends on it any more. @module */
import {
  CsvFile,
  decodeModel,
  formatLoss,
  type LanguageModel,
  loadWeights,
  readSafetensors,
  type Trainer,
} from "@hugo-lab/model";
import type { OpenRun } from "./open.ts";

/** Its file beside losses.csv. */
export const TEST_FILE = "test.csv";

/** Prints and writes the test part's loss of a run's best weights, which the model has then. */
export async function tellTestLoss(
  { folder, stage, data, results }: OpenRun,
  model: LanguageModel,
  trainer: Trainer,
): Promise<void> {
  if (!data.test) return;
  const best = decodeModel(await readSafetensors(`${folder}/best.safetensors`), stage.name);
  loadWeights(model, best.weights);
  const loss = await trainer.testLoss();
  const losses = results.losses.rows.map((row) => Number(row[2]));
  const [step] = results.losses.rows[losses.indexOf(Math.min(...losses))];
  const characters = data.test.length.toLocaleString("en");
  console.log(
    `\ntest loss ${loss.toFixed(4)}: of the best weights (step ${step}), on ${characters} ` +
      "unseen characters",
  );
  new CsvFile(`${folder}/${TEST_FILE}`, ["step", "test_loss"]).append([step, formatLoss(loss)]);
}
