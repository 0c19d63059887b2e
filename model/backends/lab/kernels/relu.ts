/** ReLU and its gradient. */
import { V } from "./lib/simd";

/** y = max(x, 0). Vectors. */
export function relu(x: usize, y: usize, begin: i32, end: i32): void {
  for (let i = <usize>begin * V; i < <usize>end * V; i += V) {
    v128.store(y + i, f32x4.max(v128.load(x + i), f32x4.splat(0)));
  }
}

/** dx = dy where x > 0, else 0. Vectors. */
export function relu_backward(x: usize, dy: usize, dx: usize, begin: i32, end: i32): void {
  for (let i = <usize>begin * V; i < <usize>end * V; i += V) {
    v128.store(dx + i, v128.and(v128.load(dy + i), f32x4.gt(v128.load(x + i), f32x4.splat(0))));
  }
}
