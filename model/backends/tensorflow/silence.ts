/**
 * Keeping a native library's chatter off the screen, by libc, which Windows does not have; it needs
 * --allow-ffi.
 *
 * @module
 */

const STDERR = 2;
const WRITE_ONLY = 1;

/** Runs a function while what any native code writes on standard error is thrown away. */
export function silently<T>(fn: () => T): T {
  if (Deno.build.os === "windows") return fn();
  const libc = Deno.dlopen(Deno.build.os === "darwin" ? "libSystem.dylib" : "libc.so.6", {
    open: { parameters: ["buffer", "i32"], result: "i32" },
    dup: { parameters: ["i32"], result: "i32" },
    dup2: { parameters: ["i32", "i32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
  });
  const { open, dup, dup2, close } = libc.symbols;
  const screen = dup(STDERR);
  const nowhere = open(new TextEncoder().encode("/dev/null\0"), WRITE_ONLY);
  dup2(nowhere, STDERR);
  try {
    return fn();
  } finally {
    dup2(screen, STDERR);
    close(nowhere);
    close(screen);
    libc.close();
  }
}
