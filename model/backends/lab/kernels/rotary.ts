/** Positions told by turning. */
import { F } from "./lib/simd";

/**
 * Turns each row's pairs (x[j], x[half + j]) by the angle of which turns[row % places] has the
 * cosine at j and the sine at half + j; sign -1 turns back. Rows of 2 half floats.
 */
export function rotary(
  x: usize, turns: usize, y: usize, half: i32, places: i32, sign: f32, begin: i32, end: i32,
): void {
  const whole = half & ~3;
  const signs = f32x4.splat(sign);
  const second = <usize>half * F;
  for (let row = begin; row < end; row++) {
    const from = x + <usize>row * half * 2 * F;
    const to = y + <usize>row * half * 2 * F;
    const turn = turns + <usize>(row % places) * half * 2 * F;
    for (let j = 0; j < whole; j += 4) {
      const at = <usize>j * F;
      const a = v128.load(from + at), b = v128.load(from + second + at);
      const c = v128.load(turn + at), s = f32x4.mul(signs, v128.load(turn + second + at));
      v128.store(to + at, f32x4.sub(f32x4.mul(a, c), f32x4.mul(b, s)));
      v128.store(to + second + at, f32x4.add(f32x4.mul(a, s), f32x4.mul(b, c)));
    }
    for (let j = whole; j < half; j++) {
      const at = <usize>j * F;
      const a = load<f32>(from + at), b = load<f32>(from + second + at);
      const c = load<f32>(turn + at), s = sign * load<f32>(turn + second + at);
      store<f32>(to + at, a * c - b * s);
      store<f32>(to + second + at, a * s + b * c);
    }
  }
}
