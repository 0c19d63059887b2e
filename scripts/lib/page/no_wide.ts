/**
 * No kernels for wide vectors: worker_map.json puts this file in the place of the engine's wide.ts,
 * since browsers are not given Deno's flags for them.
 *
 * @module
 */

/** There are none. */
export const wideBytes: Uint8Array | undefined = undefined;
