/** Dividing steps among threads: no order in which they come may change a bit. */
import * as tf from "@hugo-lab/model/tf";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { buildModel, Generator, stages, Trainer, useBackend } from "@hugo-lab/model";
import { LabBackend } from "../model/backends/lab/mod.ts";
import { bind } from "../model/backends/lab/machine/calls.ts";
import type { Engine } from "../model/backends/lab/machine/engine.ts";
import { isDivisible } from "../model/backends/lab/machine/module.ts";
import { parameters } from "../model/backends/lab/machine/kernels.ts";
import type { ThreadPool, ThreadStep } from "../model/backends/lab/machine/threads.ts";
import { touches } from "../model/backends/lab/ops/mod.ts";
import { test } from "./lib/needs.ts";

const VOCABULARY = 31;
const text = Int32Array.from({ length: 2000 }, (_, i) => (i * i + (i >> 3)) % VOCABULARY);

/**
 * Threads played by the caller's: between two meetings the others' shares are run all before its
 * own, or all after, the last thread's first. A missing meeting then gives wrong numbers.
 */
class PlayedPool {
  readonly ready = () => Promise.resolve();
  readonly forget = () => {};
  #lists = new Map<number, (() => void)[][][]>(); // by program, meeting and thread
  #segments: (() => void)[][][] = [];

  constructor(readonly engine: Engine, readonly othersFirst: boolean) {}

  program(id: number, lists: ThreadStep[][]): void {
    const segments: (() => void)[][][] = [];
    lists.forEach((list) => {
      let meeting = 0;
      let steps: ThreadStep[] = [];
      for (const step of list) {
        if (step !== "barrier") steps.push(step);
        else {
          (segments[meeting++] ??= []).unshift(bind(this.engine.kernels, steps));
          steps = [];
        }
      }
    });
    this.#lists.set(id, segments);
  }

  run(id: number): void {
    this.#segments = [...this.#lists.get(id)!];
    if (this.othersFirst) this.#play();
  }

  barrier() {
    return { wait: () => this.#play() };
  }

  #play(): void {
    for (const steps of this.#segments.shift() ?? []) for (const call of steps) call();
  }
}

/** Losses of some steps; the pool is the engine's own unless one is given. */
async function losses(
  name: "multi_head" | "blocks_norm",
  threads: number,
  pool?: (engine: Engine) => PlayedPool,
): Promise<number[]> {
  await useBackend("lab", threads);
  const backend = tf.backend() as LabBackend;
  const { acquirePool, releasePool } = backend.engine;
  if (pool) {
    const played = pool(backend.engine);
    backend.engine.acquirePool = () => played as unknown as ThreadPool;
    backend.engine.releasePool = () => {};
  }
  const { model: config, training } = stages[name];
  const generator = new Generator(5);
  const model = buildModel(VOCABULARY, config, generator).initialize(generator);
  const batchSize = 36; // no multiple of 4 or 8 threads
  const data = { train: text, val: text };
  const trainer = new Trainer(model, data, { ...training, batchSize }, generator);
  const values: number[] = [];
  for (let i = 0; i < 20; i++) values.push(await trainer.step());
  trainer.dispose();
  model.dispose();
  Object.assign(backend.engine, { acquirePool, releasePool });
  return values;
}

for (const name of ["multi_head", "blocks_norm"] as const) {
  for (const threads of [2, 3]) {
    for (const othersFirst of [true, false]) {
      const order = othersFirst ? "before" : "after";
      Deno.test(`${name}: bits are the same if ${threads - 1} others come ${order} the first`, async () => {
        const alone = await losses(name, 1);
        let meetings = 0;
        const played = await losses(name, threads, (engine) => {
          const pool = new PlayedPool(engine, othersFirst);
          const program = pool.program.bind(pool);
          pool.program = (id, lists) => {
            meetings = lists[0].filter((step) => step === "barrier").length;
            program(id, lists);
          };
          return pool;
        });
        assert(meetings > 1, "the step was not divided");
        assertEquals(played, alone);
      });
    }
  }

  test(`${name}: real threads give the same bits, 1, 2 and 4`, ["read"], async () => {
    const alone = await losses(name, 1);
    assertEquals(await losses(name, 2), alone);
    assertEquals(await losses(name, 4), alone);
  });
}

Deno.test({
  name: "threads that may not read their program are an error of the step that wants them",
  permissions: { read: false },
  async fn() {
    await assertRejects(() => losses("multi_head", 2), Error, "a thread failed: ");
  },
});

Deno.test("what every kernel touches is declared, and only three are not shared", () => {
  const names = Object.keys(parameters) as (keyof typeof parameters)[];
  const atStart = ["gemm_scratch_bytes", "rounds_once"]; // no step calls them
  const inSteps = names.filter((name) => !atStart.includes(name));
  for (const name of inSteps) {
    const { scratch: _, ...rest } = parameters[name] as Record<string, string>;
    const addresses = Object.keys(rest).filter((parameter) => rest[parameter] === "address");
    assertEquals(Object.keys(touches[name] ?? {}).sort(), addresses.sort(), name);
  }
  assertEquals(inSteps.filter((name) => !isDivisible(name)), ["clip_factor", "mean", "put_row"]);
});
