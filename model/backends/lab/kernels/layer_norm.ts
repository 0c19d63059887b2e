/**
 * Layer norm over rows of `columns` floats, and its gradients. Means are summed in double precision:
 * a gradient's row must sum to 0, and what it misses adds up over the blocks.
 */
import { F, fma, promoteHigh, sumDoubles } from "./lib/simd";

/** y = (x - mean) * rstd * weight + bias; keeps mean and rstd for the gradients. Rows. */
export function layer_norm(
  x: usize, weight: usize, bias: usize, y: usize, means: usize, rstds: usize,
  columns: i32, epsilon: f32, begin: i32, end: i32,
): void {
  const whole = columns & ~3;
  for (let row = begin; row < end; row++) {
    const from = x + <usize>row * columns * F;
    const to = y + <usize>row * columns * F;
    const mean: f32 = <f32>(sum(from, columns) / <f64>columns);
    const variance = squares(from, columns, mean) / <f64>columns;
    const rstd: f32 = <f32>(1 / sqrt<f64>(variance + <f64>epsilon));
    store<f32>(means + <usize>row * F, mean);
    store<f32>(rstds + <usize>row * F, rstd);
    for (let j = 0; j < whole; j += 4) {
      const k = <usize>j * F;
      const h = normalized(v128.load(from + k), mean, rstd);
      v128.store(to + k, fma(h, v128.load(weight + k), v128.load(bias + k)));
    }
    for (let j = whole; j < columns; j++) {
      const k = <usize>j * F;
      const h = normalized(v128.load32_zero(from + k), mean, rstd);
      const value = fma(h, v128.load32_zero(weight + k), v128.load32_zero(bias + k));
      v128.store_lane<f32>(to + k, value, 0);
    }
  }
}

/** h = (x - mean) * rstd. */
// @ts-ignore: decorator
@inline
function normalized(x: v128, mean: f32, rstd: f32): v128 {
  return f32x4.mul(f32x4.sub(x, f32x4.splat(mean)), f32x4.splat(rstd));
}

function sum(x: usize, columns: i32): f64 {
  const whole = columns & ~3;
  let low = f64x2.splat(0), high = f64x2.splat(0);
  for (let j = 0; j < whole; j += 4) {
    const v = v128.load(x + <usize>j * F);
    low = f64x2.add(low, f64x2.promote_low_f32x4(v));
    high = f64x2.add(high, promoteHigh(v));
  }
  let total = sumDoubles(low, high);
  for (let j = whole; j < columns; j++) total += <f64>load<f32>(x + <usize>j * F);
  return total;
}

/** The sum of (x - mean)^2. */
function squares(x: usize, columns: i32, mean: f32): f64 {
  const whole = columns & ~3;
  const means = f32x4.splat(mean);
  let low = f64x2.splat(0), high = f64x2.splat(0);
  for (let j = 0; j < whole; j += 4) {
    const d = f32x4.sub(v128.load(x + <usize>j * F), means);
    const a = f64x2.promote_low_f32x4(d), b = promoteHigh(d);
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  let total = sumDoubles(low, high);
  for (let j = whole; j < columns; j++) {
    const d = <f64>(load<f32>(x + <usize>j * F) - mean);
    total += d * d;
  }
  return total;
}

/** dx = rstd * (g - mean(g) - h mean(g h)), with g = dy * weight and h = (x - mean) * rstd. Rows. */
export function layer_norm_backward(
  x: usize, weight: usize, means: usize, rstds: usize, dy: usize, dx: usize,
  columns: i32, begin: i32, end: i32,
): void {
  const whole = columns & ~3;
  for (let row = begin; row < end; row++) {
    const at = <usize>row * columns * F;
    const mean = load<f32>(means + <usize>row * F);
    const rstd = load<f32>(rstds + <usize>row * F);
    let low = f64x2.splat(0), high = f64x2.splat(0);
    let lowProducts = f64x2.splat(0), highProducts = f64x2.splat(0);
    for (let j = 0; j < whole; j += 4) {
      const k = <usize>j * F;
      const g = f32x4.mul(v128.load(dy + at + k), v128.load(weight + k));
      const h = normalized(v128.load(x + at + k), mean, rstd);
      const a = f64x2.promote_low_f32x4(g), b = promoteHigh(g);
      low = f64x2.add(low, a);
      high = f64x2.add(high, b);
      lowProducts = f64x2.add(lowProducts, f64x2.mul(a, f64x2.promote_low_f32x4(h)));
      highProducts = f64x2.add(highProducts, f64x2.mul(b, promoteHigh(h)));
    }
    let sums = sumDoubles(low, high);
    let products = sumDoubles(lowProducts, highProducts);
    for (let j = whole; j < columns; j++) {
      const k = <usize>j * F;
      const g = load<f32>(dy + at + k) * load<f32>(weight + k);
      sums += <f64>g;
      products += <f64>g * <f64>((load<f32>(x + at + k) - mean) * rstd);
    }
    const meanG: f32 = <f32>(sums / <f64>columns);
    const meanGh: f32 = <f32>(products / <f64>columns);
    for (let j = 0; j < whole; j += 4) {
      const k = <usize>j * F;
      const g = f32x4.mul(v128.load(dy + at + k), v128.load(weight + k));
      const h = normalized(v128.load(x + at + k), mean, rstd);
      const rest = f32x4.sub(f32x4.sub(g, f32x4.splat(meanG)), f32x4.mul(h, f32x4.splat(meanGh)));
      v128.store(dx + at + k, f32x4.mul(rest, f32x4.splat(rstd)));
    }
    for (let j = whole; j < columns; j++) {
      const k = <usize>j * F;
      const g = load<f32>(dy + at + k) * load<f32>(weight + k);
      const h = (load<f32>(x + at + k) - mean) * rstd;
      store<f32>(dx + at + k, rstd * (g - meanG - h * meanGh));
    }
  }
}

/**
 * dweight = sum over rows of dy h, for each part of `rows` rows: dweight (parts, columns). Columns
 * of all parts.
 */
export function layer_norm_weight(
  x: usize, means: usize, rstds: usize, dy: usize, dweight: usize,
  rows: i32, columns: i32, begin: i32, end: i32,
): void {
  let unit = begin;
  while (unit < end) {
    const part = unit / columns;
    const first = unit - part * columns;
    const last = min(columns, first + end - unit);
    const row = <usize>part * rows;
    const at = row * columns * F;
    weightGradient(x + at, means + row * F, rstds + row * F, dy + at,
      dweight + <usize>part * columns * F, rows, columns, first, last);
    unit += last - first;
  }
}

function weightGradient(
  x: usize, means: usize, rstds: usize, dy: usize, dweight: usize,
  rows: i32, columns: i32, begin: i32, end: i32,
): void {
  memory.fill(dweight + <usize>begin * F, 0, <usize>(end - begin) * F);
  const whole = begin + ((end - begin) & ~3);
  for (let row = 0; row < rows; row++) {
    const at = <usize>row * columns * F;
    const mean = load<f32>(means + <usize>row * F);
    const rstd = load<f32>(rstds + <usize>row * F);
    for (let j = begin; j < whole; j += 4) {
      const k = <usize>j * F;
      const h = normalized(v128.load(x + at + k), mean, rstd);
      const sum = f32x4.add(v128.load(dweight + k), f32x4.mul(v128.load(dy + at + k), h));
      v128.store(dweight + k, sum);
    }
    for (let j = whole; j < end; j++) {
      const k = <usize>j * F;
      const h = (load<f32>(x + at + k) - mean) * rstd;
      store<f32>(dweight + k, load<f32>(dweight + k) + load<f32>(dy + at + k) * h);
    }
  }
}
