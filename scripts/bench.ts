/** `deno task bench`: how long a step takes, and how that compares with PyTorch, JAX and tfjs. @module */
import * as tf from "@tensorflow/tfjs";
import {
  type BackendName,
  buildModel,
  deviceInUse,
  findWebGpu,
  generate,
  Generator,
  type ModelConfig,
  splitData,
  stages,
  Trainer,
  useBackend,
  UserError,
  writeAtomically,
} from "@hugo-lab/model";
import { parseArgs } from "@std/cli/parse-args";
import { runTask } from "./lib/task.ts";

const HELP = `deno task bench: times every stage on the lab's engine, and beside its peers

Flags:
  --python PATH   a Python with torch or jax, to compare with
  --tfjs          compare the small stages with TensorFlow.js's wasm backend too
  --tensorflow    compare with native TensorFlow too, as tfjs-node runs it
  --webgpu        compare with WebGPU too; on a software adapter the small stages only
  --scaled        the full-size model with batch 8 too (minutes)
  --growth        how a step's cost grows with batch, block, width and depth
  --seconds N     how long each figure is measured (default 3)
  --json FILE     write the figures as JSON too
  --help          show this`;

const VOCABULARY = 101;
/** Characters, as many as a stage samples; compiling the step is included. */
const SAMPLED = 500;
const PEAK_SIZE = 512;

interface Times {
  median: number;
  p10: number;
  p90: number;
}

interface Row {
  stage: string;
  step: Times;
  evaluation: number;
  sample?: number;
  gflops: number;
  peers: Record<string, { step?: number; evaluation?: number; sample?: number; version?: string }>;
}

interface Settings {
  python?: string;
  /** TensorFlow.js's backends to compare with; TensorFlow before WebGPU, see backendNames. */
  backends: BackendName[];
  seconds: number;
}

/** The backends' columns. */
const columns: Partial<Record<BackendName, string>> = {
  wasm: "tfjs wasm",
  tensorflow: "TensorFlow",
  webgpu: "WebGPU",
};

const data = splitData(
  Int32Array.from({ length: 100_000 }, (_, i) => (i * 7919 + Math.floor(i / 13)) % VOCABULARY),
);

function summarize(times: number[]): Times {
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  return { median: at(0.5), p10: at(0.1), p90: at(0.9) };
}

/** Times steps, evaluation batches and sampled characters of a model on the current backend. */
async function measure(config: ModelConfig, batchSize: number, seconds: number, sampled: boolean) {
  const generator = new Generator(1);
  const model = buildModel(VOCABULARY, config, generator).initialize(generator);
  const training = { ...stages.multi_head.training, batchSize, iters: 10 ** 9, evalIters: 1 };
  const trainer = new Trainer(model, data, training, generator);
  const stop = new Error("enough");
  const times: number[] = [];
  const started = performance.now();
  let last = started;
  try {
    await trainer.run({
      onIteration: (step) => {
        const now = performance.now();
        if (step > 2) times.push(now - last);
        last = now;
        if (now - started > 1000 * seconds && times.length >= 3) throw stop;
      },
    }, () => false);
  } catch (error) {
    if (error !== stop) throw error;
  }
  const evaluations: number[] = [];
  for (let i = 0; i < (config.nEmbd > 100 ? 2 : 200); i++) {
    const begin = performance.now();
    await trainer.estimateLoss(0);
    evaluations.push((performance.now() - begin) / 2);
  }
  let sample: number | undefined;
  if (sampled) {
    for await (const _ of generate(model, generator, Int32Array.of(0), SAMPLED)); // warms up
    const begin = performance.now();
    for await (const _ of generate(model, generator, Int32Array.of(0), SAMPLED));
    sample = (performance.now() - begin) / SAMPLED;
  }
  // A lookup in a table is no multiplication.
  let multiplied = 0;
  for (const [name, { size }] of model.namedParameters()) {
    if (!name.includes("embedding")) multiplied += size;
  }
  trainer.dispose();
  model.dispose();
  return { step: summarize(times), evaluation: summarize(evaluations).median, sample, multiplied };
}

/** Runs a peer's script; nothing if its library is not there. */
async function runPeer(python: string, script: string, job: unknown) {
  const path = new URL(`../tests/peers/${script}`, import.meta.url).pathname;
  const command = new Deno.Command(python, { args: [path, JSON.stringify(job)], stderr: "piped" });
  let output: Deno.CommandOutput;
  try {
    output = await command.output();
  } catch {
    throw new UserError(`--python ${python} cannot be run: give the path of a Python`);
  }
  const decoder = new TextDecoder();
  if (output.success) return JSON.parse(decoder.decode(output.stdout));
  const reason = decoder.decode(output.stderr).trim().split("\n").at(-1);
  console.error(`${script} was not measured: ${reason}`);
}

async function benchStage(
  stage: string,
  config: ModelConfig,
  batch: number,
  { python, backends, seconds }: Settings,
): Promise<Row> {
  const isLarge = config.nEmbd > 100;
  await useBackend("lab");
  const own = await measure(config, batch, seconds, !isLarge);
  const peers: Row["peers"] = {};
  for (const backend of backends) {
    if (isLarge && !await takesLarge(backend)) continue; // minutes a step
    await useBackend(backend);
    const { step, evaluation } = await measure(config, batch, seconds, false);
    peers[columns[backend]!] = { step: step.median, evaluation };
  }
  if (python) {
    const threads = isLarge ? [navigator.hardwareConcurrency] : [1, navigator.hardwareConcurrency];
    const job = { config, batch, seconds, threads };
    const torch = await runPeer(python, "pytorch_peer.py", job);
    if (torch) peers["PyTorch"] = torch;
    const jax = await runPeer(python, "jax_peer.py", job);
    if (jax) peers["JAX"] = jax;
  }
  const operations = 6 * own.multiplied * batch * config.blockSize;
  return {
    stage,
    ...own,
    gflops: operations / own.step.median / 1e6,
    peers,
  };
}

/** Whether the full-size model is worth measuring there. */
async function takesLarge(backend: BackendName): Promise<boolean> {
  if (backend === "webgpu") return (await findWebGpu())?.isSoftware === false;
  return backend === "tensorflow";
}

/** GFLOP/s of a 512 x 512 product on the engine: what this machine can do. */
async function measurePeak(): Promise<number> {
  await useBackend("lab");
  const a = tf.ones<tf.Rank.R2>([PEAK_SIZE, PEAK_SIZE]);
  const times: number[] = [];
  for (let i = 0; i < 30; i++) {
    const begin = performance.now();
    tf.matMul(a, a).dispose();
    times.push(performance.now() - begin);
  }
  a.dispose();
  return 2 * PEAK_SIZE ** 3 / summarize(times).median / 1e6;
}

const ms = (x: number | undefined) => x === undefined ? "" : x.toPrecision(3);

function table(rows: Row[], peak: number): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row.peers)))];
  const header = [
    ...[
      "stage",
      "step ms",
      "p10",
      "p90",
      "evaluation ms",
      "character ms",
      "GFLOP/s",
      "of all cores' peak",
    ],
    ...names.flatMap((name) => [`${name} step ms`, "ratio", "evaluation", "character"]),
  ];
  const ratio = (theirs: number | undefined, ours: number | undefined) =>
    theirs && ours ? `${(theirs / ours).toFixed(1)}x` : "";
  const lines = rows.map((row) => [
    row.stage,
    ...[row.step.median, row.step.p10, row.step.p90, row.evaluation, row.sample].map(ms),
    row.gflops.toFixed(1),
    `${Math.round(100 * row.gflops / (navigator.hardwareConcurrency * peak))} %`,
    ...names.flatMap((name) => {
      const peer = row.peers[name] ?? {};
      return [
        ms(peer.step),
        ratio(peer.step, row.step.median),
        ratio(peer.evaluation, row.evaluation),
        ratio(peer.sample, row.sample),
      ];
    }),
  ]);
  const rule = header.map(() => "---");
  return [header, rule, ...lines].map((line) => `| ${line.join(" | ")} |`).join("\n");
}

/** The exponent with which a step's time grows along each dimension, fitted over doublings. */
async function growth(seconds: number): Promise<string> {
  await useBackend("lab");
  const base = {
    ...stages.scaled.model,
    dropout: 0,
    blockSize: 32,
    nEmbd: 64,
    nHead: 4,
    nLayer: 2,
  };
  const dimensions: [string, (k: number) => [ModelConfig, number]][] = [
    ["batch", (k) => [base, 8 * k]],
    ["block", (k) => [{ ...base, blockSize: base.blockSize * k }, 8]],
    ["width", (k) => [{ ...base, nEmbd: base.nEmbd * k }, 8]],
    ["depth", (k) => [{ ...base, nLayer: base.nLayer * k }, 8]],
  ];
  const lines = [
    "| grows | x1 | x2 | x4 | x8 | exponent |",
    "| --- | --- | --- | --- | --- | --- |",
  ];
  for (const [name, at] of dimensions) {
    const times: number[] = [];
    for (const k of [1, 2, 4, 8]) {
      times.push((await measure(...at(k), seconds / 3, false)).step.median);
    }
    // The slope of a least squares line through (0, 1, 2, 3) and the logarithms.
    const slope = times.reduce((sum, t, i) => sum + (i - 1.5) * Math.log2(t), 0) / 5;
    lines.push(`| ${name} | ${times.map(ms).join(" | ")} | ${slope.toFixed(2)} |`);
  }
  return lines.join("\n");
}

/** The task. */
export async function bench(args: string[]): Promise<void> {
  const flags = parseArgs(args, {
    string: ["python", "seconds", "json"],
    boolean: ["tfjs", "tensorflow", "webgpu", "scaled", "growth", "help"],
    unknown: (argument) => {
      throw new UserError(`bench has no ${argument}: see deno task bench --help`);
    },
  });
  if (flags.help) return console.log(HELP);
  const seconds = Number(flags.seconds ?? 3);
  if (!(seconds > 0)) throw new UserError(`--seconds must be above 0, got "${flags.seconds}"`);
  if (flags.growth) return console.log(await growth(seconds));
  const backends: BackendName[] = [];
  if (flags.tfjs) backends.push("wasm");
  if (flags.tensorflow) backends.push("tensorflow");
  if (flags.webgpu) backends.push("webgpu");
  for (const backend of backends) {
    await useBackend(backend); // tells at once which one is missing
    console.error(`${columns[backend]} computes on ${await deviceInUse()}`);
  }
  const settings = { python: flags.python as string | undefined, backends, seconds };
  const peak = await measurePeak();
  const rows: Row[] = [];
  for (const name of ["bigram", "single_head", "multi_head", "blocks_norm"] as const) {
    console.error(`measuring ${name}`);
    const { model, training } = stages[name];
    rows.push(await benchStage(name, model, training.batchSize, settings));
  }
  if (flags.scaled) {
    console.error("measuring scaled, batch 8");
    rows.push(await benchStage("scaled, batch 8", stages.scaled.model, 8, settings));
  }
  console.log(
    `${navigator.hardwareConcurrency} cores, engine's peak on one ${peak.toFixed(1)} GFLOP/s`,
  );
  console.log(table(rows, peak));
  if (flags.json) {
    const text = JSON.stringify({ cores: navigator.hardwareConcurrency, peak, rows }, null, 1);
    await writeAtomically(String(flags.json), new TextEncoder().encode(text + "\n"));
  }
}

if (import.meta.main) await runTask(bench);
