/**
 * A study's runs as processes, so many at a time as there are cores and memory.
 *
 * A process keeps to one thread while others fill the cores: two trainings side by side have the
 * cores to themselves, two threads of one wait for each other. Results do not depend on it.
 *
 * @module
 */
import { commandOf } from "../task/command.ts";
import type { Signals } from "../task/signals.ts";
import type { PlannedRun } from "./plan.ts";

/** How a run's process ended. */
export interface End {
  run: PlannedRun;
  code: number;
  /** The line that tells what was wrong. */
  line: string;
}

/** Where the runs are made, and with what. */
export interface Lanes {
  /** The folder of the study's runs. */
  folder: string;
  /** How many runs at a time. */
  atOnce: number;
  /** Bytes of memory for all of them. */
  bytes: number;
  /** Arguments of every run, such as the text. */
  shared: readonly string[];
  signals: Signals;
}

const LOOK_MS = 50;

/** A run's arguments: where it was interrupted it goes on. */
export function argumentsOf(
  { name, setting, args }: PlannedRun,
  folder: string,
  shared: readonly string[],
  threads: number,
): string[] {
  const own = "threads" in setting.flags ? [] : [`--threads=${threads}`];
  return [...args, ...own, ...shared, `--results=${folder}/${name}`, "--quiet", "--resume"];
}

/** Makes the runs; tells of each as it ends. After a signal none is begun, and those that run stop. */
export async function makeRuns(
  runs: readonly PlannedRun[],
  { folder, atOnce, bytes, shared, signals }: Lanes,
  tell: (end: End) => Promise<void>,
): Promise<void> {
  const waiting = [...runs];
  const running = new Map<PlannedRun, { child: Deno.ChildProcess; end: Promise<End> }>();
  const threads = Math.max(
    1,
    Math.floor(navigator.hardwareConcurrency / Math.min(atOnce, runs.length)),
  );
  const stopAll = () => running.forEach(({ child }) => stop(child));
  const watch = setInterval(() => {
    if (signals.code === undefined) return;
    clearInterval(watch);
    stopAll();
  }, LOOK_MS);
  const hasRoom = (run: PlannedRun) => {
    const used = [...running.keys()].reduce((sum, { bytes }) => sum + bytes, 0);
    return running.size === 0 || running.size < atOnce && used + run.bytes <= bytes;
  };
  try {
    while (true) {
      while (waiting.length > 0 && signals.code === undefined && hasRoom(waiting[0])) {
        const run = waiting.shift()!;
        const child = start(run, argumentsOf(run, folder, shared, threads));
        running.set(run, { child, end: ended(run, child) });
      }
      if (running.size === 0) return; // all are made, or a signal came
      const end = await Promise.race([...running.values()].map(({ end }) => end));
      running.delete(end.run);
      await tell(end);
    }
  } finally {
    clearInterval(watch);
    stopAll(); // if telling failed
  }
}

function stop(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGTERM");
  } catch {
    // it has ended by itself
  }
}

/** In a group of its own, so that a terminal's Ctrl-C reaches it through the study alone. */
function start({ setting }: PlannedRun, args: string[]): Deno.ChildProcess {
  const [program, ...words] = commandOf(setting.stage, args);
  return new Deno.Command(program, {
    args: words,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    detached: true,
  }).spawn();
}

async function ended(run: PlannedRun, child: Deno.ChildProcess): Promise<End> {
  const text = await new Response(child.stderr).text();
  const { code, signal } = await child.status;
  const lines = text.trim().split("\n");
  const line = lines.find((line) => line.startsWith("error: "))?.slice("error: ".length);
  const last = signal ? `it was ended by ${signal}` : lines.at(-1)!;
  return { run, code, line: line ?? last };
}
