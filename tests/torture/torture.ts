/** The harness of attacks sees what is planted for it, and a class of it runs to its end. */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  buildModel,
  encodeModel,
  Generator,
  modelTensors,
  stages,
  UserError,
} from "@hugo-lab/model";
import { readArguments } from "../../scripts/lib/task/arguments.ts";
import { sharedFlags as flags } from "../../scripts/lib/run/flags.ts";
import { differences, halfWritten, judge } from "../../scripts/lib/torture/judge.ts";
import {
  csvMutations,
  type Numbers,
  tensorMutations,
} from "../../scripts/lib/torture/mutations.ts";
import { tableOf, Tally } from "../../scripts/lib/torture/tally.ts";
import { test } from "../lib/needs.ts";
import { inFolder, task } from "../lib/tasks.ts";

Deno.test("an end is clear if its code has a meaning and one line tells it", () => {
  const columnsOf = (code: number, err: string, ended?: string) =>
    judge({ code, err, ended }).map(({ column }) => column);
  assertEquals(columnsOf(0, "backend lab on the CPU\n"), []);
  assertEquals(columnsOf(2, "a notice\nerror: no such file\n"), []);
  assertEquals(columnsOf(143, "stopped at iteration 3\n"), []);
  assertEquals(columnsOf(0, "error: no such file\n"), ["unclear"]);
  assertEquals(columnsOf(2, ""), ["unclear"]);
  assertEquals(columnsOf(2, "error: one\nerror: two\n"), ["unclear"]);
  assertEquals(columnsOf(1, "error: Uncaught RangeError\n    at f (file:///x.ts:1:2)\n"), [
    "unclear",
  ]);
  const full = "No space left on device (os error 28)";
  assertEquals(columnsOf(2, `error: ${full}\n`), ["unclear"]);
  assertEquals(columnsOf(2, `error: cannot write a.csv (${full}): make room\n`), []);
  assertEquals(columnsOf(2, `error: ${full}: open 'a/b.csv'\n`), []);
  assertEquals(columnsOf(133, "fatal"), ["crashed"]);
  assertEquals(columnsOf(0, "", "no end in 15 s"), ["crashed"]);
});

test(
  "half-written files and leavings are seen",
  ["read", "write"],
  () =>
    inFolder(async (folder) => {
      const planted = {
        "good.csv": 'a,b\n1,"two\nlines"\n',
        "half.csv": "a,b\n1,2\n3,",
        "rows.csv": "a,b\n1\n",
        "quote.csv": 'a,b\n1,"2\n',
        "good.json": "{}",
        "half.json": "{",
        "half.safetensors": "abc",
        "half.html": "<html><body>",
        "final.safetensors.partial": "",
      };
      for (const [name, text] of Object.entries(planted)) {
        await Deno.writeTextFile(`${folder}/${name}`, text);
      }
      const seen = (await halfWritten(folder)).map(({ what }) => what.split(" ")[0]);
      assertEquals(seen, Object.keys(planted).filter((name) => !name.startsWith("good")).sort());
    }),
);

Deno.test("a missing file is lost, another one wrong", () => {
  const found = differences({ a: "1", b: "2" }, { a: "1", b: "3", c: "4" });
  assertEquals(found.map(({ column }) => column), ["wrong", "lost"]);
});

Deno.test("the table counts tries by what they show, and each kind is told once", () => {
  const said: string[] = [];
  const tally = new Tally("files", "deno task torture", (line) => said.push(line));
  tally.tries = 3;
  for (const number of [1, 2]) {
    const faults = [{ column: "wrong", what: `row ${number}` }, { column: "lost", what: "all" }];
    tally.fail({ case: 5, how: "a command", faults: faults as never });
  }
  assertEquals(said, [
    "files: wrong: row 1",
    "files: lost: all",
    "  a command\n  again: deno task torture --case 5",
  ]);
  assertMatch(
    tableOf([tally]),
    /^class +tries +wrong +lost +unclear +crashed\nfiles +3 +2 +2 +0 +0$/,
  );
});

const shares = [0, 0.31, 0.77, 1];
const numbers = shares.flatMap((a) => shares.flatMap((b) => shares.map((c): Numbers => [a, b, c])));

Deno.test("every damage alters a file", async () => {
  const config = { ...stages.multi_head.model, nEmbd: 8 };
  const vocabulary = ["a", "b", "c"];
  const built = buildModel(vocabulary.length, config).initialize(new Generator(1));
  const weights = await modelTensors(built);
  built.dispose();
  const model = encodeModel(weights, { stage: "multi_head", config, vocabulary });
  const csv = new TextEncoder().encode("step,loss\n0,4.500000\n5,3.250000\n10,1.950123\n");
  for (const [good, mutations] of [[model, tensorMutations], [csv, csvMutations]] as const) {
    for (const [name, mutation] of Object.entries(mutations)) {
      const altered = numbers.map((one) => mutation(good, one)).filter((one) => one !== undefined);
      assert(altered.length > 0, `${name} alters nothing`);
      const same = altered.filter((bytes) => String(bytes) === String(good));
      // A block may be zero already, a row may change places with itself.
      assert(same.length < altered.length, `${name} leaves the file as it was`);
    }
  }
});

test("what the random arguments say of themselves holds", ["packages"], async () => {
  const { tokens } = await import("../../scripts/lib/torture/tokens.ts");
  const { fc } = await import("../../scripts/lib/torture/packages.ts");
  const read = (args: string[]) => readArguments({ task: "x", flags }, args);
  // Whether a file is there, or a character in a text, is not the reader's affair.
  const isFile = (name = "") => flags[name as keyof typeof flags]?.kind === "text";
  const sample = fc.sample(tokens(flags, []), { numRuns: 3000, seed: 1 });
  for (const { args, name, verdict, means } of sample) {
    if (verdict === "bad" && !isFile(name)) {
      assertThrows(() => read(args), UserError, "", args.join(" "));
    }
    if (verdict === "good") {
      const values: Record<string, unknown> = read(args);
      assertEquals(values[name!] ?? false, means, args.join(" "));
    }
  }
  const verdicts = new Set(sample.map(({ verdict }) => verdict));
  assertEquals(verdicts.size, 3);
});

test("a class runs to its end", ["packages", "read", "write", "run"], async () => {
  const { code, out, err } = await task("torture", "--only=models", "--quick", "--seed=1");
  assertEquals(code, 0, out + err);
  assertMatch(out, /^seed 1\nclass .*\nmodels +\d\d +0 +0 +0 +0\n$/);
});
