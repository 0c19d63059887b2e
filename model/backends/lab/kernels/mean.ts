/** The mean of a row. */
import { rowSum } from "./lib/rows";

/** y = the mean of n floats, one number. It has no units: one thread does it all. */
export function mean(x: usize, y: usize, n: i32): void {
  store<f32>(y, rowSum(x, n) / <f32>n);
}
