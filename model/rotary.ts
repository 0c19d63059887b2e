/**
 * Rotary positions (Su et al., 2021): queries and keys are turned by angles that grow with their
 * place, so that their product tells how far apart two characters stand.
 *
 * @module
 */
import * as tf from "./tf.ts";
import { embedding, rotary } from "./functions.ts";

/** The slowest angle turns once in 2 pi times so many places. */
const BASE = 10000;

/** What turns the queries and keys of all heads of a model. */
export class Rotary {
  #turns?: tf.Tensor2D; // of the places where the characters stand now

  /**
   * Angles for the places of a window.
   *
   * @param headSize an even number
   */
  constructor(readonly blockSize: number, readonly headSize: number) {}

  /** Tells where the characters of the pass that begins stand: (T) or (1, 1) int32. */
  stand(positions: tf.Tensor): void {
    const table = tf.tensor2d(this.#table(), [this.blockSize, this.headSize]);
    this.#turns = embedding(positions.flatten(), table) as tf.Tensor2D; // (T, headSize)
  }

  /** Queries or keys, each turned by its place: (B, T, headSize) -> same. */
  turn<T extends tf.Tensor>(x: T): T {
    if (!this.#turns) throw new Error("nothing told where the characters stand");
    return rotary(x, this.#turns);
  }

  /** Each place's cosines, then its sines: (blockSize, headSize). */
  #table(): Float32Array {
    const half = this.headSize / 2;
    return Float32Array.from({ length: this.blockSize * this.headSize }, (_, i) => {
      const [place, j] = [Math.floor(i / this.headSize), i % this.headSize];
      const angle = place * BASE ** (-(j % half) / half);
      return j < half ? Math.cos(angle) : Math.sin(angle);
    });
  }
}
