/**
 * The innermost loops of a product: some rows of A times a panel of 8 columns of B, added to C or
 * begun with the bias or 0.
 */
import { F, fma } from "./simd";

/** Columns of a panel of B. */
export const PANEL: i32 = 8;

/** `width` floats as a vector, from lane `lane` of a row on; lanes past the width are 0. */
// @ts-ignore: decorator
@inline
function loadPart(at: usize, lane: i32, width: i32): v128 {
  if (width >= lane + 4) return v128.load(at + <usize>lane * F);
  let v = f32x4.splat(0);
  if (width > lane) v = f32x4.replace_lane(v, 0, load<f32>(at + <usize>lane * F));
  if (width > lane + 1) v = f32x4.replace_lane(v, 1, load<f32>(at + <usize>lane * F, 4));
  if (width > lane + 2) v = f32x4.replace_lane(v, 2, load<f32>(at + <usize>lane * F, 8));
  return v;
}

function loadEdge(at: usize, lane: i32, width: i32): v128 {
  return loadPart(at, lane, width);
}

/** The first value of a sum: what C holds already, or the bias, or 0. */
// @ts-ignore: decorator
@inline
function initial(c: usize, bias: usize, lane: i32, width: i32, add: bool): v128 {
  if (!add && !bias) return f32x4.splat(0);
  const from = add ? c : bias;
  return width == PANEL ? v128.load(from + <usize>lane * F) : loadEdge(from, lane, width);
}

/** Stores 8 sums, or the first `width` of them, or adds them to what is there. */
// @ts-ignore: decorator
@inline
function finish(c: usize, low: v128, high: v128, width: i32, added: bool): void {
  if (added) {
    low = f32x4.add(loadEdge(c, 0, width), low);
    high = f32x4.add(loadEdge(c, 4, width), high);
  }
  if (width == PANEL) {
    v128.store(c, low);
    v128.store(c, high, 16);
  } else storeEdge(c, low, high, width);
}

function storeEdge(c: usize, low: v128, high: v128, width: i32): void {
  store<f32>(c, f32x4.extract_lane(low, 0));
  if (width > 1) store<f32>(c, f32x4.extract_lane(low, 1), 4);
  if (width > 2) store<f32>(c, f32x4.extract_lane(low, 2), 8);
  if (width > 3) store<f32>(c, f32x4.extract_lane(low, 3), 12);
  if (width > 4) store<f32>(c, f32x4.extract_lane(high, 0), 16);
  if (width > 5) store<f32>(c, f32x4.extract_lane(high, 1), 20);
  if (width > 6) store<f32>(c, f32x4.extract_lane(high, 2), 24);
}

/** 4 rows that lie side by side, `aPitch` bytes from one depth to the next, and a panel. */
export function tile(
  a: usize, aPitch: usize, panel: usize, pitch: usize, c: usize, n: i32, bias: usize,
  width: i32, depth: i32, add: bool, added: bool,
): void {
  const step = <usize>n * F;
  let x0 = initial(c, bias, 0, width, add), y0 = initial(c, bias, 4, width, add);
  let x1 = initial(c + step, bias, 0, width, add), y1 = initial(c + step, bias, 4, width, add);
  let x2 = initial(c + 2 * step, bias, 0, width, add), y2 = initial(c + 2 * step, bias, 4, width, add);
  let x3 = initial(c + 3 * step, bias, 0, width, add), y3 = initial(c + 3 * step, bias, 4, width, add);
  const stop = panel + <usize>depth * pitch;
  while (panel < stop) {
    const r = v128.load(a);
    const b0 = v128.load(panel), b1 = v128.load(panel, 16);
    let s = v128.shuffle<f32>(r, r, 0, 0, 0, 0);
    x0 = fma(s, b0, x0);
    y0 = fma(s, b1, y0);
    s = v128.shuffle<f32>(r, r, 1, 1, 1, 1);
    x1 = fma(s, b0, x1);
    y1 = fma(s, b1, y1);
    s = v128.shuffle<f32>(r, r, 2, 2, 2, 2);
    x2 = fma(s, b0, x2);
    y2 = fma(s, b1, y2);
    s = v128.shuffle<f32>(r, r, 3, 3, 3, 3);
    x3 = fma(s, b0, x3);
    y3 = fma(s, b1, y3);
    a += aPitch;
    panel += pitch;
  }
  finish(c, x0, y0, width, added);
  finish(c + step, x1, y1, width, added);
  finish(c + 2 * step, x2, y2, width, added);
  finish(c + 3 * step, x3, y3, width, added);
}

/** 6 rows, number by number, and a panel. */
export function tile6(
  a: usize, row: i32, column: i32, panel: usize, pitch: usize, c: usize, n: i32, bias: usize,
  width: i32, depth: i32, add: bool, added: bool,
): void {
  const step = <usize>n * F;
  let x0 = initial(c, bias, 0, width, add), y0 = initial(c, bias, 4, width, add);
  let x1 = initial(c + step, bias, 0, width, add), y1 = initial(c + step, bias, 4, width, add);
  let x2 = initial(c + 2 * step, bias, 0, width, add), y2 = initial(c + 2 * step, bias, 4, width, add);
  let x3 = initial(c + 3 * step, bias, 0, width, add), y3 = initial(c + 3 * step, bias, 4, width, add);
  let x4 = initial(c + 4 * step, bias, 0, width, add), y4 = initial(c + 4 * step, bias, 4, width, add);
  let x5 = initial(c + 5 * step, bias, 0, width, add), y5 = initial(c + 5 * step, bias, 4, width, add);
  const next = <usize>column * F;
  let a0 = a, a1 = a + <usize>row * F, a2 = a1 + <usize>row * F;
  let a3 = a2 + <usize>row * F, a4 = a3 + <usize>row * F, a5 = a4 + <usize>row * F;
  const stop = panel + <usize>depth * pitch;
  while (panel < stop) {
    const b0 = v128.load(panel), b1 = v128.load(panel, 16);
    let s = v128.load32_splat(a0);
    x0 = fma(s, b0, x0);
    y0 = fma(s, b1, y0);
    s = v128.load32_splat(a1);
    x1 = fma(s, b0, x1);
    y1 = fma(s, b1, y1);
    s = v128.load32_splat(a2);
    x2 = fma(s, b0, x2);
    y2 = fma(s, b1, y2);
    s = v128.load32_splat(a3);
    x3 = fma(s, b0, x3);
    y3 = fma(s, b1, y3);
    s = v128.load32_splat(a4);
    x4 = fma(s, b0, x4);
    y4 = fma(s, b1, y4);
    s = v128.load32_splat(a5);
    x5 = fma(s, b0, x5);
    y5 = fma(s, b1, y5);
    a0 += next;
    a1 += next;
    a2 += next;
    a3 += next;
    a4 += next;
    a5 += next;
    panel += pitch;
  }
  finish(c, x0, y0, width, added);
  finish(c + step, x1, y1, width, added);
  finish(c + 2 * step, x2, y2, width, added);
  finish(c + 3 * step, x3, y3, width, added);
  finish(c + 4 * step, x4, y4, width, added);
  finish(c + 5 * step, x5, y5, width, added);
}

/** 4 rows, number by number, and a panel. */
export function tile4(
  a: usize, row: i32, column: i32, panel: usize, pitch: usize, c: usize, n: i32, bias: usize,
  width: i32, depth: i32, add: bool, added: bool,
): void {
  const step = <usize>n * F;
  let x0 = initial(c, bias, 0, width, add), y0 = initial(c, bias, 4, width, add);
  let x1 = initial(c + step, bias, 0, width, add), y1 = initial(c + step, bias, 4, width, add);
  let x2 = initial(c + 2 * step, bias, 0, width, add), y2 = initial(c + 2 * step, bias, 4, width, add);
  let x3 = initial(c + 3 * step, bias, 0, width, add), y3 = initial(c + 3 * step, bias, 4, width, add);
  const next = <usize>column * F;
  let a0 = a, a1 = a + <usize>row * F, a2 = a1 + <usize>row * F, a3 = a2 + <usize>row * F;
  const stop = panel + <usize>depth * pitch;
  while (panel < stop) {
    const b0 = v128.load(panel), b1 = v128.load(panel, 16);
    let s = v128.load32_splat(a0);
    x0 = fma(s, b0, x0);
    y0 = fma(s, b1, y0);
    s = v128.load32_splat(a1);
    x1 = fma(s, b0, x1);
    y1 = fma(s, b1, y1);
    s = v128.load32_splat(a2);
    x2 = fma(s, b0, x2);
    y2 = fma(s, b1, y2);
    s = v128.load32_splat(a3);
    x3 = fma(s, b0, x3);
    y3 = fma(s, b1, y3);
    a0 += next;
    a1 += next;
    a2 += next;
    a3 += next;
    panel += pitch;
  }
  finish(c, x0, y0, width, added);
  finish(c + step, x1, y1, width, added);
  finish(c + 2 * step, x2, y2, width, added);
  finish(c + 3 * step, x3, y3, width, added);
}

/** One row and a panel. */
export function tile1(
  a: usize, column: i32, panel: usize, pitch: usize, c: usize, bias: usize, width: i32, depth: i32,
  add: bool, added: bool,
): void {
  let x = initial(c, bias, 0, width, add), y = initial(c, bias, 4, width, add);
  const next = <usize>column * F;
  const stop = panel + <usize>depth * pitch;
  while (panel < stop) {
    const s = v128.load32_splat(a);
    x = fma(s, v128.load(panel), x);
    y = fma(s, v128.load(panel, 16), y);
    a += next;
    panel += pitch;
  }
  finish(c, x, y, width, added);
}
