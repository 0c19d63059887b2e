/** Command lines: what each task's reader gives, and what it says of mistakes. */
import { assertEquals, assertThrows } from "@std/assert";
import { stages, UserError } from "@hugo-lab/model";
import { sharedFlags, stageFlags } from "../scripts/lib/run/flags.ts";
import { flagLines, help, readArguments } from "../scripts/lib/task/arguments.ts";

const flags = {
  iters: { kind: "integer", min: 1, help: "training iterations" },
  seed: { kind: "integer", min: 0, max: 99, help: "seed" },
  rate: { kind: "number", above: 0, below: 1, help: "learning rate" },
  prompt: { kind: "text", escapes: true, mayBeEmpty: true, value: "TEXT", help: "prompt" },
  corpus: { kind: "text", value: "FILE", help: "text" },
  backend: { kind: "choice", choices: ["lab", "cpu", "wasm"], help: "backend" },
  source: { kind: "choice", choices: ["npm", "pip"], help: "source" },
  quiet: { kind: "switch", help: "say nothing" },
  resume: { kind: "switch", help: "go on" },
  help,
} as const;

const others = { port: { kind: "integer", help: "a port" } } as const;

function read(args: string[], words?: string[]) {
  return readArguments({ task: "try", flags, others, words }, args);
}

const good: [args: string[], values: object, words?: string[]][] = [
  [[], {}],
  [["--iters", "3", "--seed=0"], { iters: 3, seed: 0 }],
  [["--iters=007"], { iters: 7 }],
  [["--rate=1e-3"], { rate: 0.001 }],
  [["--rate", ".5"], { rate: 0.5 }],
  [["--prompt", "a=b"], { prompt: "a=b" }],
  [["--prompt=-x"], { prompt: "-x" }],
  [["--prompt=--"], { prompt: "--" }],
  [["--prompt="], { prompt: "" }],
  [["--prompt", "12"], { prompt: "12" }],
  [["--prompt=--iters=3"], { prompt: "--iters=3" }],
  [["--prompt", "a\\n\\t\\\\n"], { prompt: "a\n\t\\n" }],
  [["--prompt=a\nb", "--corpus", " "], { prompt: "a\nb", corpus: " " }],
  [["--backend", "cpu", "--source=pip"], { backend: "cpu", source: "pip" }],
  [["--quiet"], { quiet: true }],
  [["--quiet=true", "--resume", "true"], { quiet: true, resume: true }],
  [["--quiet=false", "--resume", "false"], { quiet: false, resume: false }],
  [["1e3", "--quiet", "x", "0x10"], { quiet: true }, ["1e3", "x", "0x10"]],
  [["a", "--", "--iters", "b"], {}, ["a", "--iters", "b"]],
  [["--iters=1", "--"], { iters: 1 }],
];

Deno.test("arguments become values and words", () => {
  for (const [args, values, expected = []] of good) {
    const words: string[] = [];
    assertEquals(read(args, words), values, args.join(" "));
    assertEquals(words, expected, args.join(" "));
    if (expected.length === 0) assertEquals(read(args), values, args.join(" "));
  }
});

const bad: [args: string[], message: string][] = [
  [["--iters", "-1"], '--iters must be a whole number at least 1, got "-1"'],
  [["--iters=-1"], '--iters must be a whole number at least 1, got "-1"'],
  [["--rate", "-0.5"], '--rate must be a number above 0 and below 1, got "-0.5"'],
  [["--seed=100"], '--seed must be a whole number at least 0 and at most 99, got "100"'],
  [["--iters", ""], '--iters must be a whole number at least 1, got ""'],
  [["--iters="], '--iters must be a whole number at least 1, got ""'],
  [["--iters"], "--iters needs a value, a whole number at least 1"],
  [["--iters", "--quiet"], "--iters needs a value, a whole number at least 1, before --quiet"],
  ...["0x10", "1e3", "1_000", "٣", " 3", "3.0", "1".repeat(17), "Infinity", "three"].map((text) =>
    [["--iters", text], `--iters must be a whole number at least 1, got "${text}"`] as [
      string[],
      string,
    ]
  ),
  ...["0x1", "NaN", "Infinity", ".", "1e", "0,5"].map((text) =>
    [[`--rate=${text}`], `--rate must be a number above 0 and below 1, got "${text}"`] as [
      string[],
      string,
    ]
  ),
  [
    ["--prompt", "-x"],
    "--prompt needs a value: one that begins with a dash is written --prompt=-x",
  ],
  [
    ["--prompt", "--"],
    "--prompt needs a value: one that begins with a dash is written --prompt=--",
  ],
  [["--prompt", ""], "--prompt needs a value: an empty one is written --prompt="],
  [["--prompt"], "--prompt needs a value"],
  [["--prompt", "--help"], "--prompt needs a value, before --help"],
  [["--corpus", ""], "--corpus needs a value"],
  [["--corpus="], "--corpus needs a value"],
  [["--backend", "gpu"], '--backend must be one of lab, cpu, wasm, got "gpu"'],
  [["--backend=wsam"], '--backend must be one of lab, cpu, wasm, got "wsam": did you mean wasm?'],
  [["--backend"], "--backend needs a value, one of lab, cpu, wasm"],
  [["--source=x"], '--source must be npm or pip, got "x"'],
  [["--iters", "1", "--iters=2"], "--iters is there 2 times: give one"],
  [["--quiet", "--quiet=false"], "--quiet is there 2 times: give one"],
  [["--quiet=yes"], '--quiet is on or off, got "yes": write --quiet, or --quiet=false'],
  [["--quiet=0"], '--quiet is on or off, got "0": write --quiet, or --quiet=false'],
  [["--quiet="], '--quiet is on or off, got "": write --quiet, or --quiet=false'],
  [["--no-quiet"], "try has no flag --no-quiet: see deno task try --help"],
  [["--no-iters=3"], "try has no flag --no-iters=3: see deno task try --help"],
  [["--port=3"], "try has no use for --port: see deno task try --help"],
  [["--bogus", "3"], "try has no flag --bogus: see deno task try --help"],
  [["--Iters=3"], "try has no flag --Iters=3: did you mean --iters? see deno task try --help"],
  [["--itres=3"], "try has no flag --itres=3: did you mean --iters? see deno task try --help"],
  [["-q"], "try has no flag -q: see deno task try --help"],
  [["-abc"], "try has no flag -abc: see deno task try --help"],
  [["---x"], "try has no flag ---x: see deno task try --help"],
  [["--=3"], "try has no flag --=3: see deno task try --help"],
  [["--prompt.x", "3"], "try has no flag --prompt.x: see deno task try --help"],
  [["--__proto__", "1"], "try has no flag --__proto__: see deno task try --help"],
  [["--constructor", "1"], "try has no flag --constructor: see deno task try --help"],
  [["--toString"], "try has no flag --toString: see deno task try --help"],
  [["hello"], "try has no argument hello: see deno task try --help"],
  [["--quiet", "x"], "try has no argument x: see deno task try --help"],
  [["—iters", "3"], "try has no argument —iters: see deno task try --help"],
  [["--", "--iters"], "try has no argument --iters: see deno task try --help"],
  [["-"], "try has no argument -: see deno task try --help"],
  [[""], "try has no argument : see deno task try --help"],
];

Deno.test("a mistake in the arguments is told in one line, and what to write", () => {
  for (const [args, message] of bad) {
    const error = assertThrows(() => read(args), UserError, "", args.join(" "));
    assertEquals(error.message, message, args.join(" "));
  }
});

Deno.test("values have the flags' types", () => {
  const values = read(["--iters=3"]);
  const typed: [number?, string?, ("lab" | "cpu" | "wasm")?, boolean?] = [
    values.iters,
    values.prompt,
    values.backend,
    values.quiet,
  ];
  assertEquals(typed, [3, undefined, undefined, undefined]);
});

Deno.test("the help has a line for each flag, with its values and its default", () => {
  assertEquals(
    flagLines({
      iters: { ...flags.iters, default: 5 },
      source: flags.source,
      quiet: flags.quiet,
    }),
    "Flags:\n" +
      "  --iters N                training iterations (default 5)\n" +
      "  --source npm|pip         source\n" +
      "  --quiet                  say nothing",
  );
});

Deno.test("a task refuses the flags of others, whatever their values", () => {
  const { single_head: stage } = stages;
  for (const value of ["4", "x"]) {
    const command = { task: stage.name, flags: stageFlags(stage), others: sharedFlags };
    const parse = () => readArguments(command, [`--n-head=${value}`]);
    assertThrows(parse, UserError, "single_head has no use for --n-head");
  }
});

Deno.test("no flag that tasks share begins with no-, which parseArgs reads in its own way", () => {
  assertEquals(Object.keys(sharedFlags).filter((name) => name.startsWith("no-")), []);
});
