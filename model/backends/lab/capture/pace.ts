/**
 * Whether a captured step runs faster on several threads or on one, here and now: on a busy machine
 * threads wait longer for each other than they save. The bits are the same either way.
 *
 * @module
 */

/** So many runs of each way are compared. */
const TIMED = 16;
/** So many runs pass before the first comparison: code that is still being compiled is slow. */
const WARMING_UP = 200;
/** So many runs pass on several threads until one alone is tried again. */
const TOGETHER = 1000;
/** And so many on one, which is the exception. */
const ALONE = 300;
/** A step of so many milliseconds gains by threads even if they must be waited for. */
const LONG_MS = 20;
/** The other way must save so much: a small difference may be chance. */
const WORTH_IT = 0.95;

/** Decides for each run of a step, by how long the earlier ones took. */
export class Pace {
  /** Whether the next run is on several threads. */
  together = true;
  #trying = false;
  #left = WARMING_UP;
  #times: number[] = [];
  #usual = 0;

  /** Takes note of how long a run took. */
  record(milliseconds: number): void {
    if (this.#left <= TIMED) this.#times.push(milliseconds);
    if (--this.#left > 0) return;
    const median = this.#times.sort((a, b) => a - b)[TIMED / 2]; // one hiccup decides nothing
    this.#times = [];
    if (this.#trying) {
      if (median > this.#usual * WORTH_IT) this.together = !this.together;
      this.#trying = false;
      this.#left = this.together ? TOGETHER : ALONE;
    } else if (this.together && median > LONG_MS) {
      this.#left = TOGETHER;
    } else {
      this.#usual = median;
      this.#trying = true;
      this.together = !this.together;
      this.#left = TIMED + 1; // the run not timed wakes the threads
    }
  }
}
