/**
 * Random values by fast-check: each try is one value, and one that shows a fault is made smaller for
 * as long as it shows it.
 *
 * @module
 */
import { type Job, seedOf } from "./job.ts";
import { fc } from "./packages.ts";
import type { Fault } from "./tally.ts";

/** fast-check stops at the first fault, so the tries are parted in rounds, each of them a case. */
const ROUND = 50;
/** How often a value is made smaller. */
const SHRINKS = 25;
const TIMED_OUT = /no end in/;

/** What is searched, and how. */
export interface Search<T> {
  count: number;
  arbitrary: fc.Arbitrary<T>;
  /** Tries a value; lanes are numbered, and each tries one value at a time. */
  check: (value: T, lane: number) => Promise<Fault[]>;
  /** The command or file that shows a fault; called for the smallest value, after its check. */
  show: (value: T, lane: number) => string | Promise<string>;
}

/** Tries so many values; what a fault has kept from being tried is tried in a further round. */
export async function search<T>(job: Job, search: Search<T>): Promise<void> {
  const { tally, lanes } = job;
  let left = search.count;
  const lane = async (index: number) => {
    while (left > 0 && !tally.isHopeless) {
      const tries = Math.min(ROUND, left);
      left -= tries;
      const number = job.next++;
      if (job.only !== undefined && number !== job.only) continue;
      const tried = await tryRound(job, search, number, tries, index);
      if (job.only === undefined) left += tries - tried;
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, index) => lane(index)));
}

async function tryRound<T>(
  job: Job,
  { arbitrary, check, show }: Search<T>,
  number: number,
  numRuns: number,
  lane: number,
): Promise<number> {
  const { tally } = job;
  let tries = 0;
  let smallest: { value: T; faults: Fault[] } | undefined;
  let shrinks = 0;
  let isKnown = false; // then it need not be made smaller
  const property = fc.asyncProperty(arbitrary, async (value) => {
    if (!smallest) {
      tally.tries++;
      tries++;
    } else if (isKnown || shrinks++ >= SHRINKS) return;
    const faults = await check(value, lane);
    const column = smallest?.faults[0].column;
    if (!faults.some((one) => column === undefined || one.column === column)) return;
    isKnown ||= tally.knows(faults) || TIMED_OUT.test(faults[0].what);
    smallest = { value, faults };
    throw new Error(faults[0].what);
  });
  await fc.check(property, { seed: seedOf(job, number), numRuns });
  if (smallest) {
    tally.fail({ case: number, how: await show(smallest.value, lane), faults: smallest.faults });
  }
  return tries;
}
