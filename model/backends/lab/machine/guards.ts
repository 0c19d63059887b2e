/**
 * Guard words around buffers: a debug switch, since a kernel that writes beyond its buffer is not
 * stopped by V8, whether it checks addresses or not, while it stays within the engine's memory.
 *
 * @module
 */

/** A NaN that no kernel computes: whoever reads it by mistake spoils the loss. */
const WORD = 0x7fc0dead;
/** Bytes of guard words before and behind a buffer. */
export const GUARD_BYTES = 64;

/** The buffers that are guarded. */
export class Guards {
  readonly #sizes = new Map<number, number>(); // by address

  /** None are. */
  constructor(readonly memory: WebAssembly.Memory) {}

  /** Puts words around a buffer. */
  place(address: number, bytes: number): void {
    this.#sizes.set(address, bytes);
    for (const words of this.#around(address, bytes)) words.fill(WORD);
  }

  /** Forgets a buffer; false if it was not guarded. */
  remove(address: number): boolean {
    return this.#sizes.delete(address);
  }

  /**
   * Looks at all words.
   *
   * @throws {Error} if one was written over
   */
  check(): void {
    for (const [address, bytes] of this.#sizes) {
      if (this.#around(address, bytes).some((words) => words.some((word) => word !== WORD))) {
        const where = address.toString(16);
        throw new Error(`a kernel wrote outside the ${bytes} bytes at ${where} (hexadecimal)`);
      }
    }
  }

  #around(address: number, bytes: number): Int32Array[] {
    return [address - GUARD_BYTES, address + bytes]
      .map((start) => new Int32Array(this.memory.buffer, start, GUARD_BYTES / 4));
  }
}
