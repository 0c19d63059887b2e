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
