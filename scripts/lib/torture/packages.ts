/**
 * The package that only `deno task torture` loads: random values that shrink once they have shown a
 * fault.
 *
 * @module
 */
export * as fc from "npm:fast-check@4.10.2";
