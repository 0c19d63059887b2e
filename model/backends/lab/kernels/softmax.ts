/**
 * Softmax over rows times a factor, and its gradient. With `size` the rows are those of (size, size)
 * matrices: what stands above the diagonal counts as -infinity, whatever it is, and is 0 behind
 * softmax, so that it need not be looked at; 0 if all numbers count. The factor `s` is one float in
 * memory; 0 stands for none.
 */
import { clear, rowSum, scaleRow, visibleOf } from "./lib/rows";
import { exp, F, maxLanes, sumLanes } from "./lib/simd";

/** y = e^(s x - max) / sum of them. Rows; (rows, columns). */
export function softmax(
  x: usize, s: usize, y: usize, columns: i32, size: i32, begin: i32, end: i32,
): void {
  const factor: f32 = s ? load<f32>(s) : 1;
  for (let row = begin; row < end; row++) {
    const at = <usize>row * columns * F;
    const visible = visibleOf(row, columns, size);
    const limit = size ? row % size + 1 : columns;
    exponentials(x + at, y + at, limit, visible, factor, largestOf(x + at, limit, visible, factor));
    scaleRow(y + at, visible, 1 / rowSum(y + at, visible));
    clear(y + at, visible, columns);
  }
}

/** Four numbers of a row times the factors, -infinity from the limit on. */
// @ts-ignore: decorator
@inline
function seen(x: usize, j: i32, limit: i32, factors: v128): v128 {
  const numbers = f32x4.mul(v128.load(x + <usize>j * F), factors);
  const isSeen = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(limit - j));
  return v128.bitselect(numbers, f32x4.splat(-Infinity), isSeen);
}

/** The largest of a row's numbers up to the limit, times the factor. */
// @ts-ignore: decorator
@inline
function largestOf(x: usize, limit: i32, visible: i32, factor: f32): f32 {
  const factors = f32x4.splat(factor);
  let first = f32x4.splat(-Infinity), second = f32x4.splat(-Infinity);
  let j = 0;
  for (; j + 8 <= limit; j += 8) {
    const from = x + <usize>j * F;
    first = f32x4.pmax(first, f32x4.mul(v128.load(from), factors));
    second = f32x4.pmax(second, f32x4.mul(v128.load(from, 16), factors));
  }
  for (; j + 4 <= visible; j += 4) first = f32x4.pmax(first, seen(x, j, limit, factors));
  let largest = maxLanes(f32x4.pmax(first, second));
  for (; j < limit; j++) largest = max(largest, load<f32>(x + <usize>j * F) * factor);
  return largest;
}

/** y = e^(factor x - shift) for a row, 0 from the limit on. */
// @ts-ignore: decorator
@inline
function exponentials(
  x: usize, y: usize, limit: i32, visible: i32, factor: f32, shift: f32,
): void {
  const factors = f32x4.splat(factor), shifts = f32x4.splat(shift);
  let j = 0;
  for (; j + 8 <= limit; j += 8) {
    const from = x + <usize>j * F, to = y + <usize>j * F;
    const low = exp(f32x4.sub(f32x4.mul(v128.load(from), factors), shifts));
    const high = exp(f32x4.sub(f32x4.mul(v128.load(from, 16), factors), shifts));
    v128.store(to, low);
    v128.store(to, high, 16);
  }
  for (; j + 4 <= visible; j += 4) {
    v128.store(y + <usize>j * F, exp(f32x4.sub(seen(x, j, limit, factors), shifts)));
  }
  for (; j < visible; j++) {
    const number: f32 = j < limit ? load<f32>(x + <usize>j * F) * factor : -Infinity;
    const e = exp(f32x4.splat(number - shift));
    store<f32>(y + <usize>j * F, f32x4.extract_lane(e, 0));
  }
}

/** dx = y (dy - sum of y dy) s. Rows. */
export function softmax_backward(
  y: usize, dy: usize, s: usize, dx: usize, columns: i32, size: i32, begin: i32, end: i32,
): void {
  const factor: f32 = s ? load<f32>(s) : 1;
  const factors = f32x4.splat(factor);
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
    const shift = f32x4.splat(sum);
    let i = 0;
    for (; i + 8 <= whole; i += 8) {
      const k = at + <usize>i * F;
      const low = f32x4.mul(f32x4.mul(v128.load(y + k), f32x4.sub(v128.load(dy + k), shift)), factors);
      const high = f32x4.mul(f32x4.mul(v128.load(y + k, 16), f32x4.sub(v128.load(dy + k, 16), shift)), factors);
      v128.store(dx + k, low);
      v128.store(dx + k, high, 16);
    }
    for (; i < whole; i += 4) {
      const k = at + <usize>i * F;
      v128.store(dx + k, f32x4.mul(f32x4.mul(v128.load(y + k), f32x4.sub(v128.load(dy + k), shift)), factors));
    }
    for (let j = whole; j < visible; j++) {
      const k = at + <usize>j * F;
      store<f32>(dx + k, load<f32>(y + k) * (load<f32>(dy + k) - sum) * factor);
    }
    clear(dx + at, visible, columns);
  }
}
