/**
 * Stands in for `jsr:@std/cli/parse-args` where JSR cannot be reached: the part of its interface
 * that the lab uses, over node:util.
 *
 * @module
 */
import { parseArgs as parseNodeArgs } from "node:util";

/** Which flags there are, as in upstream's options of the same names. */
export interface ParseOptions {
  /** Flags that take a value. */
  string?: readonly string[];
  /** Flags that take none. */
  boolean?: readonly string[];
  /** Called with each argument that is no known flag; false leaves it out of the result. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** The flags' values by name, and under `_` what is no flag. */
export type Args = Record<string, string | boolean | string[] | undefined> & { _: string[] };

/**
 * Splits command line arguments into flags and the rest. A flag's value follows after a space or
 * an equals sign; a value-taking flag that ends the line has the value "".
 */
export function parseArgs(args: string[], options: ParseOptions = {}): Args {
  const known = [
    ...(options.string ?? []).map((name) => [name, { type: "string" }] as const),
    ...(options.boolean ?? []).map((name) => [name, { type: "boolean" }] as const),
  ];
  const { tokens } = parseNodeArgs({
    args: joinValues(args, options.string ?? []),
    options: Object.fromEntries(known),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const result: Args = { _: [] };
  for (const token of tokens) {
    if (token.kind === "positional") {
      if (options.unknown?.(token.value) !== false) result._.push(token.value);
    } else if (token.kind === "option") {
      const takesValue = options.string?.includes(token.name);
      if (!takesValue && !options.boolean?.includes(token.name)) {
        if (options.unknown?.(token.rawName, token.name, token.value) === false) continue;
      }
      result[token.name] = takesValue ? token.value ?? "" : token.value ?? true;
    }
  }
  return result;
}

/** `--iters -1` as `--iters=-1`, since node:util takes a leading dash for the next flag. */
function joinValues(args: string[], names: readonly string[]): string[] {
  const joined: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const isFlag = args[i].startsWith("--") && names.includes(args[i].slice(2));
    if (args[i] === "--") return [...joined, ...args.slice(i)];
    joined.push(isFlag && i + 1 < args.length ? `${args[i]}=${args[++i]}` : args[i]);
  }
  return joined;
}
