/** ReLU and its gradient. */
import { V } from "./lib/simd";

/** y = max(x, 0). Vectors. */
export function relu(x: usize, y: usize, begin: i32, end: i32): void {
  const zero = f32x4.splat(0);
  let i = <usize>begin * V;
  const stop = <usize>end * V;
  for (; i + 2 * V <= stop; i += 2 * V) {
    const low = f32x4.max(v128.load(x + i), zero);
    const high = f32x4.max(v128.load(x + i, V), zero);
    v128.store(y + i, low);
    v128.store(y + i, high, V);
  }
  for (; i < stop; i += V) {
    v128.store(y + i, f32x4.max(v128.load(x + i), zero));
  }
}

/** dx = dy where x > 0, else 0. Vectors. */
export function relu_backward(x: usize, dy: usize, dx: usize, begin: i32, end: i32): void {
  const zero = f32x4.splat(0);
  let i = <usize>begin * V;
  const stop = <usize>end * V;
  for (; i + 2 * V <= stop; i += 2 * V) {
    const low = v128.and(v128.load(dy + i), f32x4.gt(v128.load(x + i), zero));
    const high = v128.and(v128.load(dy + i, V), f32x4.gt(v128.load(x + i, V), zero));
    v128.store(dx + i, low);
    v128.store(dx + i, high, V);
  }
  for (; i < stop; i += V) {
    v128.store(dx + i, v128.and(v128.load(dy + i), f32x4.gt(v128.load(x + i), zero)));
  }
}
