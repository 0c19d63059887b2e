/**
 * Standard output and error that nobody may be reading: a closed pipe (`| head -1`), a full disk
 * behind them or a terminal that is gone do not end a task, whose work is what it writes to files.
 *
 * @module
 */

const encoder = new TextEncoder();

/** Writes a part of a line on standard output. */
export function write(text: string): void {
  writeAll(Deno.stdout, text);
}

/** Writes a part of a line on standard error. */
export function writeError(text: string): void {
  writeAll(Deno.stderr, text);
}

function writeAll(stream: typeof Deno.stdout | typeof Deno.stderr, text: string): void {
  const bytes = encoder.encode(text);
  try {
    for (let done = 0; done < bytes.length;) done += stream.writeSync(bytes.subarray(done));
  } catch {
    // nobody reads it
  }
}

/** Has the console do the same, for the lines of tasks and packages. */
export function tolerateClosedStreams(): void {
  for (const name of ["log", "info", "warn", "error"] as const) {
    const print = console[name];
    console[name] = (...values: unknown[]) => {
      try {
        print(...values);
      } catch {
        // nobody reads it
      }
    };
  }
}
