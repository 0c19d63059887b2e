/**
 * Random arguments for every task: they come from its own flags, so that a new flag is tried
 * without being named here. Each argument knows what it
 * means, or that it must be refused.
 *
 * @module
 */
import { sharedFlags } from "../run/flags.ts";
import type { Flag } from "../task/arguments.ts";
import { fc } from "./packages.ts";

/** An argument, or a flag and its value. */
export interface Token {
  args: string[];
  /** The flag's name; none for words and noise. */
  name?: string;
  /** "either" may be taken or refused, as long as it is taken for what it means. */
  verdict: "good" | "bad" | "either";
  /** What it means, if it is taken. */
  means?: string | number | boolean;
}

/** A value of a flag as text. */
type Value = Pick<Token, "verdict" | "means"> & { text: string };

/** The flags that the help of a task tells of whose flags are not at hand. */
export function flagsInHelp(help: string): Record<string, Flag> {
  const found: Record<string, Flag> = {};
  for (const [, name, value = ""] of help.matchAll(/^ {2}--([\w-]+)(?: (\S+))?/gm)) {
    const known = (sharedFlags as Record<string, Flag>)[name];
    found[name] = known && (value === "") === (known.kind === "switch") ? known : guess(value);
  }
  return found;
}

function guess(value: string): Flag {
  if (value === "") return { kind: "switch", help: "" };
  if (value === "N") return { kind: "integer", min: 1, help: "" };
  return /^[a-z]+(\|[a-z]+)+$/.test(value)
    ? { kind: "choice", choices: value.split("|"), help: "" }
    : { kind: "text", help: "" };
}

const good = (text: string, means: Token["means"] = text): Value => ({
  text,
  verdict: "good",
  means,
});
const bad = (text: string): Value => ({ text, verdict: "bad" });
const either = (text: string, means: Token["means"] = text): Value => ({
  text,
  verdict: "either",
  means,
});

/** Larger than any machine's memory, or as long as a life. */
const HUGE = ["1000000", "1000000000", "2147483648", "4294967296", "9007199254740991"];
/** These would only take their time. */
const LASTING = ["iters", "length", "sample-length", "count", "seconds"];
/** Up to here they are possible, but slow. */
const SLOW: Record<string, number> = { "eval-iters": 1e15, "batch-size": 1e8 };
/** Backends that are downloaded, or of which a machine has none. */
const ELSEWHERE = ["wasm", "tensorflow", "webgpu"];
const NO_NUMBERS = [
  ...["0x10", "1_000", "1,000", " 5", "5 ", "+5", "five", "NaN", "Infinity", "-Infinity", "٣", "½"],
  ...["", "--", "1e", "1.2.3", "5;", "null", "true", "[5]", "1e999", "-5"],
];
const NO_SWITCHES = ["", "0", "1", "yes", "no", "on", "off", "TRUE", "False"];
const NO_CHOICES = ["", "constructor", "__proto__", "toString", "LAB", "lab ", "*"];

function values(name: string, flag: Flag): fc.Arbitrary<Value> {
  const { kind, min, above, max, below } = flag;
  if (kind === "switch") {
    return fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(good("=true", true), good("=false", false)) },
      { weight: 4, arbitrary: fc.constant(good("", true)) },
      { weight: 1, arbitrary: fc.constantFrom(...NO_SWITCHES).map((text) => bad(`=${text}`)) },
    );
  }
  if (kind === "choice") {
    const usable = flag.choices!.filter((choice) => !ELSEWHERE.includes(choice));
    return fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...usable).map((text) => good(text)) },
      { weight: 1, arbitrary: fc.constantFrom(...NO_CHOICES).map(bad) },
    );
  }
  if (kind === "text") return texts(name);
  const least = min ?? above ?? 0;
  const beyond = [
    ...min === undefined ? [] : [min - 1],
    ...above === undefined ? [] : [above],
    ...max === undefined ? [] : [max + 1],
    ...below === undefined ? [] : [below],
  ].map((number) => bad(String(number)));
  const whole = kind === "integer";
  const numbers = whole
    ? fc.integer({ min: least, max: Math.min(max ?? Infinity, least + 7) })
      .map((number) => good(String(number), number))
    : fc.constantFrom("0.5", ".25", "5e-1", "0.001", "1e-5")
      .map((text) => good(text, Number(text)));
  const unsafe = whole ? [bad("9007199254740993")] : [];
  const odd = whole ? ["007", "4.0", "1e0", "4e0"] : ["1e-400", "00.5"];
  const huge = whole && !LASTING.includes(name)
    ? HUGE.filter((text) => Number(text) > (SLOW[name] ?? 0))
      .map((text) => Number(text) > (max ?? Infinity) ? bad(text) : either(text, Number(text)))
    : [];
  return fc.oneof(
    { weight: 9, arbitrary: numbers },
    { weight: 2, arbitrary: fc.constantFrom(...NO_NUMBERS.map(bad), ...beyond, ...unsafe) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...odd.map((text) => either(text, Number(text))), ...huge),
    },
  );
}

/** Texts by flag; those of an unknown flag may be anything. */
function texts(name: string): fc.Arbitrary<Value> {
  const known: Record<string, Value[]> = {
    prompt: [good("e"), good("\\n", "\n"), either("La mer"), bad(""), bad("☃"), either("\\q")],
    stop: [good("e"), good("\\n", "\n"), bad("☃"), bad("")],
    corpus: [bad("none.txt"), bad("results"), bad(""), bad("/dev/null")],
    from: [bad("none.txt"), bad(""), bad("/dev/null")],
    results: [bad(""), bad("/dev/null/x")],
    to: [bad(""), good("results/case/exported")],
    dump: [bad(""), good("results/case/dumped")],
    compare: [bad(""), bad("none,none"), bad("results"), bad("results,results,results")],
  };
  return fc.constantFrom(...known[name] ?? [bad(""), either("x"), either("é\n"), either("-x")]);
}

const NOISE = [
  ...["--strange", "--no-quiet", "--no-iters=5", "-x", "-h", "--Iters=1", "--iter=1", "--iters-=1"],
  ...[
    "--",
    "--=1",
    "-",
    "---iters=1",
    "--iters:1",
    "--__proto__=1",
    "--constructor",
    "--toString=1",
  ],
];

/** Arguments of a task with these flags; words are refused unless they are among those it takes. */
export function tokens(flags: Record<string, Flag>, words: readonly string[]): fc.Arbitrary<Token> {
  const names = Object.keys(flags).filter((name) => name !== "help");
  const noise = noiseTokens(flags, words);
  if (names.length === 0) return noise;
  const flagTokens = fc.constantFrom(...names).chain((name) =>
    fc.tuple(values(name, flags[name]), fc.boolean()).map(([value, isApart]): Token => {
      const { text, verdict, means } = value;
      if (flags[name].kind === "switch") {
        return { args: [`--${name}${text}`], name, verdict, means };
      }
      const args = isApart ? [`--${name}`, text] : [`--${name}=${text}`];
      // What looks like a flag is none's value: `--name --x` may be refused, `--name=--x` not.
      const isUnlike = isApart && text.startsWith("-") && verdict === "good";
      return { args, name, verdict: isUnlike ? "either" : verdict, means };
    })
  );
  return fc.oneof({ weight: 12, arbitrary: flagTokens }, { weight: 1, arbitrary: noise });
}

/** Arguments that are no flag of the task, and words. */
function noiseTokens(flags: Record<string, Flag>, words: readonly string[]): fc.Arbitrary<Token> {
  return fc.oneof(
    // A lone -- parts flags from words, of which there are none then.
    fc.constantFrom(...NOISE).map((arg): Token => ({
      args: [arg],
      verdict: arg === "--" ? "either" : "bad",
    })),
    fc.constantFrom("word", "", "été", "constructor", ...words).map((word): Token => ({
      args: [word],
      verdict: words.includes(word) ? "either" : "bad",
    })),
    fc.string({ unit: "grapheme", maxLength: 6 }).map((text): Token => ({
      args: [`--${text}`],
      verdict: Object.hasOwn(flags, text) || text === "" ? "either" : "bad",
    })),
  );
}
