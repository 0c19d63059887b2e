/** What softmax and cross entropy do with a row of floats. */
import { exp, F, maxLanes, sumLanes } from "./simd";

/**
 * How many of a row's numbers, from its start, need to be looked at: in (size, size) matrices with
 * nothing above the diagonal those up to it, in whole vectors, else all (size 0).
 */
// @ts-ignore: decorator
@inline
export function visibleOf(row: i32, columns: i32, size: i32): i32 {
  return size ? min(columns, (row % size + 4) & ~3) : columns;
}

/** Zeros for what is not looked at of a row; a call to fill memory takes longer than a short row. */
// @ts-ignore: decorator
@inline
export function clear(row: usize, visible: i32, columns: i32): void {
  let j = visible;
  for (; j + 4 <= columns; j += 4) v128.store(row + <usize>j * F, f32x4.splat(0));
  for (; j < columns; j++) store<f32>(row + <usize>j * F, 0);
}

/** The largest of a row. */
export function rowMax(x: usize, columns: i32): f32 {
  const whole = columns & ~3;
  let first = f32x4.splat(-Infinity), second = f32x4.splat(-Infinity);
  let j = 0;
  for (; j + 8 <= whole; j += 8) {
    first = f32x4.pmax(first, v128.load(x + <usize>j * F));
    second = f32x4.pmax(second, v128.load(x + <usize>j * F, 16));
  }
  for (; j < whole; j += 4) first = f32x4.pmax(first, v128.load(x + <usize>j * F));
  let result = maxLanes(f32x4.pmax(first, second));
  for (; j < columns; j++) result = max(result, load<f32>(x + <usize>j * F));
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
  let i = 0;
  for (; i + 8 <= whole; i += 8) {
    const from = x + <usize>i * F, to = y + <usize>i * F;
    const low = exp(f32x4.sub(v128.load(from), shifts));
    const high = exp(f32x4.sub(v128.load(from, 16), shifts));
    v128.store(to, low);
    v128.store(to, high, 16);
  }
  for (let j = i; j < whole; j += 4) {
    v128.store(y + <usize>j * F, exp(f32x4.sub(v128.load(x + <usize>j * F), shifts)));
  }
  for (let j = whole; j < columns; j++) {
    const e = exp(f32x4.splat(load<f32>(x + <usize>j * F) - shift));
    store<f32>(y + <usize>j * F, f32x4.extract_lane(e, 0));
  }
}

/** x = x * scale for a row. */
export function scaleRow(x: usize, columns: i32, scale: f32): void {
  const whole = columns & ~3;
  const scales = f32x4.splat(scale);
  let j = 0;
  for (; j + 8 <= whole; j += 8) {
    const at = x + <usize>j * F;
    const low = f32x4.mul(v128.load(at), scales), high = f32x4.mul(v128.load(at, 16), scales);
    v128.store(at, low);
    v128.store(at, high, 16);
  }
  for (; j < whole; j += 4) {
    const at = x + <usize>j * F;
    v128.store(at, f32x4.mul(v128.load(at), scales));
  }
  for (; j < columns; j++) {
    const at = x + <usize>j * F;
    store<f32>(at, load<f32>(at) * scale);
  }
}
