/**
 * Stands in for `jsr:@std/csv` where JSR cannot be reached: the part of its interface that the lab
 * uses. `tests/std_test.ts` compares it with what the original answers.
 *
 * @module
 */
export { parse, type ParseOptions } from "./parse.ts";
export { type DataItem, stringify, type StringifyOptions } from "./stringify.ts";
