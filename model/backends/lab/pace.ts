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
/** So many runs pass between two comparisons. */
const SETTLED = 1000;
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
  #sum = 0;
  #usual = 0;

  /** Takes note of how long a run took. */
  record(milliseconds: number): void {
    if (this.#left <= TIMED) this.#sum += milliseconds;
    if (--this.#left > 0) return;
    const mean = this.#sum / TIMED;
    this.#sum = 0;
    if (this.#trying) {
      if (mean > this.#usual * WORTH_IT) this.together = !this.together;
      this.#trying = false;
      this.#left = SETTLED;
    } else if (this.together && mean > LONG_MS) {
      this.#left = SETTLED;
    } else {
      this.#usual = mean;
      this.#trying = true;
      this.together = !this.together;
      this.#left = TIMED + 1; // the run not timed wakes the threads
    }
  }
}
