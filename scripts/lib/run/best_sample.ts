/** The sample of a run's best weights, where those are not its last. @module */
import { type GeneratorState, loadWeights, type Trainer } from "@hugo-lab/model";
import type { OpenRun } from "./open.ts";
import { writeSample } from "./sample.ts";

/**
 * Prints what the weights of the lowest validation loss write, with the draws of the last ones'
 * sample; the model has these weights then.
 *
 * @param before where the generator stood before that sample
 * @returns rows of samples.csv: none, or one
 */
export async function sampleBest(
  run: OpenRun,
  { model, generator, config }: Trainer,
  before: GeneratorState,
): Promise<unknown[][]> {
  const lastStep = Number(run.results.losses.rows.at(-1)![0]);
  const best = await run.checkpoints.best();
  if (!best || best.step === lastStep) return [];
  const { step, valLoss, weights } = best;
  console.log(`\nstep ${step} had the lowest val loss, ${valLoss.toFixed(4)}; its weights write:`);
  loadWeights(model, weights);
  generator.state = before;
  const text = await writeSample(run, model, generator, config.sampleLength);
  return [[step, config.prompt, text]];
}
