/** What the kernels share: multiply-add, sums across lanes, exp. Compiled by AssemblyScript. */

/** Bytes of a float. */
export const F: i32 = 4;
/** Bytes of a vector. */
export const V: i32 = 16;

/** a * b + c: rounded once where the build allows it (rounds_once checks that), else in two steps. */
// @ts-ignore: decorator
@inline
export function fma(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** The lanes' sum, in one order always. */
// @ts-ignore: decorator
@inline
export function sumLanes(v: v128): f32 {
  return (
    (f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1)) +
    (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

/** The lanes' maximum. */
// @ts-ignore: decorator
@inline
export function maxLanes(v: v128): f32 {
  return max(
    max(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
    max(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
  );
}

/** The sum of both vectors' lanes, in one order always. */
// @ts-ignore: decorator
@inline
export function sumDoubles(a: v128, b: v128): f64 {
  const sum = f64x2.add(a, b);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** The vector's upper two floats as doubles. */
// @ts-ignore: decorator
@inline
export function promoteHigh(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3));
}

/** Adding 1.5 * 2^23 rounds a small number to an integer, which then lies in the lowest bits. */
const ROUNDER: f32 = 12582912.0;

/** e^x for x <= 88 to 2 units in the last place; 0 below -87, -infinity included. */
// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  const tiny = f32x4.lt(x, f32x4.splat(-87.0));
  const t = v128.andnot(x, tiny); // 0 there: no overflow on the way
  const shifted = fma(t, f32x4.splat(1.44269504088896341), f32x4.splat(ROUNDER));
  const n = f32x4.sub(shifted, f32x4.splat(ROUNDER));
  let r = fma(n, f32x4.splat(-0.693359375), t);
  r = fma(n, f32x4.splat(2.12194440e-4), r);
  // Cephes' expf polynomial on |r| <= ln(2) / 2.
  let y = f32x4.splat(1.9875691500e-4);
  y = fma(y, r, f32x4.splat(1.3981999507e-3));
  y = fma(y, r, f32x4.splat(8.3334519073e-3));
  y = fma(y, r, f32x4.splat(4.1665795894e-2));
  y = fma(y, r, f32x4.splat(1.6666665459e-1));
  y = fma(y, r, f32x4.splat(5.0000001201e-1));
  y = fma(y, f32x4.mul(r, r), f32x4.add(r, f32x4.splat(1.0)));
  // Adding n to the exponent's bits multiplies by 2^n.
  return v128.andnot(i32x4.add(y, i32x4.shl(shifted, 23)), tiny);
}

/** Natural logarithm of a positive, normal number, to 1 unit in the last place. */
export function log(x: f32): f32 {
  const bits = reinterpret<i32>(x);
  let exponent = (bits >> 23) - 127;
  let m = <f64>reinterpret<f32>((bits & 0x007fffff) | 0x3f800000); // in [1, 2)
  if (m > 1.4142135623730951) {
    m *= 0.5;
    exponent += 1;
  }
  const s = (m - 1.0) / (m + 1.0); // log m = 2 atanh s, |s| < 0.172
  const z = s * s;
  const series = 1.0 + z * (1.0 / 3.0 + z * (1.0 / 5.0 + z * (1.0 / 7.0 + z * (1.0 / 9.0 + z / 11.0))));
  return <f32>(<f64>exponent * 0.6931471805599453 + 2.0 * s * series);
}
