/**
 * How soon the last stage's laptop preset is good, here and in PyTorch: the same network, schedule
 * and first weights, which PyTorch goes on from as `deno task export` gives them.
 *
 * @module
 */
import { presets, UserError } from "@hugo-lab/model";
import { commandOf } from "../task/command.ts";
import { formatSeconds } from "../task/progress.ts";
import { TextLineStream } from "../task/line_stream.ts";

/** The losses that are waited for: the notebook's own at its end, and a good one. */
const LOSSES = [2.1161, 1.6];
/** Nobody waits longer for them. */
const MOST_SECONDS = 1800;

/** An evaluation as it was printed. */
interface Printed {
  seconds: number; // since the command was given
  step: number;
  valLoss: number;
}

/** Trains both, one after the other, each until it is good; a table of when it was. */
export async function laptop(python: string | undefined, corpus: string): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "laptop-" });
  try {
    const words = ["--preset=laptop", `--corpus=${corpus}`, "--quiet"];
    const own = commandOf("scaled", [...words, `--results=${folder}/lab`]);
    const rows = [row("the lab", await printedBy(own))];
    if (python) {
      const first = commandOf("scaled", [...words, `--results=${folder}/first`]);
      await printedBy(first, Infinity);
      const to = `${folder}/pytorch`;
      await printedBy(commandOf("export", ["scaled", `--results=${folder}/first`, `--to=${to}`]));
      rows.push(row("PyTorch", await printedBy([python, `${to}/train.py`, `--corpus=${corpus}`])));
    }
    return [header(), ...rows].join("\n");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What a command prints of its evaluations, until one is as low as `enough`. */
async function printedBy(command: string[], enough = Math.min(...LOSSES)): Promise<Printed[]> {
  const [program, ...args] = command;
  const started = performance.now();
  const child = new Deno.Command(program, { args, stdout: "piped", stderr: "piped" }).spawn();
  const errors = new Response(child.stderr).text();
  const limit = setTimeout(() => child.kill("SIGTERM"), 1000 * MOST_SECONDS);
  const printed: Printed[] = [];
  let isStopped = false;
  for await (
    const line of child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(
      new TextLineStream(),
    )
  ) {
    const [, step, valLoss] = /^step (\d+): .*val loss ([\d.]+)/.exec(line) ?? [];
    if (step === undefined || isStopped) continue;
    const seconds = (performance.now() - started) / 1000;
    printed.push({ seconds, step: Number(step), valLoss: Number(valLoss) });
    if (Number(valLoss) > enough) continue;
    isStopped = true;
    child.kill("SIGTERM");
  }
  clearTimeout(limit);
  const { success } = await child.status;
  if (success || isStopped) return printed;
  throw new UserError(`${program} failed: ${(await errors).trim().split("\n").at(-1)}`);
}

function header(): string {
  const { iters, batchSize } = presets.laptop.training;
  const losses = LOSSES.map((loss) => `below ${loss}`.padStart(14)).join("");
  return `laptop preset (${iters} iterations of ${batchSize} windows)${losses}`;
}

function row(name: string, printed: Printed[]): string {
  const times = LOSSES.map((loss) => {
    const found = printed.find(({ valLoss }) => valLoss < loss);
    return (found ? formatSeconds(found.seconds) : "not reached").padStart(14);
  });
  return name.padEnd(header().length - times.join("").length) + times.join("");
}
