/** Rows of a table by index, and the gradient of the table. */
import { F } from "./lib/simd";

/** y[i] = table[indices[i]], vectors of `size` floats. Indices. */
export function embedding(indices: usize, table: usize, y: usize, size: i32, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    const row = <usize>load<i32>(indices + <usize>i * F);
    memory.copy(y + <usize>i * size * F, table + row * size * F, <usize>size * F);
  }
}

/**
 * dtable[indices[i]] += dy[i] for a table of n rows, in the order of the indices; each part, of
 * `count` indices, has a table of its own: dtable (parts, n, size). Columns of all parts.
 */
export function embedding_backward(
  indices: usize, dy: usize, dtable: usize, count: i32, n: i32, size: i32, begin: i32, end: i32,
): void {
  let unit = begin;
  while (unit < end) {
    const part = unit / size;
    const first = unit - part * size;
    const last = min(size, first + end - unit);
    scatter(
      indices + <usize>part * count * F, dy + (<usize>part * count * size + first) * F,
      dtable + (<usize>part * n * size + first) * F, count, n, size, last - first,
    );
    unit += last - first;
  }
}

function scatter(
  indices: usize, dy: usize, dtable: usize, count: i32, n: i32, size: i32, width: i32,
): void {
  const step = <usize>size * F;
  for (let row = 0; row < n; row++) memory.fill(dtable + row * step, 0, <usize>width * F);
  const whole = width & ~3;
  for (let i = 0; i < count; i++) {
    const to = dtable + <usize>load<i32>(indices + <usize>i * F) * step;
    const from = dy + i * step;
    for (let j = 0; j < whole; j += 4) {
      const k = <usize>j * F;
      v128.store(to + k, f32x4.add(v128.load(to + k), v128.load(from + k)));
    }
    for (let j = whole; j < width; j++) {
      const k = <usize>j * F;
      store<f32>(to + k, load<f32>(to + k) + load<f32>(from + k));
    }
  }
}
