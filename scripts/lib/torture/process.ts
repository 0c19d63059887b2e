/**
 * Tasks as processes: with the permissions that deno.json gives them, watched for time and memory.
 *
 * @module
 */
import { commandOf } from "../task/command.ts";

/** How a process ended. */
export interface End {
  code: number;
  signal: Deno.Signal | null;
  out: string;
  err: string;
  ms: number;
  /** Why it was ended from outside, if it was. */
  ended?: string;
}

/** What a process may take, and how it is started. */
export interface Options {
  cwd: string;
  seconds?: number;
  /** Bytes of memory. */
  memory?: number;
  /** A shell command in which `"$@"` is the task. */
  shell?: string;
}

export const MEMORY = 3e9;
const SECONDS = 60;
const LOOK_MS = 50;

/** With which nobody but the task says anything: a graphics driver misses its folder otherwise. */
export const quietEnvironment = {
  NO_COLOR: "1",
  DENO_NO_UPDATE_CHECK: "1",
  XDG_RUNTIME_DIR: "/tmp",
};

/** A task in a process of its own. */
export class Process {
  readonly child: Deno.ChildProcess;
  readonly started = performance.now();
  readonly end: Promise<End>;
  readonly #readers: Record<"stdout" | "stderr", ReadableStreamDefaultReader<string>>;
  readonly #said = { stdout: "", stderr: "" };
  #ended?: string;

  constructor(task: string, args: readonly string[], options: Options) {
    const [first, ...rest] = command(commandOf(task, args), options.shell);
    this.child = new Deno.Command(first, {
      args: rest,
      cwd: options.cwd,
      env: quietEnvironment,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const readerOf = (stream: ReadableStream<Uint8Array<ArrayBuffer>>) =>
      stream.pipeThrough(new TextDecoderStream()).getReader();
    this.#readers = { stdout: readerOf(this.child.stdout), stderr: readerOf(this.child.stderr) };
    this.end = this.#watch(options);
  }

  async #watch({ seconds = SECONDS, memory = MEMORY }: Options): Promise<End> {
    const timer = setInterval(() => {
      if (performance.now() - this.started > 1000 * seconds) this.#stop(`no end in ${seconds} s`);
      if (memoryOf(this.child.pid) > memory) this.#stop(`more than ${memory / 1e9} GB of memory`);
    }, LOOK_MS);
    const reading = Promise.all([this.#read("stdout"), this.#read("stderr")]);
    const { code, signal } = await this.child.status;
    clearInterval(timer);
    await reading;
    const ms = performance.now() - this.started;
    const { stdout: out, stderr: err } = this.#said;
    return { code, signal, out, err: own(err), ms, ended: this.#ended };
  }

  async #read(name: "stdout" | "stderr"): Promise<void> {
    const reader = this.#readers[name];
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      this.#said[name] += next.value;
    }
  }

  /** Reads a stream no further, so that what it writes there fails. */
  async close(name: "stdout" | "stderr"): Promise<void> {
    await this.#readers[name].cancel();
  }

  #stop(why: string): void {
    this.#ended ??= why;
    this.kill("SIGKILL");
  }

  /** Sends a signal, if it still runs. */
  kill(signal: Deno.Signal): void {
    try {
      this.child.kill(signal);
    } catch {
      // it has ended by itself
    }
  }
}

function command(words: string[], shell: string | undefined): string[] {
  return shell === undefined ? words : ["sh", "-c", shell, "sh", ...words];
}

/** What a task said, without Deno's own lines. */
function own(text: string): string {
  return text.replace(/^(Download|Initialize|Check) .*\n/gm, "");
}

/** Bytes of memory that a process has, where the system tells. */
export function memoryOf(pid: number): number {
  try {
    const [, , pages] = /^(\d+) (\d+)/.exec(Deno.readTextFileSync(`/proc/${pid}/statm`))!;
    return 4096 * Number(pages);
  } catch {
    return 0;
  }
}

/** Runs a task to its end. */
export function run(task: string, args: readonly string[], options: Options): Promise<End> {
  return new Process(task, args, options).end;
}
