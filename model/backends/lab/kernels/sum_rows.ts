/** Sums over rows. */
import { F } from "./lib/simd";

/** y (parts, columns) = the sums of x's rows (parts, rows, columns). Columns of all parts. */
export function sum_rows(x: usize, y: usize, rows: i32, columns: i32, begin: i32, end: i32): void {
  let unit = begin;
  while (unit < end) {
    const part = unit / columns;
    const first = unit - part * columns;
    const last = min(columns, first + end - unit);
    const from = x + <usize>part * rows * columns * F;
    const to = y + <usize>part * columns * F;
    let j = first;
    for (; j + 16 <= last; j += 16) sumLine(from + <usize>j * F, to + <usize>j * F, rows, columns);
    for (; j < last; j++) {
      let sum: f32 = 0;
      for (let row = 0; row < rows; row++) {
        sum += load<f32>(from + (<usize>row * columns + j) * F);
      }
      store<f32>(to + <usize>j * F, sum);
    }
    unit += last - first;
  }
}

/** Sixteen columns' sums: about a cache line of each row. */
// @ts-ignore: decorator
@inline
function sumLine(x: usize, y: usize, rows: i32, columns: i32): void {
  let a = f32x4.splat(0), b = f32x4.splat(0), c = f32x4.splat(0), d = f32x4.splat(0);
  const stop = x + <usize>rows * columns * F;
  for (; x < stop; x += <usize>columns * F) {
    a = f32x4.add(a, v128.load(x));
    b = f32x4.add(b, v128.load(x, 16));
    c = f32x4.add(c, v128.load(x, 32));
    d = f32x4.add(d, v128.load(x, 48));
  }
  v128.store(y, a);
  v128.store(y, b, 16);
  v128.store(y, c, 32);
  v128.store(y, d, 48);
}
