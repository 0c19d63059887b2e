/** Scaling gradients to a largest norm. */
import { F, promoteHigh, sumDoubles } from "./lib/simd";

/** So many numbers are summed into one. */
const CHUNK: i32 = 4096;

/** y[i] = the sum of the squares of x's numbers in chunk i, in double precision. Chunks. */
export function square_sums(x: usize, y: usize, size: i32, begin: i32, end: i32): void {
  for (let chunk = begin; chunk < end; chunk++) {
    const first = chunk * CHUNK;
    const stop = min(size, first + CHUNK);
    const whole = first + ((stop - first) & ~3);
    let a = f64x2.splat(0), b = f64x2.splat(0);
    for (let i = first; i < whole; i += 4) {
      const v = v128.load(x + <usize>i * F);
      const low = f64x2.promote_low_f32x4(v), high = promoteHigh(v);
      a = f64x2.add(a, f64x2.mul(low, low));
      b = f64x2.add(b, f64x2.mul(high, high));
    }
    let sum = sumDoubles(a, b);
    for (let i = whole; i < stop; i++) {
      const value = <f64>load<f32>(x + <usize>i * F);
      sum += value * value;
    }
    store<f32>(y + <usize>chunk * F, <f32>sum);
  }
}

/**
 * y = what gradients whose squares sum to x's n numbers are multiplied with, so that their norm is
 * at most `limit`: as torch.nn.utils.clip_grad_norm_. It has no units: one thread does it all.
 */
export function clip_factor(x: usize, y: usize, n: i32, limit: f32): void {
  let sum: f64 = 0;
  for (let i = 0; i < n; i++) sum += <f64>load<f32>(x + <usize>i * F);
  store<f32>(y, min<f32>(1, limit / (<f32>sqrt<f64>(sum) + 1e-6)));
}
