/**
 * What a class of attacks found: tries, faults by kind, and for each fault how to see it again.
 *
 * @module
 */

/** The kinds of faults, as the table has them. */
export const columns = ["wrong", "lost", "unclear", "crashed"] as const;

/**
 * - wrong: another outcome than the right one, without a word
 * - lost: work that was on the disk is gone
 * - unclear: a failure without exactly one line that tells it, or with leavings
 * - crashed: a stack trace of the system, an end by memory or time, an exit code of no meaning
 */
export type Column = typeof columns[number];

/** One thing that is not as it should be. */
export interface Fault {
  column: Column;
  what: string;
}

/** Faults, and how to see them again. */
export interface Failure {
  /** The number of the case. */
  case: number;
  /** The smallest command or file that shows it. */
  how: string;
  faults: Fault[];
}

/** So many kinds of faults, or faults, are enough of a class. */
const KINDS = 60;
const FAILURES = 400;

/** A class's results. */
export class Tally {
  /** How often it was tried. */
  tries = 0;
  readonly failures: Failure[] = [];
  readonly #told = new Set<string>();

  /** Begins a class. */
  constructor(
    readonly name: string,
    /** The command that runs the class. */
    readonly command: string,
    readonly say: (line: string) => void,
  ) {}

  /** Notes faults down and tells those of a kind that was not told yet. */
  fail(failure: Failure): void {
    this.failures.push(failure);
    const { how, faults } = failure;
    const unknown = faults.filter((fault) => !this.#told.has(kindOf(fault)));
    for (const fault of unknown) {
      this.#told.add(kindOf(fault));
      this.say(`${this.name}: ${fault.column}: ${fault.what}`);
    }
    if (unknown.length > 0) this.say(`  ${how}\n  again: ${this.command} --case ${failure.case}`);
  }

  /** Whether faults of these kinds were told already. */
  knows(faults: Fault[]): boolean {
    return faults.every((fault) => this.#told.has(kindOf(fault)));
  }

  /** How many tries have shown a kind of fault. */
  count(column: Column): number {
    return this.failures.filter(({ faults }) => faults.some((one) => one.column === column)).length;
  }

  /** Whether so much is wrong already that going on would tell nothing new. */
  get isHopeless(): boolean {
    return this.#told.size >= KINDS || this.failures.length >= FAILURES;
  }
}

/** A fault without its numbers and texts. */
function kindOf({ column, what }: Fault): string {
  return `${column} ${what.replace(/\d+|"[^"]*"/g, "#")}`.slice(0, 120);
}

/** The table of some classes. */
export function tableOf(tallies: Tally[]): string {
  const rows = [
    ["class", "tries", ...columns],
    ...tallies.map((tally) =>
      [tally.name, tally.tries, ...columns.map((column) => tally.count(column))].map(String)
    ),
  ];
  return rows.map(([name, ...cells]) => name.padEnd(10) + cells.map((c) => c.padStart(9)).join(""))
    .join("\n");
}
