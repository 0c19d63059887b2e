/**
 * Matrix products C = A B + bias for a batch of matrices, A and B either way round.
 *
 * B is packed into panels of 8 columns, in the wide build of 16 as far as they go. A is read in tiles
 * of 4 rows that lie side by side, as they do in a transposed A and are packed to do where that pays;
 * else in tiles of up to 6 rows, number by number. Each element of C is summed over k in order, whatever the tile, the block or the thread, so
 * its bits depend on the shapes alone.
 */
import { PANEL, tile, tile1, tile4, tile6 } from "./lib/gemm_tiles";
import { F, fma } from "./lib/simd";
import { WIDE_PANEL, wideTile, wideTile4, wideTile4Added, wideTilePacked, ZEROS } from "./lib/wide_tiles";
import { WIDE } from "./lib/width";

/** Columns and depth of a packed block of B: 256 KiB, for the second-level cache. */
const COLUMNS: i32 = 128;
const DEPTH: i32 = 512;
/**
 * A B of up to so many elements, 32 KiB, is read where it lies if its rows are contiguous; for fewer
 * rows of A than a tile has, any.
 */
const IN_PLACE: i32 = 8192;
/**
 * For up to so many rows of A a block is as wide as B, up to so many columns, and less deep: rows of B
 * that are read from end to end come faster, and packing is much of the work.
 */
const FEW: i32 = 96;
const LARGEST: i32 = 1024;
/** Rows of a tile that lie side by side. */
const TILE: i32 = 4;
/** Floats of a cache line: the rows of four tiles. */
const LINE: i32 = 16;
/** Above so many elements a transposed A is packed: its columns would share cache lines. */
const FAR_APART: i32 = WIDE ? 16384 : 32768;
/** From so many columns on another A is packed too, but not for wide tiles: they splat as they load. */
const WORTH_PACKING: i32 = 64;

/** What is known of the rows that are multiplied, or of the result: nothing, or where they end or begin. */
const FULL: i32 = 0;
/** Row i has zeros behind its number i. */
const ROWS_END: i32 = 1;
/** Row i has zeros before its number i. */
const ROWS_BEGIN: i32 = 2;
/** Of the result's row i only the first i + 1 numbers are wanted. */
const BELOW: i32 = 3;
/** The sums are added to what C holds; k is at most DEPTH. */
const ADDED: i32 = 4;

/** Bytes of scratch memory that one thread needs. */
export function gemm_scratch_bytes(m: i32): i32 {
  return (COLUMNS * DEPTH + ((m + 7) & ~7) * DEPTH) * F + 64;
}

/** A (m, k) row by row, B (n, k): C = A B^T. */
export function gemm_nt(
  a: usize, b: usize, c: usize, bias: usize, batch: i32, m: i32, n: i32, k: i32,
  aStride: i32, bStride: i32, cStride: i32, scratch: usize, begin: i32, end: i32,
): void {
  gemm(a, k, 1, b, 1, k, c, bias, m, n, k, aStride, bStride, cStride, scratch, begin, end, FULL);
}

/** A (m, k), B (m, k): C = A B^T below its diagonal and on it; some of what is above, or nothing. */
export function gemm_nt_lower(
  a: usize, b: usize, c: usize, bias: usize, batch: i32, m: i32, n: i32, k: i32,
  aStride: i32, bStride: i32, cStride: i32, scratch: usize, begin: i32, end: i32,
): void {
  gemm(a, k, 1, b, 1, k, c, bias, m, n, k, aStride, bStride, cStride, scratch, begin, end, BELOW);
}

/** A (m, k), B (k, n): C = A B. */
export function gemm_nn(
  a: usize, b: usize, c: usize, bias: usize, batch: i32, m: i32, n: i32, k: i32,
  aStride: i32, bStride: i32, cStride: i32, scratch: usize, begin: i32, end: i32,
): void {
  gemm(a, k, 1, b, n, 1, c, bias, m, n, k, aStride, bStride, cStride, scratch, begin, end, FULL);
}

/** A (m, k), B (k, n): C = C + (A B), for k up to 512 and without a bias. */
export function gemm_nn_added(
  a: usize, b: usize, c: usize, bias: usize, batch: i32, m: i32, n: i32, k: i32,
  aStride: i32, bStride: i32, cStride: i32, scratch: usize, begin: i32, end: i32,
): void {
  gemm(a, k, 1, b, n, 1, c, bias, m, n, k, aStride, bStride, cStride, scratch, begin, end, ADDED);
}

/** A (k, m), B (k, n): C = A^T B. */
export function gemm_tn(
  a: usize, b: usize, c: usize, bias: usize, batch: i32, m: i32, n: i32, k: i32,
  aStride: i32, bStride: i32, cStride: i32, scratch: usize, begin: i32, end: i32,
): void {
  gemm(a, 1, m, b, n, 1, c, bias, m, n, k, aStride, bStride, cStride, scratch, begin, end, FULL);
}

/** A (m, m) with zeros above its diagonal, B (m, n): C = A B, without multiplying by the zeros. */
export function gemm_nn_lower(
  a: usize, b: usize, c: usize, bias: usize, batch: i32, m: i32, n: i32, k: i32,
  aStride: i32, bStride: i32, cStride: i32, scratch: usize, begin: i32, end: i32,
): void {
  gemm(a, k, 1, b, n, 1, c, bias, m, n, k, aStride, bStride, cStride, scratch, begin, end, ROWS_END);
}

/** A (m, m) with zeros above its diagonal, B (m, n): C = A^T B, without multiplying by the zeros. */
export function gemm_tn_lower(
  a: usize, b: usize, c: usize, bias: usize, batch: i32, m: i32, n: i32, k: i32,
  aStride: i32, bStride: i32, cStride: i32, scratch: usize, begin: i32, end: i32,
): void {
  gemm(a, 1, m, b, n, 1, c, bias, m, n, k, aStride, bStride, cStride, scratch, begin, end, ROWS_BEGIN);
}

/** Works through rows, all matrices' in order; those of the same matrix are taken together. */
function gemm(
  a: usize, aRow: i32, aColumn: i32, b: usize, bRow: i32, bColumn: i32, c: usize, bias: usize,
  m: i32, n: i32, k: i32, aStride: i32, bStride: i32, cStride: i32, scratch: usize,
  begin: i32, end: i32, known: i32,
): void {
  let row = begin;
  while (row < end) {
    const matrix = row / m;
    const first = row - matrix * m;
    const last = min(m, first + end - row);
    product(
      a + <usize>matrix * aStride * F, aRow, aColumn,
      b + <usize>matrix * bStride * F, bRow, bColumn,
      c + <usize>matrix * cStride * F, bias, n, k,
      first, last, scratch, known,
    );
    row += last - first;
  }
}

/** Rows from (inclusive) to (exclusive) of one product. */
function product(
  a: usize, aRow: i32, aColumn: i32, b: usize, bRow: i32, bColumn: i32, c: usize, bias: usize,
  n: i32, k: i32, from: i32, to: i32, scratch: usize, known: i32,
): void {
  if (to - from == 1 && bRow == 1 && known != ADDED) {
    oneRow(a + <usize>from * aRow * F, aColumn, b, bColumn, c + <usize>from * n * F, bias, n, k);
    return;
  }
  const isWide = WIDE && n >= WIDE_PANEL;
  const packed = scratch + <usize>COLUMNS * DEPTH * F;
  const inPlace = bColumn == 1 && (n * k <= IN_PLACE || to - from < TILE);
  const isLow = bColumn == 1 && to - from <= FEW && known == FULL && n > COLUMNS;
  const across = isLow ? min(LARGEST, (n + 15) & ~15) : COLUMNS;
  const down = isLow ? (COLUMNS * DEPTH / across) & ~3 : DEPTH;
  let p = 0;
  do { // once at least: with k = 0 the product is the bias alone
    const depth = min(down, k - p);
    const block = a + (<usize>from * aRow + <usize>p * aColumn) * F;
    let tiles: usize = 0;
    let tilePitch = aColumn * F;
    let tilesApart = TILE * F;
    if (aRow == 1 && <i32>depth * aColumn <= FAR_APART) tiles = block;
    else if (aRow == 1 || (!isWide && n >= WORTH_PACKING)) {
      packTiles(block, aRow, aColumn, to - from, depth, packed, known, from - p);
      tiles = packed;
      tilePitch = TILE * F;
      tilesApart = depth * TILE * F;
    }
    const wanted = known == BELOW ? min(n, to) : n;
    for (let j = 0; j < wanted; j += across) {
      const columns = min(across, n - j);
      const ahead = from - (known == BELOW ? j : p);
      const source = b + (<usize>p * bRow + <usize>j * bColumn) * F;
      const corner = c + (<usize>from * n + j) * F;
      const wide = isWide ? columns & ~(WIDE_PANEL - 1) : 0;
      const first = bias ? bias + <usize>(j + wide) * F : 0;
      let panels = source;
      let apart = F; // from column to column
      let pitch = bRow * F;
      if (!inPlace) {
        if (wide) packWide(source, bRow, bColumn, wide, depth, scratch);
        const rest = scratch + <usize>wide * depth * F;
        pack(source + <usize>wide * bColumn * F, bRow, bColumn, columns - wide, depth, rest);
        panels = scratch;
        apart = depth * F;
        pitch = PANEL * F;
      }
      if (wide) {
        wideRows(block, aRow, aColumn, tiles, tilePitch, tilesApart, corner, n,
          bias ? bias + <usize>j * F : 0, to - from, wide, depth, panels, apart * WIDE_PANEL,
          inPlace ? pitch : WIDE_PANEL * F, p > 0, known, ahead);
      }
      if (wide < columns) {
        rows(block, aRow, aColumn, tiles, tilePitch, tilesApart, corner + <usize>wide * F, n, first,
          to - from, columns - wide, depth, panels + <usize>wide * apart, apart * PANEL, pitch,
          p > 0, known, known == BELOW ? ahead - wide : ahead);
      }
    }
    p += down;
  } while (p < k);
}

/**
 * One row of A B^T, eight rows of B at a time, turned 4 by 4 in registers: packing B would take longer
 * than the product. Two sums of four hide each other's latency.
 */
function oneRow(
  a: usize, column: i32, b: usize, pitch: i32, c: usize, bias: usize, n: i32, k: i32,
): void {
  const step = <usize>pitch * F;
  const next = <usize>column * F;
  const eighth = n >> 3;
  if (n * k > IN_PLACE) farRows(a, next, b, step, c, bias, eighth, k);
  else nearRows(a, next, b, step, c, bias, eighth, k);
  for (let j = 8 * eighth; j < n; j++) {
    let sum = bias ? v128.load32_zero(bias + <usize>j * F) : f32x4.splat(0);
    for (let p = 0; p < k; p++) {
      const x = v128.load32_zero(a + <usize>p * next);
      sum = fma(x, v128.load32_zero(b + <usize>j * step + <usize>p * F), sum);
    }
    store<f32>(c + <usize>j * F, f32x4.extract_lane(sum, 0));
  }
}

/** Eight rows of B that lie side by side, so many times. */
function nearRows(
  a: usize, next: usize, b: usize, step: usize, c: usize, bias: usize, count: i32, k: i32,
): void {
  for (let j = 0; j < 8 * count; j += 8) {
    const first = bias ? bias + <usize>j * F : ZEROS;
    let low = v128.load(first), high = v128.load(first, 16);
    const from = b + <usize>j * step;
    let x = a, p = 0;
    for (; p + 4 <= k; p += 4) {
      const at = from + <usize>p * F;
      const half = at + 4 * step;
      low = addFour(low, x, next, at, at + step, at + 2 * step, at + 3 * step);
      high = addFour(high, x, next, half, half + step, half + 2 * step, half + 3 * step);
      x += 4 * next;
    }
    for (; p < k; p++) {
      const at = from + <usize>p * F;
      const half = at + 4 * step;
      const number = v128.load32_splat(x);
      low = fma(number, gather(at, at + step, at + 2 * step, at + 3 * step), low);
      high = fma(number, gather(half, half + step, half + 2 * step, half + 3 * step), high);
      x += next;
    }
    v128.store(c + <usize>j * F, low);
    v128.store(c + <usize>j * F, high, 16);
  }
}

/**
 * Eight rows of B that are an eighth of it apart, so many times: memory is read in eight long pieces,
 * which the machine foresees. They begin in turn, else they would share cache lines.
 */
function farRows(
  a: usize, next: usize, b: usize, step: usize, c: usize, bias: usize, count: i32, k: i32,
): void {
  for (let j = 0; j < count; j++) {
    const j0 = <usize>j, j1 = place(j, 1, count), j2 = place(j, 2, count), j3 = place(j, 3, count);
    const j4 = place(j, 4, count), j5 = place(j, 5, count);
    const j6 = place(j, 6, count), j7 = place(j, 7, count);
    let b0 = b + j0 * step, b1 = b + j1 * step, b2 = b + j2 * step, b3 = b + j3 * step;
    let b4 = b + j4 * step, b5 = b + j5 * step, b6 = b + j6 * step, b7 = b + j7 * step;
    let low = f32x4.splat(0), high = f32x4.splat(0);
    if (bias) {
      low = gather(bias + j0 * F, bias + j1 * F, bias + j2 * F, bias + j3 * F);
      high = gather(bias + j4 * F, bias + j5 * F, bias + j6 * F, bias + j7 * F);
    }
    let x = a, p = 0;
    for (; p + 4 <= k; p += 4) {
      low = addFour(low, x, next, b0, b1, b2, b3);
      high = addFour(high, x, next, b4, b5, b6, b7);
      x += 4 * next;
      b0 += 4 * F;
      b1 += 4 * F;
      b2 += 4 * F;
      b3 += 4 * F;
      b4 += 4 * F;
      b5 += 4 * F;
      b6 += 4 * F;
      b7 += 4 * F;
    }
    for (; p < k; p++) {
      const number = v128.load32_splat(x);
      low = fma(number, gather(b0, b1, b2, b3), low);
      high = fma(number, gather(b4, b5, b6, b7), high);
      x += next;
      b0 += F;
      b1 += F;
      b2 += F;
      b3 += F;
      b4 += F;
      b5 += F;
      b6 += F;
      b7 += F;
    }
    scatter(low, c + j0 * F, c + j1 * F, c + j2 * F, c + j3 * F);
    scatter(high, c + j4 * F, c + j5 * F, c + j6 * F, c + j7 * F);
  }
}

/** The row that is number j of an eighth when they begin in turn, if they are long enough. */
// @ts-ignore: decorator
@inline
function place(j: i32, eighth: i32, count: i32): usize {
  const row = count < 8 ? j : j + eighth;
  return <usize>(eighth * count + (row >= count ? row - count : row));
}

/** Adds four numbers of A, `next` bytes apart, times four columns of four rows of B. */
// @ts-ignore: decorator
@inline
function addFour(
  sum: v128, x: usize, next: usize, b0: usize, b1: usize, b2: usize, b3: usize,
): v128 {
  const r0 = v128.load(b0), r1 = v128.load(b1), r2 = v128.load(b2), r3 = v128.load(b3);
  const l01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), h01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const l23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), h23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  sum = fma(v128.load32_splat(x), v128.shuffle<f32>(l01, l23, 0, 1, 4, 5), sum);
  sum = fma(v128.load32_splat(x + next), v128.shuffle<f32>(l01, l23, 2, 3, 6, 7), sum);
  sum = fma(v128.load32_splat(x + 2 * next), v128.shuffle<f32>(h01, h23, 0, 1, 4, 5), sum);
  return fma(v128.load32_splat(x + 3 * next), v128.shuffle<f32>(h01, h23, 2, 3, 6, 7), sum);
}

/** Four numbers from where they are. */
// @ts-ignore: decorator
@inline
function gather(p0: usize, p1: usize, p2: usize, p3: usize): v128 {
  let r = v128.load32_zero(p0);
  r = f32x4.replace_lane(r, 1, load<f32>(p1));
  r = f32x4.replace_lane(r, 2, load<f32>(p2));
  return f32x4.replace_lane(r, 3, load<f32>(p3));
}

/** Stores four numbers where they belong. */
// @ts-ignore: decorator
@inline
function scatter(numbers: v128, p0: usize, p1: usize, p2: usize, p3: usize): void {
  store<f32>(p0, f32x4.extract_lane(numbers, 0));
  store<f32>(p1, f32x4.extract_lane(numbers, 1));
  store<f32>(p2, f32x4.extract_lane(numbers, 2));
  store<f32>(p3, f32x4.extract_lane(numbers, 3));
}

/** A block of B as panels of 8 columns, the last one filled up with zeros. */
function pack(b: usize, row: i32, column: i32, columns: i32, depth: i32, panel: usize): void {
  for (let j = 0; j < columns; j += PANEL) {
    const width = min(PANEL, columns - j);
    const source = b + <usize>j * column * F;
    if (width == PANEL && column == 1) {
      for (let p = 0; p < depth; p++) {
        const from = source + <usize>p * row * F;
        const to = panel + <usize>p * PANEL * F;
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
      }
    } else if (width == PANEL) {
      packTurned(source, column, depth, panel, PANEL);
    } else {
      for (let p = 0; p < depth; p++) {
        const to = panel + <usize>p * PANEL * F;
        for (let i = 0; i < PANEL; i++) {
          const value = i < width ? load<f32>(source + (<usize>p * row + <usize>i * column) * F) : 0;
          store<f32>(to + <usize>i * F, value);
        }
      }
    }
    panel += <usize>depth * PANEL * F;
  }
}

/** A block of B as panels of 16 columns; contiguous rows are read from end to end. */
function packWide(b: usize, row: i32, column: i32, columns: i32, depth: i32, panel: usize): void {
  const apart = <usize>depth * WIDE_PANEL * F;
  if (column == 1) {
    for (let p = 0; p < depth; p++) {
      let from = b + <usize>p * row * F;
      let to = panel + <usize>p * WIDE_PANEL * F;
      for (let j = 0; j < columns; j += WIDE_PANEL) {
        const v0 = v128.load(from), v1 = v128.load(from, 16);
        const v2 = v128.load(from, 32), v3 = v128.load(from, 48);
        v128.store(to, v0);
        v128.store(to, v1, 16);
        v128.store(to, v2, 32);
        v128.store(to, v3, 48);
        from += WIDE_PANEL * F;
        to += apart;
      }
    }
    return;
  }
  for (let j = 0; j < columns; j += WIDE_PANEL) {
    packTurned(b + <usize>j * column * F, column, depth, panel, WIDE_PANEL);
    panel += apart;
  }
}

/** So many rows of B, each contiguous in depth, as one panel: turned 4 by 4. */
function packTurned(source: usize, column: i32, depth: i32, panel: usize, width: i32): void {
  const whole = depth & ~3;
  const pitch = <usize>width * F;
  for (let half = 0; half < width; half += 4) {
    const s0 = source + <usize>half * column * F;
    const s1 = s0 + <usize>column * F;
    const s2 = s1 + <usize>column * F;
    const s3 = s2 + <usize>column * F;
    const to = panel + <usize>half * F;
    for (let p = 0; p < whole; p += 4) {
      const at = <usize>p * F;
      turn4(v128.load(s0 + at), v128.load(s1 + at), v128.load(s2 + at), v128.load(s3 + at),
        to + <usize>p * pitch, pitch);
    }
    for (let p = whole; p < depth; p++) {
      const at = to + <usize>p * pitch;
      store<f32>(at, load<f32>(s0 + <usize>p * F));
      store<f32>(at, load<f32>(s1 + <usize>p * F), 4);
      store<f32>(at, load<f32>(s2 + <usize>p * F), 8);
      store<f32>(at, load<f32>(s3 + <usize>p * F), 12);
    }
  }
}

/** Stores four rows of four as four columns, `step` bytes apart. */
// @ts-ignore: decorator
@inline
function turn4(r0: v128, r1: v128, r2: v128, r3: v128, to: usize, step: usize): void {
  const a = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const b = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const c = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const d = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(a, c, 0, 1, 4, 5));
  v128.store(to + step, v128.shuffle<f32>(a, c, 2, 3, 6, 7));
  v128.store(to + 2 * step, v128.shuffle<f32>(b, d, 0, 1, 4, 5));
  v128.store(to + 3 * step, v128.shuffle<f32>(b, d, 2, 3, 6, 7));
}

/**
 * Rows of A, the whole tiles among them, so that each tile's 4 rows lie side by side; what is left
 * out of the product is left out here too.
 */
function packTiles(
  a: usize, row: i32, column: i32, count: i32, depth: i32, to: usize, known: i32, ahead: i32,
): void {
  const apart = <usize>depth * TILE * F;
  let i = 0;
  if (row == 1) {
    for (; i + LINE <= count; i += LINE) { // a cache line of A's rows at once
      for (let p = known == ROWS_BEGIN ? clamp(ahead + i, depth) : 0; p < depth; p++) {
        const from = a + (<usize>i + <usize>p * column) * F;
        const at = to + <usize>p * TILE * F;
        v128.store(at, v128.load(from));
        v128.store(at + apart, v128.load(from, 16));
        v128.store(at + 2 * apart, v128.load(from, 32));
        v128.store(at + 3 * apart, v128.load(from, 48));
      }
      to += 4 * apart;
    }
  }
  for (; i + TILE <= count; i += TILE) {
    const source = a + <usize>i * row * F;
    if (row == 1) {
      for (let p = known == ROWS_BEGIN ? clamp(ahead + i, depth) : 0; p < depth; p++) {
        v128.store(to + <usize>p * TILE * F, v128.load(source + <usize>p * column * F));
      }
    } else packTile(source, <usize>row * F, depth, to);
    to += apart;
  }
}

/** Four rows, each contiguous in depth, turned 4 by 4. */
function packTile(s0: usize, apart: usize, depth: i32, to: usize): void {
  const s1 = s0 + apart;
  const s2 = s1 + apart;
  const s3 = s2 + apart;
  const whole = depth & ~3;
  for (let p = 0; p < whole; p += 4) {
    const at = <usize>p * F;
    turn4(v128.load(s0 + at), v128.load(s1 + at), v128.load(s2 + at), v128.load(s3 + at),
      to + at * TILE, TILE * F);
  }
  for (let p = whole; p < depth; p++) {
    const at = <usize>p * F;
    store<f32>(to + at * TILE, load<f32>(s0 + at));
    store<f32>(to + at * TILE, load<f32>(s1 + at), 4);
    store<f32>(to + at * TILE, load<f32>(s2 + at), 8);
    store<f32>(to + at * TILE, load<f32>(s3 + at), 12);
  }
}

/**
 * All row tiles against all panels of a block; panels are `apart` bytes apart, and a panel's rows
 * `pitch` bytes. Lanes past a panel's width may hold anything: they are not stored. Without `tiles`
 * A's numbers are read one by one.
 */
function rows(
  a: usize, row: i32, column: i32, tiles: usize, tilePitch: i32, tilesApart: i32,
  c: usize, n: i32, bias: usize, count: i32, columns: i32, depth: i32,
  panels: usize, apart: i32, pitch: i32, add: bool, known: i32, ahead: i32,
): void {
  const added = known == ADDED;
  let i = 0;
  while (i < count) {
    const left = count - i;
    const isTile = tiles != 0 && left >= TILE;
    const height = isTile ? TILE : left >= 6 && left != 8 ? 6 : left >= 4 ? 4 : 1;
    const skipped = known == ROWS_BEGIN ? clamp(ahead + i, depth) : 0;
    const length = known == ROWS_END ? clamp(ahead + i + height, depth) : depth - skipped;
    const at = (isTile ? tiles + <usize>(i / TILE) * tilesApart : a + <usize>i * row * F) +
      <usize>skipped * (isTile ? tilePitch : column * F);
    let panel = panels + <usize>skipped * pitch;
    const wanted = known == BELOW ? min(columns, ahead + i + height) : columns;
    for (let j = 0; j < wanted; j += PANEL) {
      const to = c + (<usize>i * n + j) * F;
      const start = bias ? bias + <usize>j * F : 0;
      const width = min(PANEL, columns - j);
      if (isTile) tile(at, tilePitch, panel, pitch, to, n, start, width, length, add, added);
      else if (height == 6) tile6(at, row, column, panel, pitch, to, n, start, width, length, add, added);
      else if (height == 4) tile4(at, row, column, panel, pitch, to, n, start, width, length, add, added);
      else tile1(at, column, panel, pitch, to, start, width, length, add, added);
      panel += apart;
    }
    i += height;
  }
}

/** So many rows of A at a time stay in the second-level cache while panels pass. */
const CHUNK: i32 = 64;

/**
 * The same for panels of 16 columns, all of them whole. A panel stays in the first-level cache while
 * tiles of rows pass: of A four numbers a step are read, of a panel sixteen.
 */
function wideRows(
  a: usize, row: i32, column: i32, tiles: usize, tilePitch: i32, tilesApart: i32,
  c: usize, n: i32, bias: usize, count: i32, columns: i32, depth: i32,
  panels: usize, apart: i32, pitch: i32, add: bool, known: i32, ahead: i32,
): void {
  const step = add ? <usize>n * F : 0;
  const added = known == ADDED;
  const isPacked = tilePitch == TILE * F && pitch == WIDE_PANEL * F;
  for (let first = 0; first < count; first += CHUNK) {
    const last = min(count, first + CHUNK);
    let panel = panels;
    for (let j = 0; j < columns; j += WIDE_PANEL) {
      const start = bias ? bias + <usize>j * F : ZEROS;
      let i = known == BELOW ? max(first, (j - ahead) & ~(TILE - 1)) : first;
      for (; i + TILE <= last; i += TILE) {
        const to = c + (<usize>i * n + j) * F;
        const from = add ? to : start;
        const skipped = known == ROWS_BEGIN ? clamp(ahead + i, depth) : 0;
        const length = known == ROWS_END ? clamp(ahead + i + TILE, depth) : depth - skipped;
        const rest = panel + <usize>skipped * pitch;
        if (added) {
          wideTile4Added(a + <usize>i * row * F, row, column, panel, pitch, to, n, depth);
        } else if (tiles) {
          const at = tiles + <usize>(i / TILE) * tilesApart + <usize>skipped * tilePitch;
          if (isPacked && length > 0) wideTilePacked(at, rest, from, step, to, n, length);
          else wideTile(at, tilePitch, rest, pitch, from, step, to, n, length);
        } else {
          const at = a + (<usize>i * row + <usize>skipped * column) * F;
          wideTile4(at, row, column, rest, pitch, from, step, to, n, length);
        }
      }
      for (; i < last; i++) {
        const at = a + <usize>i * row * F;
        const to = c + (<usize>i * n + j) * F;
        tile1(at, column, panel, pitch, to, start, PANEL, depth, add, added);
        tile1(at, column, panel + PANEL * F, pitch, to + PANEL * F, start + PANEL * F, PANEL, depth, add,
          added);
      }
      panel += apart;
    }
  }
}

/** So many of a block's numbers, when they are counted from before it or beyond it. */
// @ts-ignore: decorator
@inline
function clamp(count: i32, depth: i32): i32 {
  return min(max(count, 0), depth);
}
