/**
 * A key-value cache: while text is generated, the keys and values of the positions before are kept,
 * and each character costs one position's work instead of a whole window's.
 *
 * Positions are counted from the window's start. Once the window slides every position changes, and
 * with it every key and value: the cache serves the first T characters only.
 *
 * @module
 */
import * as tf from "./tf.ts";
import { embedding, putRow, softmax } from "./functions.ts";
import type { AttentionLanguageModel } from "./language_model.ts";
import { type Attend, Head } from "./layers.ts";
import { compile, type Program } from "./program.ts";

/** The probabilities of the next character, fed one character after the other. */
export class CachedModel {
  readonly #pasts: Map<Head, KeysAndValues>;
  readonly #position: Position;
  readonly #program: Program;
  #length = 0;

  /** A cache without positions. */
  constructor(model: AttentionLanguageModel) {
    const T = model.blockSize;
    const heads = [...model.modules()].filter((module) => module instanceof Head);
    this.#position = new Position(T);
    this.#pasts = new Map(heads.map((head) => [head, new KeysAndValues(this.#position, T, head)]));
    const attend: Attend = (head, x) => this.#pasts.get(head)!.attend(x);
    this.#program = compile((idx, at) => {
      this.#position.choose(at);
      return softmax(model.scores(model.features(idx, attend, at))); // (1, 1, vocabSize)
    }, [[1, 1], [1, 1]]);
  }

  /** How many characters it was fed. */
  get length(): number {
    return this.#length;
  }

  /** Feeds the next character; gives the probabilities of the one after it: (vocabSize). */
  feed(character: number): Float32Array | Promise<Float32Array> {
    return this.#program.run(Int32Array.of(character), Int32Array.of(this.#length++));
  }

  /** Frees the memory. */
  dispose(): void {
    for (const past of this.#pasts.values()) past.dispose();
    this.#program.dispose();
    this.#position.dispose();
  }
}

/** A position, and what follows from it: every head needs the same. */
class Position {
  readonly #masks: tf.Tensor2D;
  /** The position: (1, 1) int32. */
  at!: tf.Tensor2D;
  /** -infinity behind the position, else 0: (1, 1, T). */
  future!: tf.Tensor3D;

  constructor(readonly T: number) {
    const isFuture = (i: number) => i % T > Math.floor(i / T);
    const masks = Float32Array.from({ length: T * T }, (_, i) => isFuture(i) ? -Infinity : 0);
    this.#masks = tf.tensor2d(masks, [T, T]);
  }

  /** Takes a position: at (1, 1) int32. */
  choose(at: tf.Tensor2D): void {
    this.at = at;
    this.future = embedding(at, this.#masks) as tf.Tensor3D;
  }

  dispose(): void {
    this.#masks.dispose();
  }
}

/** What one head remembers; zeros at the positions to come. */
class KeysAndValues {
  readonly #keys: tf.Variable<tf.Rank.R3>; // (1, T, headSize)
  readonly #values: tf.Variable<tf.Rank.R3>; // (1, T, headSize)

  constructor(readonly position: Position, T: number, readonly head: Head) {
    const { headSize } = head;
    const zeros = () => tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R3>([1, T, headSize]), false));
    [this.#keys, this.#values] = [zeros(), zeros()];
  }

  /** The head's output at the position: (1, 1, C) -> (1, 1, headSize). */
  attend(x: tf.Tensor3D): tf.Tensor3D {
    const { head } = this;
    const keys = putRow(this.#keys, head.key.forward(x), this.position.at); // (1, T, headSize)
    const values = putRow(this.#values, head.value.forward(x), this.position.at); // (1, T, headSize)
    const q = head.query.forward(x); // (1, 1, headSize)
    const scores = tf.matMul(q, keys, false, true).mul(head.headSize ** -0.5); // (1, 1, T)
    const weights = softmax(scores.add(this.position.future) as tf.Tensor3D); // (1, 1, T)
    return tf.matMul(weights, values); // (1, 1, headSize)
  }

  dispose(): void {
    tf.dispose([this.#keys, this.#values]);
  }
}
