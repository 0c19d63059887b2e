/**
 * The thread that listens to signals: see signals.ts.
 *
 * @module
 */
/// <reference lib="deno.worker" />
import { writeError } from "./screen.ts";

/** The exit codes that shells know the signals by. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof EXIT_CODES;
const signals: Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];

/** `deno task` passes on a Ctrl-C that the process got as well: so soon it is the same one. */
const SAME_MS = 300;
/** How often it is looked whether the program that started this one is still there. */
const PARENT_MS = 1000;

self.onmessage = ({ data: word }: MessageEvent<Int32Array>) => {
  const listeners = signals.map((name) => [name, () => receive(name)] as const);
  const receive = (name: Signal) => {
    if (Atomics.compareExchange(word, 0, 0, EXIT_CODES[name]) !== 0) return;
    writeError("\nstopping after this step…\n");
    // Nobody listens then, and the next signal ends the process as signals do.
    setTimeout(() => {
      for (const [name, listener] of listeners) Deno.removeSignalListener(name, listener);
    }, SAME_MS);
  };
  for (const [name, listener] of listeners) Deno.addSignalListener(name, listener);
  // A task whose `deno task` was killed would go on unseen: it ends as if it had been told to.
  const parent = Deno.ppid;
  const watch = setInterval(() => {
    if (Deno.ppid === parent) return;
    clearInterval(watch);
    receive("SIGTERM");
  }, PARENT_MS);
  self.postMessage("ready");
};
