/** Copying some of a matrix's columns. */
import { F } from "./lib/simd";

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
