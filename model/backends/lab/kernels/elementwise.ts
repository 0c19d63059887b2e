/**
 * Operations on n floats, four at a time. Buffers are padded to whole vectors, so there is no tail;
 * units of work are vectors.
 */
import { F, fma } from "./simd";

const V: i32 = 16; // bytes of a vector

export function add(a: usize, b: usize, c: usize, begin: i32, end: i32): void {
  for (let i = <usize>begin * V; i < <usize>end * V; i += V) {
    v128.store(c + i, f32x4.add(v128.load(a + i), v128.load(b + i)));
  }
}

export function multiply(a: usize, b: usize, c: usize, begin: i32, end: i32): void {
  for (let i = <usize>begin * V; i < <usize>end * V; i += V) {
    v128.store(c + i, f32x4.mul(v128.load(a + i), v128.load(b + i)));
  }
}

/** y = x * s, s being one float in memory. */
export function scale(x: usize, s: usize, y: usize, begin: i32, end: i32): void {
  const factor = v128.load32_splat(s);
  for (let i = <usize>begin * V; i < <usize>end * V; i += V) {
    v128.store(y + i, f32x4.mul(v128.load(x + i), factor));
  }
}

export function fill(y: usize, value: f32, begin: i32, end: i32): void {
  for (let i = <usize>begin * V; i < <usize>end * V; i += V) v128.store(y + i, f32x4.splat(value));
}

/** y = max(x, 0). */
export function relu(x: usize, y: usize, begin: i32, end: i32): void {
  for (let i = <usize>begin * V; i < <usize>end * V; i += V) {
    v128.store(y + i, f32x4.max(v128.load(x + i), f32x4.splat(0)));
  }
}

/** dx = dy where x > 0, else 0. */
export function relu_backward(x: usize, dy: usize, dx: usize, begin: i32, end: i32): void {
  for (let i = <usize>begin * V; i < <usize>end * V; i += V) {
    v128.store(dx + i, v128.and(v128.load(dy + i), f32x4.gt(v128.load(x + i), f32x4.splat(0))));
  }
}

/** c = a + b, b being repeated for each row of a. Rows of `columns` floats. */
export function add_rows(a: usize, b: usize, c: usize, columns: i32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    const at = <usize>row * columns * F;
    for (let j = 0; j < columns; j++) {
      const k = <usize>j * F;
      store<f32>(c + at + k, load<f32>(a + at + k) + load<f32>(b + k));
    }
  }
}

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

/** Copies `width` columns from one matrix into another: serves concat and slice. Rows. */
export function copy_columns(
  from: usize, to: usize, fromColumns: i32, fromOffset: i32, toColumns: i32, toOffset: i32,
  width: i32, begin: i32, end: i32,
): void {
  for (let row = begin; row < end; row++) {
    const source = from + (<usize>row * fromColumns + fromOffset) * F;
    const target = to + (<usize>row * toColumns + toOffset) * F;
    const whole = width & ~3;
    for (let j = 0; j < whole; j += 4) v128.store(target + <usize>j * F, v128.load(source + <usize>j * F));
    for (let j = whole; j < width; j++) store<f32>(target + <usize>j * F, load<f32>(source + <usize>j * F));
  }
}

/**
 * AdamW as PyTorch computes it on a CPU. factors: f32[6] = 1 - lr wd, 1 - beta1, beta2, 1 - beta2,
 * lr / (1 - beta1^t), sqrt(1 - beta2^t).
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
  for (let i = <usize>begin * V; i < <usize>end * V; i += V) {
    const gradient = v128.load(g + i);
    const old = v128.load(m + i);
    const mean = fma(f32x4.sub(gradient, old), a, old);
    const square = fma(f32x4.mul(gradient, b), gradient, f32x4.mul(v128.load(v + i), beta2));
    const denominator = f32x4.add(f32x4.div(f32x4.sqrt(square), correction), f32x4.splat(epsilon));
    const update = f32x4.mul(step, f32x4.div(mean, denominator));
    v128.store(m + i, mean);
    v128.store(v + i, square);
    v128.store(p + i, f32x4.sub(f32x4.mul(v128.load(p + i), decay), update));
  }
}
