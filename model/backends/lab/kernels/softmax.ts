/**
 * Softmax over rows, and its gradient. With `size` the rows are those of (size, size) matrices whose
 * numbers above the diagonal are -infinity before and 0 after, so that they need not be looked at;
 * 0 if they are not.
 */
import { exponentials, rowMax, rowSum, scaleRow, visibleOf } from "./lib/rows";
import { F, sumLanes } from "./lib/simd";

/** y = e^(x - max) / sum of them. Rows; (rows, columns). */
export function softmax(x: usize, y: usize, columns: i32, size: i32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    const at = <usize>row * columns * F;
    const visible = visibleOf(row, columns, size);
    exponentials(x + at, y + at, visible, rowMax(x + at, visible));
    scaleRow(y + at, visible, 1 / rowSum(y + at, visible));
    memory.fill(y + at + <usize>visible * F, 0, <usize>(columns - visible) * F);
  }
}

/** dx = y (dy - sum of y dy). Rows. */
export function softmax_backward(
  y: usize, dy: usize, dx: usize, columns: i32, size: i32, begin: i32, end: i32,
): void {
  for (let row = begin; row < end; row++) {
    const at = <usize>row * columns * F;
    const visible = visibleOf(row, columns, size);
    const whole = visible & ~3;
    let sums = f32x4.splat(0);
    for (let j = 0; j < whole; j += 4) {
      const k = at + <usize>j * F;
      sums = f32x4.add(sums, f32x4.mul(v128.load(y + k), v128.load(dy + k)));
    }
    let sum = sumLanes(sums);
    for (let j = whole; j < visible; j++) {
      const k = at + <usize>j * F;
      sum += load<f32>(y + k) * load<f32>(dy + k);
    }
    for (let j = 0; j < whole; j += 4) {
      const k = at + <usize>j * F;
      v128.store(dx + k, f32x4.mul(v128.load(y + k), f32x4.sub(v128.load(dy + k), f32x4.splat(sum))));
    }
    for (let j = whole; j < visible; j++) {
      const k = at + <usize>j * F;
      store<f32>(dx + k, load<f32>(y + k) * (load<f32>(dy + k) - sum));
    }
    memory.fill(dx + at + <usize>visible * F, 0, <usize>(columns - visible) * F);
  }
}
