/** Drawing an index with given probabilities, as PyTorch does it. */
import { MODULUS, MULTIPLIER, next, power } from "./lib/mcg";
import { F } from "./lib/simd";

const LN2: f64 = 0.6931471805599453;
const SQRT2: f32 = 1.41421356;

/** The natural logarithm of two positive, normal floats, in double precision. */
// @ts-ignore: decorator
@inline
function logs(u: v128): v128 {
  const one = f32x4.splat(1.0);
  const mantissa = v128.or(v128.and(u, i32x4.splat(0x007fffff)), one); // in [1, 2)
  const isLarge = f32x4.gt(mantissa, f32x4.splat(SQRT2));
  const exponent = i32x4.sub(i32x4.sub(i32x4.shr_s(u, 23), i32x4.splat(127)), isLarge);
  const half = v128.bitselect(f32x4.splat(0.5), one, isLarge);
  const m = f64x2.promote_low_f32x4(f32x4.mul(mantissa, half)); // in (0.7, 1.42)
  const unit = f64x2.splat(1.0);
  const s = f64x2.div(f64x2.sub(m, unit), f64x2.add(m, unit)); // log m = 2 atanh s, |s| < 0.172
  const z = f64x2.mul(s, s);
  let series = f64x2.splat(1.0 / 17.0);
  series = f64x2.add(f64x2.mul(series, z), f64x2.splat(1.0 / 15.0));
  series = f64x2.add(f64x2.mul(series, z), f64x2.splat(1.0 / 13.0));
  series = f64x2.add(f64x2.mul(series, z), f64x2.splat(1.0 / 11.0));
  series = f64x2.add(f64x2.mul(series, z), f64x2.splat(1.0 / 9.0));
  series = f64x2.add(f64x2.mul(series, z), f64x2.splat(1.0 / 7.0));
  series = f64x2.add(f64x2.mul(series, z), f64x2.splat(1.0 / 5.0));
  series = f64x2.add(f64x2.mul(series, z), f64x2.splat(1.0 / 3.0));
  series = f64x2.add(f64x2.mul(series, z), unit);
  const logM = f64x2.mul(f64x2.add(s, s), series);
  return f64x2.add(f64x2.mul(f64x2.convert_low_i32x4_s(exponent), f64x2.splat(LN2)), logM);
}

/** -ln u in single precision of two values of the stream, in the lower lanes. */
// @ts-ignore: decorator
@inline
function exponentials(x0: u64, x1: u64): v128 {
  let x = f64x2.splat(<f64>x0);
  x = f64x2.replace_lane(x, 1, <f64>x1);
  const u = f32x4.demote_f64x2_zero(f64x2.div(x, f64x2.splat(<f64>MODULUS)));
  return f32x4.neg(f32x4.demote_f64x2_zero(logs(u)));
}

/** More than the rounding errors of a float in [0, 1) and of a product of floats. */
const MARGIN: f32 = 9.5367431640625e-7; // 2^-20

/**
 * Whether none of four p / q can be larger than the largest so far: q = -ln u is at least 1 - u,
 * which spares most logarithms.
 */
// @ts-ignore: decorator
@inline
function areSmaller(p: v128, x: v128, largest: f32): bool {
  const u = f32x4.mul(f32x4.convert_i32x4_s(x), f32x4.splat(4.656612873077393e-10)); // x / 2^31
  const least = f32x4.sub(f32x4.splat(1 - MARGIN), u);
  const most = f32x4.mul(p, f32x4.splat(1 + MARGIN));
  return i32x4.all_true(f32x4.le(most, f32x4.mul(least, f32x4.splat(largest))));
}

/**
 * chosen = the index, as a float, of the largest p / q of each row of n, with q = -ln u from the
 * stream that starts at the seed and goes on from row to row. Rows.
 */
export function multinomial(
  probs: usize, seed: usize, chosen: usize, n: i32, begin: i32, end: i32,
): void {
  const leap = power(4);
  for (let row = begin; row < end; row++) {
    const p = probs + <usize>row * n * F;
    let x0 = next(<u64>load<u32>(seed), power(row * n));
    let x1 = next(x0, MULTIPLIER);
    let x2 = next(x1, MULTIPLIER);
    let x3 = next(x2, MULTIPLIER);
    let best = 0;
    let largest: f32 = 0;
    for (let j = 0; j < n; j += 4) {
      const ps = v128.load(p + <usize>j * F);
      let x = i32x4.splat(<i32>x0);
      x = i32x4.replace_lane(x, 1, <i32>x1);
      x = i32x4.replace_lane(x, 2, <i32>x2);
      x = i32x4.replace_lane(x, 3, <i32>x3);
      if (j == 0 || !areSmaller(ps, x, largest)) {
        const q = v128.shuffle<f32>(exponentials(x0, x1), exponentials(x2, x3), 0, 1, 4, 5);
        const quotients = f32x4.div(ps, q);
        const q0 = f32x4.extract_lane(quotients, 0);
        if (j == 0) largest = q0;
        if (q0 > largest) {
          largest = q0;
          best = j;
        }
        const q1 = f32x4.extract_lane(quotients, 1);
        if (j + 1 < n && q1 > largest) {
          largest = q1;
          best = j + 1;
        }
        const q2 = f32x4.extract_lane(quotients, 2);
        if (j + 2 < n && q2 > largest) {
          largest = q2;
          best = j + 2;
        }
        const q3 = f32x4.extract_lane(quotients, 3);
        if (j + 3 < n && q3 > largest) {
          largest = q3;
          best = j + 3;
        }
      }
      x0 = next(x0, leap);
      x1 = next(x1, leap);
      x2 = next(x2, leap);
      x3 = next(x3, leap);
    }
    store<f32>(chosen + <usize>row * F, <f32>best);
  }
}
