/** Products of two tensors, number by number. */
import { V } from "./lib/simd";

/** c = a * b. Vectors. */
export function multiply(a: usize, b: usize, c: usize, begin: i32, end: i32): void {
  for (let i = <usize>begin * V; i < <usize>end * V; i += V) {
    v128.store(c + i, f32x4.mul(v128.load(a + i), v128.load(b + i)));
  }
}

/** y = x * s, s being one float in memory. Vectors. */
export function scale(x: usize, s: usize, y: usize, begin: i32, end: i32): void {
  const factor = v128.load32_splat(s);
  for (let i = <usize>begin * V; i < <usize>end * V; i += V) {
    v128.store(y + i, f32x4.mul(v128.load(x + i), factor));
  }
}
