/**
 * Layer norm over rows of `columns` floats, and its gradients. Means are summed in double precision:
 * a gradient's row must sum to 0, and what it misses adds up over the blocks.
 */
import { F } from "./simd";

/** y = (x - mean) * rstd * weight + bias; keeps mean and rstd for the gradients. Rows. */
export function layer_norm(
  x: usize, weight: usize, bias: usize, y: usize, means: usize, rstds: usize,
  columns: i32, epsilon: f32, begin: i32, end: i32,
): void {
  for (let row = begin; row < end; row++) {
    const at = <usize>row * columns * F;
    let sum: f64 = 0;
    for (let j = 0; j < columns; j++) sum += <f64>load<f32>(x + at + <usize>j * F);
    const mean: f32 = <f32>(sum / <f64>columns);
    sum = 0;
    for (let j = 0; j < columns; j++) {
      const d = <f64>(load<f32>(x + at + <usize>j * F) - mean);
      sum += d * d;
    }
    const rstd: f32 = <f32>(1 / sqrt<f64>(sum / <f64>columns + <f64>epsilon));
    store<f32>(means + <usize>row * F, mean);
    store<f32>(rstds + <usize>row * F, rstd);
    for (let j = 0; j < columns; j++) {
      const k = <usize>j * F;
      const h = (load<f32>(x + at + k) - mean) * rstd;
      store<f32>(y + at + k, h * load<f32>(weight + k) + load<f32>(bias + k));
    }
  }
}

/** dx = rstd * (g - mean(g) - h mean(g h)), with g = dy * weight and h = (x - mean) * rstd. Rows. */
export function layer_norm_backward(
  x: usize, weight: usize, means: usize, rstds: usize, dy: usize, dx: usize,
  columns: i32, begin: i32, end: i32,
): void {
  for (let row = begin; row < end; row++) {
    const at = <usize>row * columns * F;
    const mean = load<f32>(means + <usize>row * F);
    const rstd = load<f32>(rstds + <usize>row * F);
    let sums: f64 = 0;
    let products: f64 = 0;
    for (let j = 0; j < columns; j++) {
      const k = <usize>j * F;
      const g = load<f32>(dy + at + k) * load<f32>(weight + k);
      sums += <f64>g;
      products += <f64>g * <f64>((load<f32>(x + at + k) - mean) * rstd);
    }
    const sum: f32 = <f32>(sums / <f64>columns);
    const product: f32 = <f32>(products / <f64>columns);
    for (let j = 0; j < columns; j++) {
      const k = <usize>j * F;
      const g = load<f32>(dy + at + k) * load<f32>(weight + k);
      const h = (load<f32>(x + at + k) - mean) * rstd;
      store<f32>(dx + at + k, rstd * (g - sum - h * product));
    }
  }
}

/** dweight = sum over rows of dy h. Columns. */
export function layer_norm_weight(
  x: usize, means: usize, rstds: usize, dy: usize, dweight: usize,
  rows: i32, columns: i32, begin: i32, end: i32,
): void {
  memory.fill(dweight + <usize>begin * F, 0, <usize>(end - begin) * F);
  for (let row = 0; row < rows; row++) {
    const at = <usize>row * columns * F;
    const mean = load<f32>(means + <usize>row * F);
    const rstd = load<f32>(rstds + <usize>row * F);
    for (let j = begin; j < end; j++) {
      const k = <usize>j * F;
      const h = (load<f32>(x + at + k) - mean) * rstd;
      store<f32>(dweight + k, load<f32>(dweight + k) + load<f32>(dy + at + k) * h);
    }
  }
}
