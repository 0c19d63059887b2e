/**
 * How often a file that guards against a loss is written: no oftener than that is worth.
 *
 * @module
 */

/** Writing takes at most such a share of the time. */
const SHARE = 0.1;
/** What is taken for a disk's speed before anything was written, hashing included: bytes a second. */
const GUESSED_SPEED = 100e6;
/** What takes less is written the first time at once: so many milliseconds. */
const SOON = 500;

/** Decides by how long the last writing took, and how long ago it was. */
export class Worth {
  #took?: number;
  #since: number;

  /** @param now the time in milliseconds */
  constructor(readonly now: () => number = () => performance.now()) {
    this.#since = now();
  }

  /** Whether so many bytes are worth writing now. */
  isGiven(bytes: number): boolean {
    const took = this.#took ?? 1000 * bytes / GUESSED_SPEED;
    if (this.#took === undefined && took < SOON) return true;
    return took <= SHARE * (this.now() - this.#since + took);
  }

  /** Writes, and takes note of how long that takes. */
  async write(fn: () => Promise<void>): Promise<void> {
    const begin = this.now();
    await fn();
    this.#since = this.now();
    this.#took = this.#since - begin;
  }
}
