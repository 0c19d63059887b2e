/** Dropout's mask, from PyTorch's MCG31m1 stream. */
import { MODULUS, MULTIPLIER, next, power } from "./lib/mcg";

/** Independent streams, each leaping over the others' values, hide the multiplication's latency. */
const STREAMS: i32 = 4;

/**
 * mask = 1 where x / (2^31 - 1) < p, else 0, as bytes; x starts at the seed. Units are groups of
 * 16 values, and the buffer is padded to them.
 */
export function bernoulli(seed: usize, mask: usize, p: f64, begin: i32, end: i32): void {
  const leap = power(STREAMS);
  // u < p with u = x / m: compare x with the least integer that is too large.
  const m = <f64>MODULUS;
  let limit = <u64>(p * m);
  while (<f64>limit / m < p) limit++;
  while (limit > 0 && <f64>(limit - 1) / m >= p) limit--;
  let x0 = next(<u64>load<u32>(seed), power(begin * 16));
  let x1 = next(x0, MULTIPLIER);
  let x2 = next(x1, MULTIPLIER);
  let x3 = next(x2, MULTIPLIER);
  for (let i = begin * 16; i < end * 16; i += 4) {
    const bytes = <u32>(x0 < limit) | <u32>(x1 < limit) << 8 | <u32>(x2 < limit) << 16 |
      <u32>(x3 < limit) << 24;
    store<u32>(mask + <usize>i, bytes);
    x0 = next(x0, leap);
    x1 = next(x1, leap);
    x2 = next(x2, leap);
    x3 = next(x3, leap);
  }
}
