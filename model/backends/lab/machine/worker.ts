/**
 * A thread of the engine: see threads.ts.
 *
 * @module
 */
/// <reference lib="deno.worker" />
import { bind } from "./calls.ts";
import { instantiate, type Kernels } from "./module.ts";
import { Barrier, Mailbox, type Message } from "./threads.ts";

let start: Extract<Message, { type: "start" }>;
let kernels: Kernels;
let mailbox: Mailbox;
const programs = new Map<number, (() => void)[]>();

self.onmessage = ({ data }: MessageEvent<Message>) => {
  if (data.type === "start") {
    start = data;
    kernels = instantiate(data.bytes, data.memory)!;
    mailbox = new Mailbox(data.memory, data.control, data.index);
    self.postMessage("ready");
  } else if (data.type === "program") {
    const barrier = new Barrier(start.memory, start.control, data.count);
    programs.set(data.id, bind(kernels, data.steps, barrier));
  } else if (data.type === "forget") {
    programs.delete(data.id);
  } else {
    let id: number | undefined = data.id;
    while (id !== undefined) {
      for (const call of programs.get(id)!) call();
      id = mailbox.next();
    }
  }
};
