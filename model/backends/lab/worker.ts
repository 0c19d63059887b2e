/**
 * A thread of the engine: see threads.ts.
 *
 * @module
 */
/// <reference lib="deno.worker" />
import { instantiate, type Kernels } from "./kernels.ts";
import { bind } from "./program.ts";
import { Barrier, type Message } from "./threads.ts";

let kernels: Kernels;
let barrier: Barrier;
const programs = new Map<number, (() => void)[]>();

self.onmessage = ({ data }: MessageEvent<Message>) => {
  if (data.type === "start") {
    kernels = instantiate(data.bytes, data.memory)!;
    barrier = new Barrier(data.memory, data.control, data.count);
    self.postMessage("ready");
  } else if (data.type === "program") {
    const wait = () => barrier.wait();
    const calls = data.steps.map((step) =>
      step === "barrier" ? wait : bind(kernels[step.kernel], step.args)
    );
    programs.set(data.id, calls);
  } else if (data.type === "forget") {
    programs.delete(data.id);
  } else {
    for (const call of programs.get(data.id)!) call();
  }
};
