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
  const least = f32x4.splat(epsilon);
  let i = <usize>begin * V;
  const stop = <usize>end * V;
  for (; i + 2 * V <= stop; i += 2 * V) { // side by side, for V8 to join
    const g0 = v128.load(g + i), g1 = v128.load(g + i, V);
    const m0 = v128.load(m + i), m1 = v128.load(m + i, V);
    const v0 = v128.load(v + i), v1 = v128.load(v + i, V);
    const mean0 = fma(f32x4.sub(g0, m0), a, m0), mean1 = fma(f32x4.sub(g1, m1), a, m1);
    const square0 = fma(f32x4.mul(g0, b), g0, f32x4.mul(v0, beta2));
    const square1 = fma(f32x4.mul(g1, b), g1, f32x4.mul(v1, beta2));
    const root0 = f32x4.add(f32x4.div(f32x4.sqrt(square0), correction), least);
    const root1 = f32x4.add(f32x4.div(f32x4.sqrt(square1), correction), least);
    const update0 = f32x4.mul(step, f32x4.div(mean0, root0));
    const update1 = f32x4.mul(step, f32x4.div(mean1, root1));
    const p0 = v128.load(p + i), p1 = v128.load(p + i, V);
    v128.store(m + i, mean0);
    v128.store(m + i, mean1, V);
    v128.store(v + i, square0);
    v128.store(v + i, square1, V);
    v128.store(p + i, f32x4.sub(f32x4.mul(p0, decay), update0));
    v128.store(p + i, f32x4.sub(f32x4.mul(p1, decay), update1), V);
  }
  for (; i < stop; i += V) {
    const gradient = v128.load(g + i);
    const old = v128.load(m + i);
    const mean = fma(f32x4.sub(gradient, old), a, old);
    const square = fma(f32x4.mul(gradient, b), gradient, f32x4.mul(v128.load(v + i), beta2));
    const root = f32x4.add(f32x4.div(f32x4.sqrt(square), correction), least);
    const update = f32x4.mul(step, f32x4.div(mean, root));
    v128.store(m + i, mean);
    v128.store(v + i, square);
    v128.store(p + i, f32x4.sub(f32x4.mul(v128.load(p + i), decay), update));
  }
}
