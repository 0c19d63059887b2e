/**
 * A set of memory ranges that tells quickly whether another range touches it.
 *
 * @module
 */

/** Ranges of bytes, each from its start to before its end. */
export class Intervals {
  // In order; ranges that touch each other are one.
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  /** Adds a range. */
  add(from: number, to: number): void {
    if (from >= to) return;
    const first = this.#firstEndingAt(from);
    let next = first;
    while (next < this.#starts.length && this.#starts[next] <= to) next++;
    if (next > first) {
      from = Math.min(from, this.#starts[first]);
      to = Math.max(to, this.#ends[next - 1]);
    }
    this.#starts.splice(first, next - first, from);
    this.#ends.splice(first, next - first, to);
  }

  /** Whether a range has a byte in common with any. */
  overlap(from: number, to: number): boolean {
    const first = this.#firstEndingAt(from + 1);
    return from < to && first < this.#starts.length && this.#starts[first] < to;
  }

  /** The first range that ends at a place or behind it. */
  #firstEndingAt(place: number): number {
    let low = 0, high = this.#ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ends[middle] < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
