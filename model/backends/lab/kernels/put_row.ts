/** Writing one row of a table. */
import { F } from "./lib/simd";

/** table[at] = row, at being one int32 in memory; rows of `size` floats, too few to be shared. */
export function put_row(row: usize, at: usize, table: usize, size: i32): void {
  memory.copy(table + <usize>load<i32>(at) * size * F, row, <usize>size * F);
}
