/** The use of dropout's mask. */
import { clear, visibleOf } from "./lib/rows";

/** y = x * s where the mask is 1, else 0; also dropout's gradient. Vectors. */
export function dropout(x: usize, mask: usize, y: usize, s: f32, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) keep(x, mask, y, s, <usize>i * 4);
}

/** The same for (size, size) matrices with zeros above the diagonal; size is a multiple of 4. Rows. */
export function dropout_lower(
  x: usize, mask: usize, y: usize, s: f32, size: i32, begin: i32, end: i32,
): void {
  for (let row = begin; row < end; row++) {
    const at = <usize>row * size;
    const visible = visibleOf(row, size, size);
    for (let j = 0; j < visible; j += 4) keep(x, mask, y, s, at + j);
    clear(y + at * 4, visible, size);
  }
}

/** Four numbers, from number i on. */
// @ts-ignore: decorator
@inline
function keep(x: usize, mask: usize, y: usize, s: f32, i: usize): void {
  const m = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(mask + i)));
  const kept = v128.and(i32x4.neg(m), f32x4.splat(s));
  v128.store(y + i * 4, f32x4.mul(v128.load(x + i * 4), kept));
}
