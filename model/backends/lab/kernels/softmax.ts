/** The mask of the future, and softmax over rows. */
import { exp, F, maxLanes, sumLanes } from "./simd";

/** y = x, the part of each (size, size) matrix above the diagonal replaced by `fill`. Rows. */
export function mask_future(x: usize, y: usize, size: i32, fill: f32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    const visible = row % size + 1;
    const at = <usize>row * size * F;
    memory.copy(y + at, x + at, <usize>visible * F);
    for (let j = visible; j < size; j++) store<f32>(y + at + <usize>j * F, fill);
  }
}

/** y = e^(x - max) / sum of them. Rows; (rows, columns). */
export function softmax(x: usize, y: usize, columns: i32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    const at = <usize>row * columns * F;
    exponentials(x + at, y + at, columns, rowMax(x + at, columns));
    const scale: f32 = 1 / rowSum(y + at, columns);
    const whole = columns & ~3;
    for (let j = 0; j < whole; j += 4) {
      const to = y + at + <usize>j * F;
      v128.store(to, f32x4.mul(v128.load(to), f32x4.splat(scale)));
    }
    for (let j = whole; j < columns; j++) {
      const to = y + at + <usize>j * F;
      store<f32>(to, load<f32>(to) * scale);
    }
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

/** The largest of a row. */
export function rowMax(x: usize, columns: i32): f32 {
  const whole = columns & ~3;
  let largest = f32x4.splat(-Infinity);
  for (let j = 0; j < whole; j += 4) largest = f32x4.pmax(largest, v128.load(x + <usize>j * F));
  let result = maxLanes(largest);
  for (let j = whole; j < columns; j++) result = max(result, load<f32>(x + <usize>j * F));
  return result;
}

/** The sum of a row. */
export function rowSum(x: usize, columns: i32): f32 {
  const whole = columns & ~3;
  let sums = f32x4.splat(0);
  for (let j = 0; j < whole; j += 4) sums = f32x4.add(sums, v128.load(x + <usize>j * F));
  let sum = sumLanes(sums);
  for (let j = whole; j < columns; j++) sum += load<f32>(x + <usize>j * F);
  return sum;
}

/** y = e^(x - shift) for a row. */
export function exponentials(x: usize, y: usize, columns: i32, shift: f32): void {
  const whole = columns & ~3;
  const shifts = f32x4.splat(shift);
  for (let j = 0; j < whole; j += 4) {
    v128.store(y + <usize>j * F, exp(f32x4.sub(v128.load(x + <usize>j * F), shifts)));
  }
  for (let j = whole; j < columns; j++) {
    const e = exp(f32x4.splat(load<f32>(x + <usize>j * F) - shift));
    store<f32>(y + <usize>j * F, f32x4.extract_lane(e, 0));
  }
}
