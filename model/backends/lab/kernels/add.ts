/** Sums of two tensors. */
import { F, V } from "./lib/simd";

/** c = a + b. Vectors. */
export function add(a: usize, b: usize, c: usize, begin: i32, end: i32): void {
  let i = <usize>begin * V;
  const stop = <usize>end * V;
  for (; i + 2 * V <= stop; i += 2 * V) {
    const low = f32x4.add(v128.load(a + i), v128.load(b + i));
    const high = f32x4.add(v128.load(a + i, V), v128.load(b + i, V));
    v128.store(c + i, low);
    v128.store(c + i, high, V);
  }
  for (; i < stop; i += V) {
    v128.store(c + i, f32x4.add(v128.load(a + i), v128.load(b + i)));
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
