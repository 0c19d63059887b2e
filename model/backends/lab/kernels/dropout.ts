/** The use of dropout's mask. */

/** y = x * s where the mask is 1, else 0; also dropout's gradient. Vectors. */
export function dropout(x: usize, mask: usize, y: usize, s: f32, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    const m = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(mask + <usize>i * 4)));
    const at = <usize>i * 16;
    const kept = v128.and(i32x4.neg(m), f32x4.splat(s));
    v128.store(y + at, f32x4.mul(v128.load(x + at), kept));
  }
}
