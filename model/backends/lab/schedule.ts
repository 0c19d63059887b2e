/**
 * Dividing a captured step among threads: each does its share of every call, and all meet wherever
 * one needs what another computed, or would overwrite what another still reads.
 *
 * @module
 */
import { accessesOf, isDivisible } from "./accesses.ts";
import type { Argument, Call, Scratch } from "./trace.ts";
import type { ThreadStep } from "./threads.ts";

/** So many microseconds of work are worth another thread. */
const WORTH_A_THREAD = 50;
/** Rough costs, for that decision only: vectors of multiply-adds, and bytes, a microsecond. */
const PRODUCTS_A_MICROSECOND = 6000;
const BYTES_A_MICROSECOND = 20000;

/** How many of the threads at hand a list of calls is worth. */
export function worthwhileThreads(calls: Call[], atHand: number): number {
  const microseconds = calls.reduce((sum, { work = 0, args }) => {
    const touched = args.reduce<number>(
      (bytes, arg) => bytes + (typeof arg !== "number" && "bytes" in arg ? arg.bytes : 0),
      0,
    );
    return sum + work / PRODUCTS_A_MICROSECOND + touched / BYTES_A_MICROSECOND;
  }, 0);
  return Math.max(1, Math.min(atHand, Math.floor(microseconds / WORTH_A_THREAD)));
}

/** Where a thread's arguments lie. */
export type Place = (arg: Exclude<Argument, number>, thread: number) => number;

/** A part of memory that a thread used since the threads last met. */
interface Use {
  thread: number;
  from: number;
  to: number;
  writes: boolean;
}

/** The steps of each thread. */
export function schedule(calls: Call[], threads: number, place: Place): ThreadStep[][] {
  const steps: ThreadStep[][] = Array.from({ length: threads }, () => []);
  let uses: Use[] = []; // since the threads last met
  const meet = () => {
    steps.forEach((list) => list.push("barrier"));
    uses = [];
  };
  for (const call of calls) {
    const shares = divide(call, threads);
    const next = shares.flatMap(([begin, end], thread) => {
      if (begin === end) return [];
      return accessesOf(call, begin, end).map(({ buffer, from, to, writes }): Use => {
        const start = place(buffer, thread);
        return { thread, from: start + from, to: start + to, writes };
      });
    });
    if (threads > 1 && next.some((use) => uses.some((earlier) => collide(use, earlier)))) meet();
    uses.push(...next);
    shares.forEach(([begin, end], thread) => {
      if (begin === end && thread > 0) return;
      const args = call.args.slice(0, -2).map((arg) =>
        typeof arg === "number" ? arg : place(arg as Scratch, thread)
      );
      steps[thread].push({ kernel: call.kernel, args: [...args, begin, end] });
    });
  }
  if (threads > 1) meet();
  return steps;
}

/** Each thread's units; a call that cannot be divided is the first one's. */
function divide({ kernel, args }: Call, threads: number): [number, number][] {
  const [begin, end] = args.slice(-2) as number[];
  if (!isDivisible(kernel)) {
    return Array.from({ length: threads }, (_, t) => t ? [0, 0] : [begin, end]);
  }
  const at = (i: number) => begin + Math.floor((end - begin) * i / threads);
  return Array.from({ length: threads }, (_, t) => [at(t), at(t + 1)]);
}

function collide(a: Use, b: Use): boolean {
  return a.thread !== b.thread && (a.writes || b.writes) && a.from < b.to && b.from < a.to;
}
