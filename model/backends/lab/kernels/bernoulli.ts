/** Dropout's mask, from PyTorch's MCG31m1 stream. */
import { MODULUS, MULTIPLIER, next, nextFour, power } from "./lib/mcg";
import { visibleOf } from "./lib/rows";

/** Values that are drawn at once, each from a stream that leaps over the others' values. */
const STREAMS: i32 = 16;

/**
 * mask = 1 where x / (2^31 - 1) < p, else 0, as bytes; x starts at the seed. Units are groups of
 * 16 values, and the buffer is padded to them.
 */
export function bernoulli(seed: usize, mask: usize, p: f64, begin: i32, end: i32): void {
  const first = next(<u64>load<u32>(seed), power(begin * 16));
  const count = (end - begin) * 16;
  draw(first, limitOf(p), power(4), power(STREAMS), mask + <usize>begin * 16, count, count);
}

/**
 * The same for (size, size) matrices with nothing above the diagonal, whose values are jumped over
 * and whose bytes are left as they are; size is a multiple of 4. Rows.
 */
export function bernoulli_lower(
  seed: usize, mask: usize, p: f64, size: i32, begin: i32, end: i32,
): void {
  const limit = limitOf(p), four = power(4), leap = power(STREAMS), row = power(size);
  let first = next(<u64>load<u32>(seed), power(begin * size));
  for (let i = begin; i < end; i++) {
    draw(first, limit, four, leap, mask + <usize>i * size, visibleOf(i, size, size), size);
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

/** So many bytes, a multiple of 4, from the value x0 on; as many more as there is room for. */
// @ts-ignore: decorator
@inline
function draw(
  x0: u64, limit: u64, four: u64, leap: u64, to: usize, count: i32, room: i32,
): void {
  const x1 = next(x0, MULTIPLIER), x2 = next(x1, MULTIPLIER), x3 = next(x2, MULTIPLIER);
  const fours = i32x4.splat(<i32>four), leaps = i32x4.splat(<i32>leap);
  const limits = i32x4.splat(<i32>limit);
  let a = i32x4.splat(<i32>x0);
  a = i32x4.replace_lane(a, 1, <i32>x1);
  a = i32x4.replace_lane(a, 2, <i32>x2);
  a = i32x4.replace_lane(a, 3, <i32>x3);
  let b = nextFour(a, fours);
  let c = nextFour(b, fours);
  let d = nextFour(c, fours);
  let i = 0;
  for (; i < count && i + STREAMS <= room; i += STREAMS) {
    const low = i16x8.narrow_i32x4_s(i32x4.lt_s(a, limits), i32x4.lt_s(b, limits));
    const high = i16x8.narrow_i32x4_s(i32x4.lt_s(c, limits), i32x4.lt_s(d, limits));
    v128.store(to + <usize>i, v128.and(i8x16.narrow_i16x8_s(low, high), i8x16.splat(1)));
    a = nextFour(a, leaps);
    b = nextFour(b, leaps);
    c = nextFour(c, leaps);
    d = nextFour(d, leaps);
  }
  for (; i < count; i += 4) {
    const flags = i16x8.narrow_i32x4_s(i32x4.lt_s(a, limits), limits);
    const bytes = v128.and(i8x16.narrow_i16x8_s(flags, flags), i8x16.splat(1));
    store<i32>(to + <usize>i, i32x4.extract_lane(bytes, 0));
    a = b;
    b = c;
    c = d;
  }
}
