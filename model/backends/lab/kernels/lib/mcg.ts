/** PyTorch's MCG31m1 stream: x <- 1132489760 x mod (2^31 - 1). */

export const MODULUS: u64 = 2147483647;
export const MULTIPLIER: u64 = 1132489760;

/** The value after x, or with another multiplier further on. */
// @ts-ignore: decorator
@inline
export function next(x: u64, multiplier: u64): u64 {
  const product = x * multiplier;
  let y = (product & MODULUS) + (product >> 31); // 2^31 = 1 modulo 2^31 - 1
  y = y >= MODULUS ? y - MODULUS : y;
  return y;
}

/** The same for four values at once. */
// @ts-ignore: decorator
@inline
export function nextFour(x: v128, multipliers: v128): v128 {
  const low = fold(i64x2.extmul_low_i32x4_u(x, multipliers));
  const high = fold(i64x2.extmul_high_i32x4_u(x, multipliers));
  const y = v128.shuffle<i32>(low, high, 0, 2, 4, 6); // below 2^32
  return i32x4.min_u(y, i32x4.sub(y, i32x4.splat(<i32>MODULUS))); // what is too small wraps around
}

// @ts-ignore: decorator
@inline
function fold(product: v128): v128 {
  return i64x2.add(v128.and(product, i64x2.splat(MODULUS)), i64x2.shr_u(product, 31));
}

/** The multiplier that leaps over so many values. */
export function power(exponent: i32): u64 {
  let result: u64 = 1;
  let square = MULTIPLIER;
  while (exponent > 0) {
    if (exponent & 1) result = next(result, square);
    square = next(square, square);
    exponent >>= 1;
  }
  return result;
}
