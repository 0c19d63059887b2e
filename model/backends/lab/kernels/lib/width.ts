/** For which machine the kernels are compiled; `deno task build_kernels` sets it in each build. */

/** Whether pairs of vectors are for V8 to join into one of 256 bits. */
export const WIDE: bool = false;
