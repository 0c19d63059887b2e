/** The loss on what a run left out, told once, when no choice depends on it any more. @module */
import {
  CsvFile,
  formatLoss,
  type LanguageModel,
  loadWeights,
  type Trainer,
  UserError,
} from "@hugo-lab/model";
import type { OpenRun } from "./open.ts";

/** Its file beside losses.csv. */
export const TEST_FILE = "test.csv";

/** Prints and writes the test part's loss of a run's best weights, which the model has then. */
export async function tellTestLoss(
  { folder, data, checkpoints }: OpenRun,
  model: LanguageModel,
  trainer: Trainer,
): Promise<void> {
  if (!data.test) return;
  const best = await checkpoints.best();
  if (!best) throw new UserError(`${folder}/best.safetensors is not this run's any more`);
  loadWeights(model, best.weights);
  const loss = await trainer.testLoss();
  const { step } = best;
  const characters = data.test.length.toLocaleString("en");
  console.log(
    `\ntest loss ${loss.toFixed(4)}: of the best weights (step ${step}), on ${characters} ` +
      "unseen characters",
  );
  new CsvFile(`${folder}/${TEST_FILE}`, ["step", "test_loss"]).append([step, formatLoss(loss)]);
}
