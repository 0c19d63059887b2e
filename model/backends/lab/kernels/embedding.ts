/** Rows of a table by index, and the gradient of the table. */
import { F } from "./simd";

/** y[i] = table[indices[i]], vectors of `size` floats. Indices. */
export function embedding(indices: usize, table: usize, y: usize, size: i32, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    const row = <usize>load<i32>(indices + <usize>i * F);
    memory.copy(y + <usize>i * size * F, table + row * size * F, <usize>size * F);
  }
}

/** dtable[indices[i]] += dy[i] for a table of n rows, in the order of the indices. Columns. */
export function embedding_backward(
  indices: usize, dy: usize, dtable: usize, count: i32, n: i32, size: i32, begin: i32, end: i32,
): void {
  const width = <usize>(end - begin) * F;
  for (let row = 0; row < n; row++) {
    memory.fill(dtable + (<usize>row * size + begin) * F, 0, width);
  }
  for (let i = 0; i < count; i++) {
    const to = dtable + <usize>load<i32>(indices + <usize>i * F) * size * F;
    const from = dy + <usize>i * size * F;
    for (let j = begin; j < end; j++) {
      const k = <usize>j * F;
      store<f32>(to + k, load<f32>(to + k) + load<f32>(from + k));
    }
  }
}
