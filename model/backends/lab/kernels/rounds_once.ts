/** What this machine's multiply-add is. */
import { F, fma } from "./lib/simd";

/** Whether a * b + c, a, b and c lying at x, is rounded once: then it gives the same bits everywhere. */
export function rounds_once(x: usize): i32 {
  const value = fma(v128.load32_splat(x), v128.load32_splat(x, F), v128.load32_splat(x, 2 * F));
  return i32(f32x4.extract_lane(value, 0) != 0);
}
