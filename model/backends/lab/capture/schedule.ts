/**
 * Dividing a captured step among threads: each does its share of every call, and all meet wherever
 * one needs what another computed, or would overwrite what another still reads.
 *
 * @module
 */
import { isDivisible, parameterNames } from "../machine/module.ts";
import type { ThreadStep } from "../machine/threads.ts";
import { touches } from "../ops/mod.ts";
import type { Access } from "../ops/touches.ts";
import { Intervals } from "./intervals.ts";
import { type Argument, type Buffer, type Call, memoryOf } from "./trace.ts";

/** So many microseconds of work are worth another thread. */
const WORTH_A_THREAD = 50;
/** Rough costs, for that decision only: vectors of multiply-adds, and bytes, a microsecond. */
const PRODUCTS_A_MICROSECOND = 6000;
const BYTES_A_MICROSECOND = 20000;

/** How many of the threads at hand a list of calls is worth; what has one unit is nobody's to share. */
export function worthwhileThreads(calls: Call[], atHand: number): number {
  const microseconds = calls.reduce((sum, call) => {
    if (sharesOf(call, 2).some(([from, to]) => from === to)) return sum;
    const { work = 0 } = call;
    const touched = memoryOf(call).reduce((n, arg) => n + ("bytes" in arg ? arg.bytes : 0), 0);
    return sum + work / PRODUCTS_A_MICROSECOND + touched / BYTES_A_MICROSECOND;
  }, 0);
  return Math.max(1, Math.min(atHand, Math.floor(microseconds / WORTH_A_THREAD)));
}

/** Where a thread's arguments lie. */
export type Place = (arg: Exclude<Argument, number>, thread: number) => number;

/** A part of memory that a thread uses. */
interface Use {
  thread: number;
  from: number;
  to: number;
  writes: boolean;
}

/** A call divided among threads. */
export interface Shared {
  call: Call;
  /** Whether the threads meet before it. */
  meets: boolean;
  /** Each thread's units, from and to. */
  shares: [begin: number, end: number][];
}

/** Divides calls among threads. */
export function divide(calls: Call[], threads: number, place: Place): Shared[] {
  let used = usedByNone(threads);
  return calls.map((call) => {
    const shares = sharesOf(call, threads);
    if (threads === 1) return { call, meets: false, shares };
    const next = shares.flatMap((share, thread) => usesOf(call, share, thread, place));
    const meets = next.some((use) => collides(use, used));
    if (meets) used = usedByNone(threads);
    for (const { thread, from, to, writes } of next) {
      used[thread][writes ? "written" : "read"].add(from, to);
    }
    return { call, meets, shares };
  });
}

/** The steps of each thread; all meet at the end. */
export function stepsOf(divided: Shared[], threads: number, place: Place): ThreadStep[][] {
  const steps: ThreadStep[][] = Array.from({ length: threads }, () => []);
  const meet = () => steps.forEach((list) => list.push("barrier"));
  for (const { call, meets, shares } of divided) {
    if (meets) meet();
    shares.forEach(([begin, end], thread) => {
      if (begin === end && thread > 0) return;
      const args: Record<string, Argument> = { ...call.args, begin, end };
      const values = parameterNames[call.kernel].map((name) => {
        const arg = args[name];
        return typeof arg === "number" ? arg : place(arg, thread);
      });
      steps[thread].push({ kernel: call.kernel, args: values });
    });
  }
  if (threads > 1) meet();
  return steps;
}

/** Each thread's units; a call that cannot be divided is the first one's. */
function sharesOf({ kernel, args }: Call, threads: number): [number, number][] {
  const isAlone = !isDivisible(kernel);
  const [begin, end] = isAlone ? [0, 1] : [args.begin as number, args.end as number];
  const at = (i: number) =>
    isAlone ? Math.min(i, 1) : begin + Math.floor((end - begin) * i / threads);
  return Array.from({ length: threads }, (_, t) => [at(t), at(t + 1)]);
}

/** What a thread's share of a call touches. */
function usesOf(call: Call, [begin, end]: [number, number], thread: number, place: Place): Use[] {
  if (begin === end) return [];
  const { kernel, args } = call;
  const accesses = Object.entries(touches[kernel] ?? {}) as [string, Access][];
  return accesses.flatMap(([name, { extent, writes }]) => {
    const buffer = args[name] as Buffer | 0;
    if (buffer === 0) return []; // a product without a bias
    const [from, to] = extent({ bytes: buffer.bytes, args, begin, end });
    const start = place(buffer, thread);
    return [{ thread, from: start + from, to: start + to, writes }];
  });
}

/** What a thread used since the threads last met. */
interface Used {
  read: Intervals;
  written: Intervals;
}

function usedByNone(threads: number): Used[] {
  return Array.from(
    { length: threads },
    () => ({ read: new Intervals(), written: new Intervals() }),
  );
}

/** Whether a use must wait for what another thread did. */
function collides({ thread, from, to, writes }: Use, used: Used[]): boolean {
  return used.some(({ read, written }, other) =>
    other !== thread && (written.overlap(from, to) || writes && read.overlap(from, to))
  );
}
