/** The parts of a long task: which there are, which it is at, and how long the others will take. @module */
import { formatSeconds } from "./progress.ts";

/** A part, and how long it takes on the machine that the figures are of. */
export interface Part {
  name: string;
  seconds: number;
}

/** A smaller share of the work says too little of this machine. */
const ENOUGH = 0.05;

/** Tells the plan, and at each part's beginning where the task is. */
export class Plan {
  readonly #started: number;
  #at = 0;

  /**
   * A plan that begins now.
   *
   * @param now milliseconds
   */
  constructor(
    readonly parts: readonly Part[],
    readonly now: () => number = () => performance.now(),
  ) {
    this.#started = now();
  }

  /** All of it in a line. */
  get line(): string {
    const names = this.parts.map(({ name }) => name).join(", ");
    const seconds = formatSeconds(sum(this.parts));
    return `${this.parts.length} parts, about ${seconds} on two cores of a server: ${names}`;
  }

  /** Begins the next part: "part 3 of 10, about 20 s left". */
  next(): string {
    const [done, left] = [this.parts.slice(0, this.#at), this.parts.slice(this.#at)];
    const elapsed = (this.now() - this.#started) / 1000;
    const isKnown = sum(done) >= ENOUGH * sum(this.parts);
    const pace = isKnown ? elapsed / sum(done) : 1;
    this.#at++;
    return `part ${this.#at} of ${this.parts.length}, about ${
      formatSeconds(pace * sum(left))
    } left`;
  }
}

function sum(parts: readonly Part[]): number {
  return parts.reduce((total, { seconds }) => total + seconds, 0);
}
