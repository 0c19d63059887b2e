/** An optimizer's update. */
import { fma, V } from "./lib/simd";

/**
 * AdamW as PyTorch computes it on a CPU. factors: f32[6] = 1 - lr wd, 1 - beta1, beta2, 1 - beta2,
 * lr / (1 - beta1^t), sqrt(1 - beta2^t). Vectors.
 */
export function adamw(
  p: usize, g: usize, m: usize, v: usize, factors: usize, epsilon: f32, begin: i32, end: i32,
): void {
  const decay = v128.load32_splat(factors);
  const a = v128.load32_splat(factors, 4);
  const beta2 = v128.load32_splat(factors, 8);
  const b = v128.load32_splat(factors, 12);
  const step = v128.load32_splat(factors, 16);
  const correction = v128.load32_splat(factors, 20);
  for (let i = <usize>begin * V; i < <usize>end * V; i += V) {
    const gradient = v128.load(g + i);
    const old = v128.load(m + i);
    const mean = fma(f32x4.sub(gradient, old), a, old);
    const square = fma(f32x4.mul(gradient, b), gradient, f32x4.mul(v128.load(v + i), beta2));
    const denominator = f32x4.add(f32x4.div(f32x4.sqrt(square), correction), f32x4.splat(epsilon));
    const update = f32x4.mul(step, f32x4.div(mean, denominator));
    v128.store(m + i, mean);
    v128.store(v + i, square);
    v128.store(p + i, f32x4.sub(f32x4.mul(v128.load(p + i), decay), update));
  }
}
