/** What the kernels share: multiply-add, sums across lanes, exp. Compiled by AssemblyScript. */

export const LANES: i32 = 4;
/** Bytes of a float. */
export const F: i32 = 4;

/** a * b + c: fused where the build allows it (checked at start by is_fused), else in two steps. */
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

/** e^x for x <= 88 to 2 units in the last place; 0 below -87, -infinity included. */
// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  const tiny = f32x4.lt(x, f32x4.splat(-87.0));
  const t = f32x4.max(x, f32x4.splat(-87.0));
  const n = f32x4.nearest(f32x4.mul(t, f32x4.splat(1.44269504088896341)));
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
  const scale = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return v128.andnot(f32x4.mul(y, scale), tiny);
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
