/** Writing one row of a table. */
import { F } from "./lib/simd";

/** table[at] = row, at being one int32 in memory; rows of `size` floats. Columns. */
export function put_row(row: usize, at: usize, table: usize, size: i32, begin: i32, end: i32): void {
  const to = table + <usize>load<i32>(at) * size * F;
  memory.copy(to + <usize>begin * F, row + <usize>begin * F, <usize>(end - begin) * F);
}
