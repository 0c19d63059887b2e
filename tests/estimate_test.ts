/** How long a run is said to take before it begins: its evaluations are counted as they will come. */
import { assert } from "@std/assert";
import { buildModel, Generator, presets, useBackend } from "@hugo-lab/model";
import { estimateSeconds } from "../scripts/lib/run/estimate.ts";

Deno.test("evaluations by seconds are foretold by the seconds, not by the interval", async () => {
  await useBackend("lab");
  const { model: config, training } = presets.laptop;
  const generator = new Generator(1);
  const model = buildModel(101, config, generator).initialize(generator);
  const estimate = (change: object) =>
    estimateSeconds(model, { ...training, evalInterval: 1, ...change }, 28_523);
  const [often, seldom] = [await estimate({}), await estimate({ evalSeconds: 600 })];
  assert(seldom > 0 && seldom < often / 5, `${seldom} s, ${often} s`);
  model.dispose();
});
