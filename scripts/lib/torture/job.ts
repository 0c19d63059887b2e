/**
 * What every class of attacks is given, and random cases from one seed.
 *
 * @module
 */
import { firstLine, Generator, UserError } from "@hugo-lab/model";
import type { Fault, Tally } from "./tally.ts";

/** One class's work. */
export interface Job {
  /** The class. */
  name: string;
  seed: number;
  /** Seconds in place of minutes. */
  quick: boolean;
  /** A folder of its own, absolute. */
  folder: string;
  /** How many cases run at the same time. */
  lanes: number;
  tally: Tally;
  /** The number of the one case that is to be tried, if it is only one. */
  only?: number;
  /** The number of the next case. */
  next: number;
}

/** Random choices of one case. */
export class Dice {
  readonly #generator: Generator;

  constructor(seed: number) {
    this.#generator = new Generator(seed);
  }

  /** A whole number below `end`. */
  below(end: number): number {
    return this.#generator.randint(end);
  }

  /** One of some values. */
  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)];
  }

  /** A number between two. */
  between(low: number, high: number): number {
    return this.#generator.uniform(1, low, high)[0];
  }
}

/** A case's own seed (the constants are odd, nothing more). */
export function seedOf({ seed, name }: Job, index: number): number {
  let mixed = seed ^ 0x9e3779b9;
  for (const c of `${name} ${index}`) mixed = Math.imul(mixed ^ c.charCodeAt(0), 0x01000193);
  return mixed >>> 0;
}

/** A case: makes its tries and gives what is wrong. */
export type Case = (dice: Dice, folder: string) => Promise<{ how: string; faults: Fault[] }>;

/**
 * Runs cases, each in a folder of its own, which is left where something is wrong. A case may count
 * as several tries.
 */
export async function runCases(
  job: Job,
  cases: Iterable<Case>,
  triesOf: (index: number) => number = () => 1,
): Promise<void> {
  const { tally, lanes, only } = job;
  const waiting = cases[Symbol.iterator]();
  const lane = async () => {
    for (let next = waiting.next(); !next.done && !tally.isHopeless; next = waiting.next()) {
      const number = job.next++;
      if (only !== undefined && number !== only) continue;
      const folder = `${job.folder}/${number}`;
      await Deno.mkdir(folder, { recursive: true });
      const { how, faults } = await tried(next.value, new Dice(seedOf(job, number)), folder);
      tally.tries += triesOf(number);
      if (faults.length > 0) tally.fail({ case: number, how: `${how} (in ${folder})`, faults });
      else await Deno.remove(folder, { recursive: true });
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** A case; one that cannot go on, since a file it counts on is not there, has found a fault. */
async function tried(attack: Case, dice: Dice, folder: string): ReturnType<Case> {
  try {
    return await attack(dice, folder);
  } catch (error) {
    if (error instanceof UserError || error instanceof Deno.errors.NotCapable) throw error;
    const what = `the case cannot go on: ${firstLine(error)}`;
    return { how: "no command of its own", faults: [{ column: "crashed", what }] };
  }
}
