/**
 * The innermost loop of a product for machines with vectors of 256 bits: 4 rows of A times a panel of
 * 16 columns of B, begun with what stands at `from` (C itself, the bias or zeros).
 *
 * V8 joins two neighbouring vectors where nothing stands between them: sums begin with loads, A's
 * numbers are splat as they are loaded, and a panel is read and C written 16 columns at a time.
 */
import { F, fma } from "./simd";

/** Columns of a wide panel of B. */
export const WIDE_PANEL: i32 = 16;
/** What a product without a bias begins with: a panel's row of zeros. */
export const ZEROS: usize = memory.data(64);

/** 4 rows that lie side by side, `aPitch` bytes from one depth to the next. */
export function wideTile(
  a: usize, aPitch: usize, panel: usize, pitch: usize, from: usize, fromStep: usize, c: usize, n: i32,
  depth: i32,
): void {
  const step = <usize>n * F;
  const c1 = c + step, c2 = c1 + step, c3 = c2 + step;
  const f1 = from + fromStep, f2 = f1 + fromStep, f3 = f2 + fromStep;
  let p0 = v128.load(from), p1 = v128.load(from, 16), p2 = v128.load(from, 32), p3 = v128.load(from, 48);
  let q0 = v128.load(f1), q1 = v128.load(f1, 16), q2 = v128.load(f1, 32), q3 = v128.load(f1, 48);
  let r0 = v128.load(f2), r1 = v128.load(f2, 16), r2 = v128.load(f2, 32), r3 = v128.load(f2, 48);
  let s0 = v128.load(f3), s1 = v128.load(f3, 16), s2 = v128.load(f3, 32), s3 = v128.load(f3, 48);
  const stop = panel + <usize>depth * pitch;
  while (panel < stop) {
    const b0 = v128.load(panel), b1 = v128.load(panel, 16);
    const b2 = v128.load(panel, 32), b3 = v128.load(panel, 48);
    let x = v128.load32_splat(a);
    p0 = fma(x, b0, p0);
    p1 = fma(x, b1, p1);
    p2 = fma(x, b2, p2);
    p3 = fma(x, b3, p3);
    x = v128.load32_splat(a, 4);
    q0 = fma(x, b0, q0);
    q1 = fma(x, b1, q1);
    q2 = fma(x, b2, q2);
    q3 = fma(x, b3, q3);
    x = v128.load32_splat(a, 8);
    r0 = fma(x, b0, r0);
    r1 = fma(x, b1, r1);
    r2 = fma(x, b2, r2);
    r3 = fma(x, b3, r3);
    x = v128.load32_splat(a, 12);
    s0 = fma(x, b0, s0);
    s1 = fma(x, b1, s1);
    s2 = fma(x, b2, s2);
    s3 = fma(x, b3, s3);
    a += aPitch;
    panel += pitch;
  }
  v128.store(c, p0);
  v128.store(c, p1, 16);
  v128.store(c, p2, 32);
  v128.store(c, p3, 48);
  v128.store(c1, q0);
  v128.store(c1, q1, 16);
  v128.store(c1, q2, 32);
  v128.store(c1, q3, 48);
  v128.store(c2, r0);
  v128.store(c2, r1, 16);
  v128.store(c2, r2, 32);
  v128.store(c2, r3, 48);
  v128.store(c3, s0);
  v128.store(c3, s1, 16);
  v128.store(c3, s2, 32);
  v128.store(c3, s3, 48);
}

/** The same where A and B are both packed: distances that the compiler knows save a tenth. */
export function wideTilePacked(
  a: usize, panel: usize, from: usize, fromStep: usize, c: usize, n: i32,
  depth: i32,
): void {
  const step = <usize>n * F;
  const c1 = c + step, c2 = c1 + step, c3 = c2 + step;
  const f1 = from + fromStep, f2 = f1 + fromStep, f3 = f2 + fromStep;
  let p0 = v128.load(from), p1 = v128.load(from, 16), p2 = v128.load(from, 32), p3 = v128.load(from, 48);
  let q0 = v128.load(f1), q1 = v128.load(f1, 16), q2 = v128.load(f1, 32), q3 = v128.load(f1, 48);
  let r0 = v128.load(f2), r1 = v128.load(f2, 16), r2 = v128.load(f2, 32), r3 = v128.load(f2, 48);
  let s0 = v128.load(f3), s1 = v128.load(f3, 16), s2 = v128.load(f3, 32), s3 = v128.load(f3, 48);
  const stop = panel + <usize>depth * WIDE_PANEL * F;
  do {
    const b0 = v128.load(panel), b1 = v128.load(panel, 16);
    const b2 = v128.load(panel, 32), b3 = v128.load(panel, 48);
    let x = v128.load32_splat(a);
    p0 = fma(x, b0, p0);
    p1 = fma(x, b1, p1);
    p2 = fma(x, b2, p2);
    p3 = fma(x, b3, p3);
    x = v128.load32_splat(a, 4);
    q0 = fma(x, b0, q0);
    q1 = fma(x, b1, q1);
    q2 = fma(x, b2, q2);
    q3 = fma(x, b3, q3);
    x = v128.load32_splat(a, 8);
    r0 = fma(x, b0, r0);
    r1 = fma(x, b1, r1);
    r2 = fma(x, b2, r2);
    r3 = fma(x, b3, r3);
    x = v128.load32_splat(a, 12);
    s0 = fma(x, b0, s0);
    s1 = fma(x, b1, s1);
    s2 = fma(x, b2, s2);
    s3 = fma(x, b3, s3);
    a += 4 * F;
    panel += WIDE_PANEL * F;
  } while (panel < stop);
  v128.store(c, p0);
  v128.store(c, p1, 16);
  v128.store(c, p2, 32);
  v128.store(c, p3, 48);
  v128.store(c1, q0);
  v128.store(c1, q1, 16);
  v128.store(c1, q2, 32);
  v128.store(c1, q3, 48);
  v128.store(c2, r0);
  v128.store(c2, r1, 16);
  v128.store(c2, r2, 32);
  v128.store(c2, r3, 48);
  v128.store(c3, s0);
  v128.store(c3, s1, 16);
  v128.store(c3, s2, 32);
  v128.store(c3, s3, 48);
}

/** 4 rows as they are in a matrix, number by number. */
export function wideTile4(
  a: usize, row: i32, column: i32, panel: usize, pitch: usize, from: usize, fromStep: usize, c: usize,
  n: i32, depth: i32,
): void {
  rowsByPanel(a, row, column, panel, pitch, from, fromStep, c, n, depth, false);
}

/** The same, begun with zeros and added to what C holds. */
export function wideTile4Added(
  a: usize, row: i32, column: i32, panel: usize, pitch: usize, c: usize, n: i32, depth: i32,
): void {
  rowsByPanel(a, row, column, panel, pitch, ZEROS, 0, c, n, depth, true);
}

// @ts-ignore: decorator
@inline
function rowsByPanel(
  a: usize, row: i32, column: i32, panel: usize, pitch: usize, from: usize, fromStep: usize, c: usize,
  n: i32, depth: i32, added: bool,
): void {
  const apart = <usize>row * F;
  const next = <usize>column * F;
  let a0 = a, a1 = a + apart, a2 = a1 + apart, a3 = a2 + apart;
  const step = <usize>n * F;
  const c1 = c + step, c2 = c1 + step, c3 = c2 + step;
  const f1 = from + fromStep, f2 = f1 + fromStep, f3 = f2 + fromStep;
  let p0 = v128.load(from), p1 = v128.load(from, 16), p2 = v128.load(from, 32), p3 = v128.load(from, 48);
  let q0 = v128.load(f1), q1 = v128.load(f1, 16), q2 = v128.load(f1, 32), q3 = v128.load(f1, 48);
  let r0 = v128.load(f2), r1 = v128.load(f2, 16), r2 = v128.load(f2, 32), r3 = v128.load(f2, 48);
  let s0 = v128.load(f3), s1 = v128.load(f3, 16), s2 = v128.load(f3, 32), s3 = v128.load(f3, 48);
  const stop = panel + <usize>depth * pitch;
  while (panel < stop) {
    const b0 = v128.load(panel), b1 = v128.load(panel, 16);
    const b2 = v128.load(panel, 32), b3 = v128.load(panel, 48);
    let x = v128.load32_splat(a0);
    p0 = fma(x, b0, p0);
    p1 = fma(x, b1, p1);
    p2 = fma(x, b2, p2);
    p3 = fma(x, b3, p3);
    x = v128.load32_splat(a1);
    q0 = fma(x, b0, q0);
    q1 = fma(x, b1, q1);
    q2 = fma(x, b2, q2);
    q3 = fma(x, b3, q3);
    x = v128.load32_splat(a2);
    r0 = fma(x, b0, r0);
    r1 = fma(x, b1, r1);
    r2 = fma(x, b2, r2);
    r3 = fma(x, b3, r3);
    x = v128.load32_splat(a3);
    s0 = fma(x, b0, s0);
    s1 = fma(x, b1, s1);
    s2 = fma(x, b2, s2);
    s3 = fma(x, b3, s3);
    a0 += next;
    a1 += next;
    a2 += next;
    a3 += next;
    panel += pitch;
  }
  if (added) {
    p0 = f32x4.add(v128.load(c), p0);
    p1 = f32x4.add(v128.load(c, 16), p1);
    p2 = f32x4.add(v128.load(c, 32), p2);
    p3 = f32x4.add(v128.load(c, 48), p3);
    q0 = f32x4.add(v128.load(c1), q0);
    q1 = f32x4.add(v128.load(c1, 16), q1);
    q2 = f32x4.add(v128.load(c1, 32), q2);
    q3 = f32x4.add(v128.load(c1, 48), q3);
    r0 = f32x4.add(v128.load(c2), r0);
    r1 = f32x4.add(v128.load(c2, 16), r1);
    r2 = f32x4.add(v128.load(c2, 32), r2);
    r3 = f32x4.add(v128.load(c2, 48), r3);
    s0 = f32x4.add(v128.load(c3), s0);
    s1 = f32x4.add(v128.load(c3, 16), s1);
    s2 = f32x4.add(v128.load(c3, 32), s2);
    s3 = f32x4.add(v128.load(c3, 48), s3);
  }
  v128.store(c, p0);
  v128.store(c, p1, 16);
  v128.store(c, p2, 32);
  v128.store(c, p3, 48);
  v128.store(c1, q0);
  v128.store(c1, q1, 16);
  v128.store(c1, q2, 32);
  v128.store(c1, q3, 48);
  v128.store(c2, r0);
  v128.store(c2, r1, 16);
  v128.store(c2, r2, 32);
  v128.store(c2, r3, 48);
  v128.store(c3, s0);
  v128.store(c3, s1, 16);
  v128.store(c3, s2, 32);
  v128.store(c3, s3, 48);
}
