/** GELU in its tanh form (Hendrycks and Gimpel, 2016), which is x times a sigmoid. Vectors. */
import { exp, fma, V } from "./lib/simd";

const SLOPE: f32 = 1.5957691216057308; // 2 sqrt(2 / pi)
const CUBIC: f32 = 0.044715;

/** y = x s, s = sigmoid(SLOPE (x + CUBIC x^3)), which is (1 + tanh of half of it) / 2. */
export function gelu(x: usize, y: usize, begin: i32, end: i32): void {
  for (let i = <usize>begin * V; i < <usize>end * V; i += V) {
    const value = v128.load(x + i);
    v128.store(y + i, f32x4.mul(value, gate(value, f32x4.mul(value, value))));
  }
}

/** dx = dy (s + x s (1 - s) SLOPE (1 + 3 CUBIC x^2)). */
export function gelu_backward(x: usize, dy: usize, dx: usize, begin: i32, end: i32): void {
  for (let i = <usize>begin * V; i < <usize>end * V; i += V) {
    const value = v128.load(x + i);
    const square = f32x4.mul(value, value);
    const s = gate(value, square);
    const inner = fma(square, f32x4.splat(3 * SLOPE * CUBIC), f32x4.splat(SLOPE));
    const change = f32x4.mul(f32x4.mul(s, f32x4.sub(f32x4.splat(1), s)), inner);
    v128.store(dx + i, f32x4.mul(v128.load(dy + i), fma(value, change, s)));
  }
}

/** The sigmoid s. Its exponent is cut off at 88, where exp ends and s is 0 but for 1e-38. */
// @ts-ignore: decorator
@inline
function gate(x: v128, square: v128): v128 {
  const inner = fma(square, f32x4.splat(-SLOPE * CUBIC), f32x4.splat(-SLOPE));
  const e = exp(f32x4.pmin(f32x4.mul(x, inner), f32x4.splat(88)));
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), e));
}
