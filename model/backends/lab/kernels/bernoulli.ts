/** Dropout's mask, from PyTorch's MCG31m1 stream. */
import { MODULUS, MULTIPLIER, next, power } from "./lib/mcg";
import { visibleOf } from "./lib/rows";

/** Independent streams, each leaping over the others' values, hide the multiplication's latency. */
const STREAMS: i32 = 4;

/**
 * mask = 1 where x / (2^31 - 1) < p, else 0, as bytes; x starts at the seed. Units are groups of
 * 16 values, and the buffer is padded to them.
 */
export function bernoulli(seed: usize, mask: usize, p: f64, begin: i32, end: i32): void {
  const first = next(<u64>load<u32>(seed), power(begin * 16));
  draw(first, limitOf(p), power(STREAMS), mask + <usize>begin * 16, (end - begin) * 16);
}

/**
 * The same for (size, size) matrices with nothing above the diagonal, whose values are jumped over
 * and whose bytes are left as they are; size is a multiple of 4. Rows.
 */
export function bernoulli_lower(
  seed: usize, mask: usize, p: f64, size: i32, begin: i32, end: i32,
): void {
  const limit = limitOf(p), leap = power(STREAMS), row = power(size);
  let first = next(<u64>load<u32>(seed), power(begin * size));
  for (let i = begin; i < end; i++) {
    draw(first, limit, leap, mask + <usize>i * size, visibleOf(i, size, size));
    first = next(first, row);
  }
}

/** u < p with u = x / m: x is compared with the least integer that is too large. */
function limitOf(p: f64): u64 {
  const m = <f64>MODULUS;
  let limit = <u64>(p * m);
  while (<f64>limit / m < p) limit++;
  while (limit > 0 && <f64>(limit - 1) / m >= p) limit--;
  return limit;
}

/** So many bytes, a multiple of 4, from the value x0 on. */
// @ts-ignore: decorator
@inline
function draw(x0: u64, limit: u64, leap: u64, to: usize, count: i32): void {
  let x1 = next(x0, MULTIPLIER);
  let x2 = next(x1, MULTIPLIER);
  let x3 = next(x2, MULTIPLIER);
  for (let i = 0; i < count; i += 4) {
    const bytes = <u32>(x0 < limit) | <u32>(x1 < limit) << 8 | <u32>(x2 < limit) << 16 |
      <u32>(x3 < limit) << 24;
    store<u32>(to + <usize>i, bytes);
    x0 = next(x0, leap);
    x1 = next(x1, leap);
    x2 = next(x2, leap);
    x3 = next(x3, leap);
  }
}
