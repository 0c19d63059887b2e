/**
 * Random small models, each tried by a host (model.ts).
 *
 * @module
 */
import { type ModelConfig, stages } from "@hugo-lab/model";
import { Host } from "./hosts.ts";
import type { Job } from "./job.ts";
import { judge } from "./judge.ts";
import type { Settings } from "./model.ts";
import { fc } from "./packages.ts";
import { search } from "./search.ts";
import type { Fault } from "./tally.ts";

const COUNT = { quick: 12, whole: 1000 };
const SECONDS = 60;

/** The class. */
export async function models(job: Job): Promise<void> {
  const likeTasks = ["single_head", "scaled"]; // by their flags the engine chooses its build
  const hosts = Array.from(
    { length: job.lanes },
    (_, lane) => new Host(Deno.cwd(), likeTasks[lane % likeTasks.length]),
  );
  await search<Settings>(job, {
    count: job.quick ? COUNT.quick : COUNT.whole,
    arbitrary: settings(),
    check: async (value, lane) => {
      const end = await hosts[lane].run("model", [JSON.stringify(value)], SECONDS);
      if (end.code !== 2) return end.code === 0 ? [] : judge(end);
      const what = /^error: (.*)$/m.exec(end.err)![1];
      return [{ column: "wrong", what } satisfies Fault];
    },
    show: (value) => `a model of ${JSON.stringify(value)}`,
  });
  await Promise.all(hosts.map((host) => host.close()));
}

/** Models of every stage's kind, in random sizes. */
function settings(): fc.Arbitrary<Settings> {
  const size = (min: number, max: number) => fc.integer({ min, max });
  return fc.record({
    body: fc.constantFrom<ModelConfig["body"]>(
      ...["bigram", "head", "multi_head", "feed_forward", "blocks", "blocks"] as const,
    ),
    blockSize: size(1, 33),
    headSize: size(1, 12),
    nHead: size(1, 5),
    nLayer: size(1, 3),
    dropout: fc.constantFrom(0, 0.1, 0.5, 0.9),
    skip: fc.constantFrom<ModelConfig["skip"]>("none", "notebook", "pre-norm"),
    innerFeedForward: fc.boolean(),
    dropoutBeforeProj: fc.boolean(),
    widening: size(0, 4),
    activation: fc.constantFrom<ModelConfig["activation"]>("relu", "gelu"),
    attentionBias: fc.boolean(),
    tiedEmbeddings: fc.boolean(),
    vocabSize: size(2, 70),
    batchSize: size(1, 40),
    learningRate: fc.constantFrom(1e-3, 1e-2),
    seed: fc.nat(),
  }).map(({ vocabSize, batchSize, learningRate, seed, headSize, ...config }) => ({
    config: { ...stages.multi_head.model, ...config, nEmbd: headSize * config.nHead },
    vocabSize,
    batchSize,
    learningRate,
    seed,
  }));
}
