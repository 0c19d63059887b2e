/**
 * The kernels for wide vectors, apart: what is bundled for browsers, which are not given Deno's
 * flags for them, has another file in this one's place (scripts/lib/page/no_wide.ts).
 *
 * @module
 */
import bytes from "./kernels_wide.wasm" with { type: "bytes" };

/** The module; nothing where it is left out. */
export const wideBytes: Uint8Array | undefined = bytes;
