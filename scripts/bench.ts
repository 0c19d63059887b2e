/** `deno task bench`: how long a step takes, and how that compares with PyTorch, JAX and tfjs. @module */
import {
  type BackendName,
  deviceInUse,
  type ModelConfig,
  stages,
  useBackend,
  writeAtomically,
} from "@hugo-lab/model";
import type { Values } from "./lib/task/arguments.ts";
import { growth } from "./lib/bench/growth.ts";
import { laptop } from "./lib/bench/laptop.ts";
import { measure, measurePeak, VOCABULARY } from "./lib/bench/measure.ts";
import { columns, runPeer, takesLarge } from "./lib/bench/peers.ts";
import { callsOfStep, profileOfStep } from "./lib/bench/step.ts";
import { type Row, table } from "./lib/bench/table.ts";
import { beginsWith, prepareOutput } from "./lib/task/output.ts";
import { main, task } from "./lib/task/task.ts";

const flags = {
  python: { kind: "text", value: "PATH", help: "a Python with torch or jax, to compare with" },
  tfjs: { kind: "switch", help: "compare the small stages with TensorFlow.js's wasm backend too" },
  tensorflow: {
    kind: "switch",
    help: "compare with native TensorFlow too, as tfjs-node runs it",
  },
  webgpu: {
    kind: "switch",
    help: "compare with WebGPU too; on a software adapter the small stages only",
  },
  scaled: { kind: "switch", help: "the full-size model with batch 8 too (minutes)" },
  laptop: {
    kind: "text",
    value: "FILE",
    help: "how soon scaled's laptop preset is good on this text, and PyTorch with it (minutes)",
  },
  growth: { kind: "switch", help: "how a step's cost grows with batch, block, width and depth" },
  calls: {
    kind: "text",
    value: "STAGE",
    help: "the kernel calls of a training step: sizes, addresses, where threads meet",
  },
  profile: {
    kind: "text",
    value: "STAGE",
    help: "where that step's time goes on one thread: milliseconds, share, GFLOP/s or GB/s",
  },
  seconds: { kind: "number", above: 0, default: 3, help: "how long each figure is measured" },
  json: { kind: "text", value: "FILE", help: "write the figures as JSON too" },
} as const;

const JSON_BEGINS = '{\n "cores": ';

/** Models wider than this take seconds a step on some backends. */
const LARGE = 100;

interface Settings {
  python?: string;
  /** TensorFlow.js's backends to compare with; TensorFlow before WebGPU, see backendNames. */
  backends: BackendName[];
  seconds: number;
}

async function benchStage(
  stage: string,
  config: ModelConfig,
  batch: number,
  { python, backends, seconds }: Settings,
): Promise<Row> {
  const isLarge = config.nEmbd > LARGE;
  await useBackend("lab");
  const own = await measure(config, batch, seconds, !isLarge);
  const operations = 6 * own.multiplied * batch * config.blockSize;
  const gflops = operations / own.step.median / 1e6;
  const peers: Row["peers"] = {};
  for (const backend of backends) {
    if (isLarge && !await takesLarge(backend)) continue; // minutes a step
    await useBackend(backend);
    const { step, evaluation } = await measure(config, batch, seconds, false);
    peers[columns[backend]!] = { step: step.median, evaluation };
  }
  if (python) {
    const threads = isLarge ? [navigator.hardwareConcurrency] : [1, navigator.hardwareConcurrency];
    const job = { config, vocabulary: VOCABULARY, batch, seconds, threads };
    const torch = await runPeer(python, "pytorch_peer.py", job);
    if (torch) peers["PyTorch"] = torch;
    const jax = await runPeer(python, "jax_peer.py", job);
    if (jax) peers["JAX"] = jax;
  }
  return { stage, ...own, gflops, peers };
}

/** The task. */
const bench = task({
  name: "bench",
  about: "times every stage on the lab's engine, and beside its peers",
  flags,
  run: measureAll,
});

async function measureAll(values: Values<typeof flags>): Promise<void> {
  const { python, seconds } = values;
  if (values.laptop !== undefined) return console.log(await laptop(python, values.laptop));
  if (values.growth) return console.log(await growth(seconds));
  if (values.calls !== undefined) return console.log(await callsOfStep(values.calls));
  if (values.profile !== undefined) return console.log(await profileOfStep(values.profile));
  if (values.json) await prepareOutput(values.json, beginsWith(JSON_BEGINS), "json");
  const backends: BackendName[] = [];
  if (values.tfjs) backends.push("wasm");
  if (values.tensorflow) backends.push("tensorflow");
  if (values.webgpu) backends.push("webgpu");
  for (const backend of backends) {
    await useBackend(backend); // tells at once which one is missing
    console.error(`${columns[backend]} computes on ${await deviceInUse()}`);
  }
  const settings = { python, backends, seconds };
  const peak = await measurePeak();
  const rows: Row[] = [];
  for (const name of ["bigram", "single_head", "multi_head", "blocks_norm"] as const) {
    console.error(`measuring ${name}`);
    const { model, training } = stages[name];
    rows.push(await benchStage(name, model, training.batchSize, settings));
  }
  if (values.scaled) {
    console.error("measuring scaled, batch 8");
    rows.push(await benchStage("scaled, batch 8", stages.scaled.model, 8, settings));
  }
  console.log(
    `${navigator.hardwareConcurrency} cores, engine's peak on one ${peak.toFixed(1)} GFLOP/s`,
  );
  console.log(table(rows, peak));
  if (values.json) {
    const text = JSON.stringify({ cores: navigator.hardwareConcurrency, peak, rows }, null, 1);
    await writeAtomically(values.json, new TextEncoder().encode(text + "\n"));
  }
}

if (import.meta.main) await main(bench);
