/**
 * PyTorch's CPU random generator: the same seed gives the same numbers as `torch.manual_seed(seed)`.
 *
 * On mt19937 (Matsumoto and Nishimura, 1998) stand PyTorch 2.6's distributions, each consuming as
 * many draws as PyTorch does, so that every later number agrees as well. This is no source of
 * secure randomness, and it follows PyTorch's CPU path only: a GPU draws other numbers.
 *
 *     torch.manual_seed(2023); torch.randint(2**31, (1,))  # 1382929239
 *     new Generator(2023).randint(2 ** 31)                 // 1382929239
 *
 * @module
 */
import { boxMuller, fmaf } from "./float32.ts";

const N = 624;
const M = 397;

/** The modulus of the MCG31m1 stream (L'Ecuyer, 1999) behind bernoulli and exponential. */
export const MCG_MODULUS = 2147483647;
/** The stream's multiplier. */
export const MCG_MULTIPLIER = 1132489760;

/** Everything needed to go on drawing exactly where a generator stopped. */
export interface GeneratorState {
  /** The 624 words of mt19937. */
  words: Uint32Array;
  /** How many of them have been handed out. */
  position: number;
  /** The second value of the last double-precision Box-Muller pair, if it was not used yet. */
  cachedNormal: number | null;
}

/** A stream of numbers equal to PyTorch's default CPU generator. */
export class Generator {
  #words = new Uint32Array(N);
  #position = N;
  #cachedNormal: number | null = null;

  /**
   * The generator that `torch.manual_seed(seed)` gives.
   *
   * @param seed an integer from 0 to 2^32 - 1
   * @throws {RangeError} if the seed is none
   */
  constructor(seed: number) {
    if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
      throw new RangeError(`seed must be an integer from 0 to 4294967295, got ${seed}`);
    }
    this.#words[0] = seed;
    for (let i = 1; i < N; i++) {
      const previous = this.#words[i - 1];
      this.#words[i] = Math.imul(previous ^ (previous >>> 30), 1812433253) + i;
    }
  }

  /** A copy of the complete state. */
  get state(): GeneratorState {
    return {
      words: this.#words.slice(),
      position: this.#position,
      cachedNormal: this.#cachedNormal,
    };
  }

  /** Goes on from a state that {@linkcode Generator.state} gave. */
  set state(state: GeneratorState) {
    this.#words = state.words.slice();
    this.#position = state.position;
    this.#cachedNormal = state.cachedNormal;
  }

  /** The next 32 random bits, as an unsigned integer. */
  uint32(): number {
    if (this.#position === N) this.#refill();
    let y = this.#words[this.#position++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return y >>> 0;
  }

  #refill(): void {
    const w = this.#words;
    for (let i = 0; i < N; i++) {
      const y = (w[i] & 0x80000000) | (w[(i + 1) % N] & 0x7fffffff);
      w[i] = w[(i + M) % N] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#position = 0;
  }

  /** `torch.randint(high, (1,))`: an integer from 0 to high - 1; high is at most 2^32 - 1. */
  randint(high: number): number {
    return this.uint32() % high;
  }

  /** `tensor.uniform_(from, to)`: `size` float32 values. */
  uniform(size: number, from = 0, to = 1): Float32Array {
    const values = new Float32Array(size);
    const a = Math.fround(from);
    const range = Math.fround(Math.fround(to) - a);
    for (let i = 0; i < size; i++) values[i] = fmaf(this.#unit24(), range, a);
    return values;
  }

  /**
   * `torch.randn(size)`: `size` float32 values of N(0, 1). PyTorch draws fewer than 16 one by one
   * in double precision, and 16 or more in float32 blocks of 16; both are bit-equal to it.
   */
  normal(size: number): Float32Array {
    if (size < 16) return Float32Array.from({ length: size }, () => this.#normalDouble());
    const values = new Float32Array(size);
    for (let i = 0; i < size; i++) values[i] = this.#unit24();
    for (let i = 0; i + 16 <= size; i += 16) boxMuller(values.subarray(i, i + 16));
    if (size % 16 !== 0) {
      const tail = values.subarray(size - 16);
      for (let i = 0; i < 16; i++) tail[i] = this.#unit24();
      boxMuller(tail);
    }
    return values;
  }

  /**
   * The seed of the MCG31m1 stream behind one bernoulli or exponential tensor: one mt19937 draw.
   * It is never 0, from which the stream could not move.
   */
  streamSeed(): number {
    return this.uint32() % MCG_MODULUS || 1;
  }

  /** `tensor.bernoulli_(p)`: `size` values, 1 with probability p, else 0. */
  bernoulli(size: number, p: number): Uint8Array {
    const values = new Uint8Array(size);
    let x = this.streamSeed();
    for (let i = 0; i < size; i++) {
      values[i] = x / MCG_MODULUS < p ? 1 : 0;
      x = mcgNext(x);
    }
    return values;
  }

  /** `tensor.exponential_()`: `size` float32 values of density e^-x. */
  exponential(size: number): Float32Array {
    const values = new Float32Array(size);
    let x = this.streamSeed();
    for (let i = 0; i < size; i++) {
      values[i] = -Math.fround(Math.log(Math.fround(x / MCG_MODULUS)));
      x = mcgNext(x);
    }
    return values;
  }

  /**
   * `torch.multinomial(probs, 1)`: an index drawn with the given float32 probabilities, which need
   * not sum to 1. PyTorch divides each by an exponential draw and takes the largest quotient.
   */
  multinomial(probs: Float32Array): number {
    const q = this.exponential(probs.length);
    let best = 0;
    for (let i = 1; i < probs.length; i++) {
      if (Math.fround(probs[i] / q[i]) > Math.fround(probs[best] / q[best])) best = i;
    }
    return best;
  }

  /** 24 random bits as a multiple of 2^-24 in [0, 1). */
  #unit24(): number {
    return (this.uint32() & 0xffffff) * 2 ** -24;
  }

  /** 53 random bits of two draws, the first one high, as a multiple of 2^-53 in [0, 1). */
  #unit53(): number {
    const high = this.uint32();
    const low = this.uint32();
    return ((high & 0x1fffff) * 2 ** 32 + low) * 2 ** -53;
  }

  #normalDouble(): number {
    if (this.#cachedNormal !== null) {
      const value = this.#cachedNormal;
      this.#cachedNormal = null;
      return value;
    }
    const u1 = this.#unit53();
    const u2 = this.#unit53();
    const radius = Math.sqrt(-2 * Math.log1p(-u2));
    const theta = 2 * Math.PI * u1;
    this.#cachedNormal = radius * Math.sin(theta);
    return radius * Math.cos(theta);
  }
}

/** The value after x in the MCG31m1 stream: 1132489760 x mod (2^31 - 1), in exact arithmetic. */
function mcgNext(x: number): number {
  // Split the multiplier in 16 + 16 bits: every product then stays below 2^53.
  const high = Math.floor(MCG_MULTIPLIER / 65536);
  const low = MCG_MULTIPLIER % 65536;
  return modulo(modulo(high * x) * 65536 + low * x);
}

/** x mod (2^31 - 1) for 0 <= x < 2^48: there the quotient is exact enough, and % is slower. */
function modulo(x: number): number {
  return x - Math.floor(x / MCG_MODULUS) * MCG_MODULUS;
}
