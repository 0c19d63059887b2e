/**
 * Processes that run task after task (host.ts), begun anew when one has died, hangs or grows.
 *
 * @module
 */
import { commandOf } from "../task/command.ts";
import { TextLineStream } from "../task/line_stream.ts";
import { MARK } from "./mark.ts";
import { type End, memoryOf, quietEnvironment } from "./process.ts";
import { rootOf } from "../task/root.ts";

const SECONDS = 15;
const MEMORY = 2e9;
const LOOK_MS = 50;
/** A process is replaced after so many tasks: what a failed one leaves in memory adds up. */
const TASKS = 300;

/** One process at a time, in a folder. */
export class Host {
  #child?: Deno.ChildProcess;
  #lines?: ReadableStreamDefaultReader<string>;
  #writer?: WritableStreamDefaultWriter<Uint8Array>;
  #done = 0;

  /**
   * A host that begins with its first task.
   *
   * @param likeTask whose flags of V8 it has: the engine has a build for each
   */
  constructor(readonly cwd: string, readonly likeTask = "single_head") {}

  #start(): void {
    // The harness's own permissions: what each task may do is seen when it runs as a process.
    const args = [
      "run",
      `--config=${rootOf("deno.json")}`,
      `--lock=${rootOf("scripts/deno.lock")}`,
    ];
    args.push("--no-prompt", "--allow-read", "--allow-write");
    args.push(...commandOf(this.likeTask, []).filter((word) => word.startsWith("--v8-flags=")));
    args.push(rootOf("scripts/lib/torture/host.ts"));
    this.#child = new Deno.Command("deno", {
      args,
      cwd: this.cwd,
      env: quietEnvironment,
      stdin: "piped",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#lines = this.#child.stderr.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream()).getReader();
    this.#writer = this.#child.stdin.getWriter();
    this.#done = 0;
  }

  /** Runs a task to its end. */
  async run(task: string, args: readonly string[], seconds = SECONDS): Promise<End> {
    if (!this.#child || this.#done++ >= TASKS) await this.restart();
    const started = performance.now();
    const child = this.#child!;
    let ended: string | undefined;
    const stop = (why: string) => {
      ended ??= why;
      try {
        child.kill("SIGKILL");
      } catch {
        // it has ended by itself meanwhile
      }
    };
    const timer = setInterval(() => {
      if (performance.now() - started > 1000 * seconds) stop(`no end in ${seconds} s`);
      if (memoryOf(child.pid) > MEMORY) stop(`more than ${MEMORY / 1e9} GB of memory`);
    }, LOOK_MS);
    const line = new TextEncoder().encode(JSON.stringify({ task, args }) + "\n");
    await this.#writer!.write(line).catch(() => {});
    const said: string[] = [];
    let answer: { code: number; line: string } | undefined;
    while (!answer) {
      const { done, value } = await this.#lines!.read();
      if (done) break;
      if (value.startsWith(MARK)) answer = JSON.parse(value.slice(MARK.length));
      else said.push(value);
    }
    clearInterval(timer);
    const ms = performance.now() - started;
    if (answer) {
      const err = said.concat(answer.line).filter(Boolean).join("\n");
      return { code: answer.code, signal: null, out: "", err, ms, ended: undefined };
    }
    const { code, signal } = await child.status;
    this.#child = undefined;
    return { code, signal, out: "", err: said.join("\n"), ms, ended };
  }

  /** Begins a new process. */
  async restart(): Promise<void> {
    await this.close();
    this.#start();
  }

  /** Ends the process. */
  async close(): Promise<void> {
    if (!this.#child) return;
    const child = this.#child;
    this.#child = undefined;
    await this.#writer!.close().catch(() => {});
    for (let next = await this.#lines!.read(); !next.done;) next = await this.#lines!.read();
    await child.status;
  }
}
