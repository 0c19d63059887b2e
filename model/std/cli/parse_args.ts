/**
 * Stands in for `jsr:@std/cli/parse-args` where JSR cannot be reached: the part of its interface
 * that the lab uses. `tests/std_test.ts` compares it with what the original answers.
 *
 * @module
 */

/** Which flags there are, as in the original's options of the same names. */
export interface ParseOptions {
  /** Flags whose values stay text. */
  string?: string | readonly string[];
  /** Flags that are on or off. */
  boolean?: string | readonly string[];
  /** Flags whose values are gathered in an array, though they be given once. */
  collect?: string | readonly string[];
  /** Whether what follows `--` goes to a list of its own, `"--"`, and not among the words. */
  "--"?: boolean;
  /** Called with each argument that is no known flag; false leaves it out of the result. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** The flags' values by name, under `_` the words, and under `--` what follows that. */
export type Args = Record<string, unknown> & { _: (string | number)[]; "--"?: string[] };

/** The original's options that the lab does not use. */
const ABSENT = ["alias", "default", "negatable", "stopEarly"];

/**
 * Splits command line arguments into flags and words. `--name value`, `--name=value`, `--name` and
 * grouped letters, `-abc`, are flags; what begins with a dash is no value unless `=` stands before
 * it. Dots in a name make objects; a value that looks like a number is one, unless the flag is
 * among `string`.
 *
 * @throws {TypeError} if an option is given that this stand-in lacks
 */
export function parseArgs(args: readonly string[], options: ParseOptions = {}): Args {
  const missing = ABSENT.find((name) => Object.hasOwn(options, name));
  if (missing) throw new TypeError(`the stand-in for @std/cli has no option ${missing}`);
  const end = args.indexOf("--");
  const rest = end < 0 ? [] : args.slice(end + 1);
  const reader = new Reader(options);
  reader.read(end < 0 ? args : args.slice(0, end));
  reader.fillIn();
  if (options["--"]) reader.result["--"] = rest;
  else reader.result._.push(...rest);
  return reader.result;
}

/** Goes through the arguments once, writing what they mean into `result`. */
class Reader {
  readonly result: Args = { _: [] };
  readonly #strings: Set<string>;
  readonly #booleans: Set<string>;
  readonly #collected: Set<string>;
  readonly #unknown: NonNullable<ParseOptions["unknown"]>;

  constructor({ string, boolean, collect, unknown }: ParseOptions) {
    this.#strings = namesOf(string);
    this.#booleans = namesOf(boolean);
    this.#collected = namesOf(collect);
    this.#unknown = unknown ?? (() => {});
  }

  read(args: readonly string[]): void {
    for (let i = 0; i < args.length; i++) {
      const [arg, next] = [args[i], args[i + 1]];
      let tookNext = false;
      if (arg.length > 2 && arg.startsWith("--")) tookNext = this.#long(arg, next);
      else if (arg.length > 1 && arg.startsWith("-")) tookNext = this.#letters(arg, next);
      else this.#word(arg);
      if (tookNext) i++;
    }
  }

  /** Flags that were not given: switches are off, lists empty. */
  fillIn(): void {
    for (const name of this.#booleans) {
      if (!has(this.result, name)) put(this.result, name, this.#collected.has(name) ? [] : false);
    }
    for (const name of this.#strings) {
      if (this.#collected.has(name) && !has(this.result, name)) put(this.result, name, []);
    }
  }

  #word(arg: string): void {
    if (this.#unknown(arg) === false) return;
    this.result._.push(this.#strings.has("_") ? arg : numberOr(arg));
  }

  /** `--name`, `--name=value` or `--name value`; tells whether the value was the next argument. */
  #long(arg: string, next: string | undefined): boolean {
    const isNegated = arg.startsWith("--no-") && arg.length > 5;
    const begin = isNegated ? 5 : 2;
    const equals = arg.indexOf("=", begin + 1); // a name has one character at least
    if (equals >= 0) {
      const [name, value] = [arg.slice(begin, equals), arg.slice(equals + 1)];
      this.#set(name, this.#booleans.has(name) ? value !== "false" : value, arg);
      return false;
    }
    return this.#setFrom(next, arg.slice(2), arg, (value) => value.startsWith("-"));
  }

  /** `-abc`, `-n5`, `-n=5` or `-n 5`. */
  #letters(arg: string, next: string | undefined): boolean {
    for (let i = 1; i < arg.length - 1; i++) {
      const [letter, behind] = [arg[i], arg.slice(i + 1)];
      const value = valueOfLetter(letter, behind);
      this.#set(letter, value ?? this.#absent(letter), arg);
      if (value !== undefined && behind !== "-") return false;
    }
    const last = arg.slice(-1);
    if (last === "-") return false;
    return this.#setFrom(next, last, arg, (value) => /^--?[^-]/.test(value));
  }

  /** Sets a flag without `=`: from the next argument, if that can be its value. */
  #setFrom(
    next: string | undefined,
    name: string,
    arg: string,
    isFlag: (value: string) => boolean,
  ): boolean {
    const isSwitch = this.#booleans.has(name);
    const isValue = next && (isSwitch ? /^(true|false)$/.test(next) : !isFlag(next));
    if (!isValue) this.#set(name, this.#absent(name), arg);
    else this.#set(name, isSwitch ? next === "true" : next, arg);
    return Boolean(isValue);
  }

  /** What a flag without a value has. */
  #absent(name: string): string | boolean {
    return this.#strings.has(name) ? "" : true;
  }

  #set(name: string, value: string | boolean, arg: string): void {
    const isKnown = [this.#booleans, this.#strings, this.#collected].some((set) => set.has(name));
    if (!isKnown && this.#unknown(arg, name, value) === false) return;
    const meant = typeof value === "string" && !this.#strings.has(name) ? numberOr(value) : value;
    put(this.result, name, meant, this.#collected.has(name));
  }
}

function namesOf(names: string | readonly string[] = []): Set<string> {
  if (typeof names === "string" || Array.isArray(names)) return new Set([names].flat());
  throw new TypeError("the stand-in for @std/cli takes names of flags only");
}

/** What a letter has for its value in a group of them, `behind` being the rest of the group. */
function valueOfLetter(letter: string, behind: string): string | undefined {
  if (behind === "-") return behind;
  if (behind === "=") return "";
  if (/[A-Za-z]/.test(letter)) {
    const value = behind.match(/=(.+)/)?.[1];
    if (value !== undefined) return value;
    if (/\d(\.\d*)?(e-?\d+)?$/.test(behind)) return behind;
  }
  return behind.length > 1 && /^\W/.test(behind) ? behind : undefined;
}

function numberOr(text: string): string | number {
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** Sets `a.b.c` in nested objects, but nothing of what all objects have. */
function put(object: Record<string, unknown>, name: string, value: unknown, collect = false): void {
  const keys = name.split(".");
  const last = keys.pop()!;
  for (const key of keys) {
    if (isOfEveryObject(object, key)) return;
    object = (object[key] ??= {}) as Record<string, unknown>;
  }
  if (isOfEveryObject(object, last)) return;
  const old = object[last];
  if (!collect) object[last] = value;
  else if (Array.isArray(old)) old.push(value);
  else object[last] = old ? [old, value] : [value];
}

function isOfEveryObject(object: Record<string, unknown>, key: string): boolean {
  return key === "__proto__" || key === "constructor" && typeof object[key] === "function";
}

function has(object: unknown, name: string): boolean {
  for (const key of name.split(".")) {
    if (!Object.hasOwn(object as object, key)) return false;
    object = (object as Record<string, unknown>)[key];
  }
  return true;
}
