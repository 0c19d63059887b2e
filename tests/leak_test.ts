/** Training on TensorFlow keeps no memory: TensorFlow frees only what it is told to. */
import * as tf from "@hugo-lab/model/tf";
import { assert, assertEquals } from "@std/assert";
import { buildModel, Generator, splitData, stages, Trainer } from "@hugo-lab/model";
import v8 from "node:v8";
import vm from "node:vm";
import { testOnBackends } from "./lib/backends.ts";

const ITERATIONS = 2000;
/** By then TensorFlow's pools and the compiler's code are as large as they get. */
const WARM = 500;
const GROWTH = 0.05;
const VOCABULARY = 101;

v8.setFlagsFromString("--expose-gc");
const collectGarbage: () => void = vm.runInNewContext("gc");

await testOnBackends(
  `${ITERATIONS} iterations keep the tensors' number, and memory within ${100 * GROWTH} %`,
  async () => {
    const data = splitData(Int32Array.from({ length: 5000 }, (_, i) => (i * 7919) % VOCABULARY));
    const generator = new Generator(1);
    const { model: blocks, training } = stages.blocks_norm; // has every function of the lab
    const config = { ...blocks, nLayer: 1, nHead: 2 };
    const model = buildModel(VOCABULARY, config, generator).initialize(generator);
    const trainer = new Trainer(model, data, training, generator);
    const tensors = new Set<number>();
    const memory: number[] = [];
    for (let step = 0; step < ITERATIONS; step++) {
      await trainer.step();
      if (step > 0) tensors.add(tf.memory().numTensors);
      if (step !== WARM && step !== ITERATIONS - 1) continue;
      collectGarbage(); // what JavaScript frees in its own time is no leak
      memory.push(Deno.memoryUsage().rss);
    }
    trainer.dispose();
    model.dispose();
    assertEquals(tensors.size, 1, `tensors: ${[...tensors]}`);
    const [warm, end] = memory;
    assert(end < warm * (1 + GROWTH), `resident memory grew from ${warm} to ${end} bytes`);
  },
  [],
  ["tensorflow"],
);
