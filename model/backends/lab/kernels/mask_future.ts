/** Hiding the future from attention. */
import { F } from "./lib/simd";

/** y = x, the part of each (size, size) matrix above the diagonal replaced by `fill`. Rows. */
export function mask_future(x: usize, y: usize, size: i32, fill: f32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    const visible = row % size + 1;
    const at = <usize>row * size * F;
    memory.copy(y + at, x + at, <usize>visible * F);
    for (let j = visible; j < size; j++) store<f32>(y + at + <usize>j * F, fill);
  }
}
