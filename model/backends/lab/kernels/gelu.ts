/**
 * GELU in its tanh form (Hendrycks and Gimpel, 2016), which is x times a sigmoid. Vectors. Two at a
 * time, for V8 to join.
 */
import { exp, fma, V } from "./lib/simd";

const SLOPE: f32 = 1.5957691216057308; // 2 sqrt(2 / pi)
const CUBIC: f32 = 0.044715;

/** y = x s, s = sigmoid(SLOPE (x + CUBIC x^3)), which is (1 + tanh of half of it) / 2. */
export function gelu(x: usize, y: usize, begin: i32, end: i32): void {
  let i = <usize>begin * V;
  const stop = <usize>end * V;
  for (; i + 2 * V <= stop; i += 2 * V) {
    const low = valueOf(v128.load(x + i));
    const high = valueOf(v128.load(x + i, V));
    v128.store(y + i, low);
    v128.store(y + i, high, V);
  }
  for (; i < stop; i += V) v128.store(y + i, valueOf(v128.load(x + i)));
}

/** dx = dy (s + x s (1 - s) SLOPE (1 + 3 CUBIC x^2)). */
export function gelu_backward(x: usize, dy: usize, dx: usize, begin: i32, end: i32): void {
  let i = <usize>begin * V;
  const stop = <usize>end * V;
  for (; i + 2 * V <= stop; i += 2 * V) {
    const low = f32x4.mul(v128.load(dy + i), slopeOf(v128.load(x + i)));
    const high = f32x4.mul(v128.load(dy + i, V), slopeOf(v128.load(x + i, V)));
    v128.store(dx + i, low);
    v128.store(dx + i, high, V);
  }
  for (; i < stop; i += V) {
    v128.store(dx + i, f32x4.mul(v128.load(dy + i), slopeOf(v128.load(x + i))));
  }
}

// @ts-ignore: decorator
@inline
function valueOf(x: v128): v128 {
  return f32x4.mul(x, gate(x, f32x4.mul(x, x)));
}

// @ts-ignore: decorator
@inline
function slopeOf(x: v128): v128 {
  const square = f32x4.mul(x, x);
  const s = gate(x, square);
  const inner = fma(square, f32x4.splat(3 * SLOPE * CUBIC), f32x4.splat(SLOPE));
  const change = f32x4.mul(f32x4.mul(s, f32x4.sub(f32x4.splat(1), s)), inner);
  return fma(x, change, s);
}

/** The sigmoid s. Its exponent is cut off at 88, where exp ends and s is 0 but for 1e-38. */
// @ts-ignore: decorator
@inline
function gate(x: v128, square: v128): v128 {
  const inner = fma(square, f32x4.splat(-SLOPE * CUBIC), f32x4.splat(-SLOPE));
  const e = exp(f32x4.pmin(f32x4.mul(x, inner), f32x4.splat(88)));
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), e));
}
