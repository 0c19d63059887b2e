/** Softmax over rows, and its gradient. */
import { exponentials, rowMax, rowSum, scaleRow } from "./lib/rows";
import { F, sumLanes } from "./lib/simd";

/** y = e^(x - max) / sum of them. Rows; (rows, columns). */
export function softmax(x: usize, y: usize, columns: i32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    const at = <usize>row * columns * F;
    exponentials(x + at, y + at, columns, rowMax(x + at, columns));
    scaleRow(y + at, columns, 1 / rowSum(y + at, columns));
  }
}

/** dx = y (dy - sum of y dy). Rows. */
export function softmax_backward(y: usize, dy: usize, dx: usize, columns: i32, begin: i32, end: i32): void {
  const whole = columns & ~3;
  for (let row = begin; row < end; row++) {
    const at = <usize>row * columns * F;
    let sums = f32x4.splat(0);
    for (let j = 0; j < whole; j += 4) {
      const k = at + <usize>j * F;
      sums = f32x4.add(sums, f32x4.mul(v128.load(y + k), v128.load(dy + k)));
    }
    let sum = sumLanes(sums);
    for (let j = whole; j < columns; j++) {
      const k = at + <usize>j * F;
      sum += load<f32>(y + k) * load<f32>(dy + k);
    }
    for (let j = 0; j < whole; j += 4) {
      const k = at + <usize>j * F;
      v128.store(dx + k, f32x4.mul(v128.load(y + k), f32x4.sub(v128.load(dy + k), f32x4.splat(sum))));
    }
    for (let j = whole; j < columns; j++) {
      const k = at + <usize>j * F;
      store<f32>(dx + k, load<f32>(y + k) * (load<f32>(dy + k) - sum));
    }
  }
}
