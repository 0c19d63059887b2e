/** `deno task bench`: how long a step takes, and how that compares with PyTorch, JAX and tfjs. @module */
import {
  type BackendName,
  deviceInUse,
  leaveProductsToBlas,
  type ModelConfig,
  stages,
  useBackend,
  UserError,
  writeAtomically,
} from "@hugo-lab/model";
import { parseArgs } from "@std/cli/parse-args";
import { growth } from "./lib/bench/growth.ts";
import { measure, measurePeak } from "./lib/bench/measure.ts";
import { columns, runPeer, takesLarge } from "./lib/bench/peers.ts";
import { callsOfStep, profileOfStep } from "./lib/bench/step.ts";
import { type Row, table } from "./lib/bench/table.ts";
import { runTask } from "./lib/task.ts";

const HELP = `deno task bench: times every stage on the lab's engine, and beside its peers

Flags:
  --python PATH   a Python with torch or jax, to compare with
  --tfjs          compare the small stages with TensorFlow.js's wasm backend too
  --tensorflow    compare with native TensorFlow too, as tfjs-node runs it
  --webgpu        compare with WebGPU too; on a software adapter the small stages only
  --scaled        the full-size model with batch 8 too (minutes)
  --blas          with --scaled: that model with the machine's BLAS too
  --growth        how a step's cost grows with batch, block, width and depth
  --calls STAGE   the kernel calls of a stage's captured training step: units of each thread, sizes,
                  addresses, and where the threads meet (scaled with batch 8)
  --profile STAGE where that step's time goes on one thread: milliseconds, share, GFLOP/s or GB/s of
                  each operation
  --seconds N     how long each figure is measured (default 3)
  --json FILE     write the figures as JSON too
  --help          show this`;

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
  const own = await measureOwn(config, batch, seconds);
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
  return { stage, ...own, peers };
}

async function measureOwn(config: ModelConfig, batch: number, seconds: number) {
  const own = await measure(config, batch, seconds, config.nEmbd <= LARGE);
  const operations = 6 * own.multiplied * batch * config.blockSize;
  return { ...own, gflops: operations / own.step.median / 1e6 };
}

/** The same model once more, its large products left to the machine's BLAS. */
async function benchWithBlas(row: Row, config: ModelConfig, batch: number, seconds: number) {
  await useBackend("lab");
  const { library, line } = await leaveProductsToBlas("auto");
  console.error(line);
  if (library === undefined) return [];
  return [{ ...row, ...await measureOwn(config, batch, seconds), stage: `${row.stage}, BLAS` }];
}

/** The task. */
export async function bench(args: string[]): Promise<void> {
  const flags = parseArgs(args, {
    string: ["python", "seconds", "json", "calls", "profile"],
    boolean: ["tfjs", "tensorflow", "webgpu", "scaled", "blas", "growth", "help"],
    unknown: (argument) => {
      throw new UserError(`bench has no ${argument}: see deno task bench --help`);
    },
  });
  if (flags.help) return console.log(HELP);
  const seconds = Number(flags.seconds ?? 3);
  if (!(seconds > 0)) throw new UserError(`--seconds must be above 0, got "${flags.seconds}"`);
  if (flags.growth) return console.log(await growth(seconds));
  if (flags.calls !== undefined) return console.log(await callsOfStep(flags.calls as string));
  if (flags.profile !== undefined) return console.log(await profileOfStep(flags.profile as string));
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
    const { model } = stages.scaled;
    const row = await benchStage("scaled, batch 8", model, 8, settings);
    rows.push(row);
    if (flags.blas) rows.push(...await benchWithBlas(row, model, 8, seconds));
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
