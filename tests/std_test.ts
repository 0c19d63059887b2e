/**
 * Whatever `@std` resolves to, the stand-ins or the originals, answers as the originals did when
 * `fixtures/std/contract.json` was recorded: every case of it.
 */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertExists,
  assertGreater,
  assertInstanceOf,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";
import { parse, stringify } from "@std/csv";
import contract from "./fixtures/std/contract.json" with { type: "json" };

/** What a call gave, or what it threw; of a message's lines only the first is the contract's. */
type Answer = { gives: unknown } | { throws: string; message: string };

function answerOf(call: () => unknown): Answer {
  try {
    return { gives: call() };
  } catch (error) {
    const { constructor, message } = error as Error;
    return { throws: constructor.name, message: message.split("\n")[0] };
  }
}

/** The part of a recorded case that is the answer. */
function recorded(case_: { gives?: unknown; throws?: string; message?: string }): Answer {
  const { gives, throws, message } = case_;
  return throws === undefined ? { gives } : { throws, message: message! };
}

/** JSON has no NaN, infinities, -0 and undefined: the contract writes them as objects. */
function decoded(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return "number" in value ? Number(value.number) : undefined;
}

/** By text, and not by assertEquals, which is itself under test. */
function assertSame(actual: unknown, expected: unknown, what: string): void {
  const text = (value: unknown) =>
    JSON.stringify(value, (_, v) => {
      const isPlain = typeof v === "object" && v !== null && !Array.isArray(v);
      return isPlain ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => a < b ? -1 : 1)) : v;
    });
  if (text(actual) === text(expected)) return;
  throw new Error(`${what}: got ${text(actual)}, expected ${text(expected)}`);
}

Deno.test("parseArgs reads every recorded command line like the original", () => {
  const { string, boolean, cases } = contract.parseArgs;
  for (const case_ of cases) {
    for (const [variant, result] of [["false", false], ["nothing", undefined]] as const) {
      const unknown: string[] = [];
      const gives = parseArgs(case_.argv, {
        string,
        boolean,
        unknown: (argument: string) => {
          unknown.push(argument);
          return result;
        },
      });
      const what = `${JSON.stringify(case_.argv)}, unknown returns ${variant}`;
      assertSame({ unknown, gives }, case_[`unknown returns ${variant}`], what);
    }
    const plain = { gives: parseArgs(case_.argv, { string, boolean }) };
    assertSame(plain, case_["no unknown"], JSON.stringify(case_.argv));
    const more = { string, boolean, collect: ["iters"], "--": true };
    const collected = { gives: parseArgs(case_.argv, more) };
    assertSame(collected, case_['collect iters, "--"'], `${JSON.stringify(case_.argv)}, collected`);
  }
});

/** The calls of `stringify` that the contract names. */
const stringifyCalls: Record<string, (cell: unknown) => string> = {
  "stringify([[cell, 'x']], {headers: false})": (cell) =>
    stringify([[cell, "x"]], { headers: false }),
  "stringify([['1','2']], {headers: false})": () => stringify([["1", "2"]], { headers: false }),
  "stringify([['1','2']], {})": () => stringify([["1", "2"]], {}),
  "stringify([['1','2']], {columns: ['a','b']})": () =>
    stringify([["1", "2"]], { columns: ["a", "b"] }),
  "stringify([['1','2']], {columns: ['a','b'], headers: false})": () =>
    stringify([["1", "2"]], { columns: ["a", "b"], headers: false }),
  "stringify([['1','2']], {columns: [0, 1]})": () => stringify([["1", "2"]], { columns: [0, 1] }),
  "stringify([{a:1,b:2}], {columns: ['a','b']})": () =>
    stringify([{ a: 1, b: 2 }], { columns: ["a", "b"] }),
  "stringify([{a:1,b:2}], {columns: ['a','b'], headers: false})": () =>
    stringify([{ a: 1, b: 2 }], { columns: ["a", "b"], headers: false }),
  "stringify([{a:1,b:2}], {columns: ['b']})": () => stringify([{ a: 1, b: 2 }], { columns: ["b"] }),
  "stringify([{a:1}], {columns: ['a','b']})": () => stringify([{ a: 1 }], { columns: ["a", "b"] }),
  "stringify([{a:1}], {})": () => stringify([{ a: 1 }], {}),
  "stringify([{a:1}])": () => stringify([{ a: 1 }]),
  "stringify([], {columns: ['a','b']})": () => stringify([], { columns: ["a", "b"] }),
  "stringify([], {columns: ['a','b'], headers: false})": () =>
    stringify([], { columns: ["a", "b"], headers: false }),
  "stringify([['1'],['1','2','3']], {headers: false})": () =>
    stringify([["1"], ["1", "2", "3"]], { headers: false }),
  "stringify([['1','2']], {headers: false, separator: ';'})": () =>
    stringify([["1", "2;3"]], { headers: false, separator: ";" }),
  "stringify([['1','2']], {headers: false, bom: true})": () =>
    stringify([["1", "2"]], { headers: false, bom: true }),
  "stringify([['1','2']], {headers: false, crlf: false})": () =>
    stringify([["1", "2"]], { headers: false, crlf: false } as { headers: boolean }),
};

Deno.test("stringify writes every recorded row like the original", () => {
  for (const case_ of contract.stringify) {
    const answer = answerOf(() => stringifyCalls[case_.call](decoded(case_.cell)));
    assertSame(answer, recorded(case_), `${case_.call} of ${JSON.stringify(case_.cell)}`);
  }
});

/** The options of `parse` that the contract names. */
const parseCalls: Record<string, (text: string) => unknown> = {
  "{}": (text) => parse(text, {}),
  "{skipFirstRow: true}": (text) => parse(text, { skipFirstRow: true }),
  "{columns: ['p','q'], skipFirstRow: true}": (text) =>
    parse(text, { columns: ["p", "q"], skipFirstRow: true }),
};

Deno.test("parse reads every recorded text like the original", () => {
  for (const case_ of contract.parse) {
    const answer = answerOf(() => parseCalls[case_.options](case_.text));
    assertSame(answer, recorded(case_), `${JSON.stringify(case_.text)} with ${case_.options}`);
  }
});

class WithX {
  x = 1;
}
const bytes = (...values: number[]) => Uint8Array.from(values).buffer;

/** The pairs of `assertEquals` that the contract names. */
const pairs: Record<string, [unknown, unknown]> = {
  "0, -0": [0, -0],
  "NaN, NaN": [NaN, NaN],
  "{a: undefined}, {}": [{ a: undefined }, {}],
  "[,], [undefined]": [new Array(1), [undefined]],
  "Float32Array [1,2] twice": [Float32Array.of(1, 2), Float32Array.of(1, 2)],
  "Float32Array [1,2], [1,3]": [Float32Array.of(1, 2), Float32Array.of(1, 3)],
  "Float32Array [1], Float64Array [1]": [Float32Array.of(1), Float64Array.of(1)],
  "Float32Array [0], [-0]": [Float32Array.of(0), Float32Array.of(-0)],
  "Float32Array [NaN] twice": [Float32Array.of(NaN), Float32Array.of(NaN)],
  "Float32Array [1], array [1]": [Float32Array.of(1), [1]],
  "a view of [9,1] from 1, own [1]": [Float32Array.of(9, 1).subarray(1), Float32Array.of(1)],
  "class with x=1, {x:1}": [new WithX(), { x: 1 }],
  "null prototype {x:1}, {x:1}": [Object.assign(Object.create(null), { x: 1 }), { x: 1 }],
  "Map in another order": [new Map([[1, 2], [3, 4]]), new Map([[3, 4], [1, 2]])],
  "Set of equal objects": [new Set([{ x: 1 }]), new Set([{ x: 1 }])],
  "equal dates": [new Date(5), new Date(5)],
  "/a/g, /a/": [/a/g, /a/],
  "errors of the same message": [new Error("x"), new Error("x")],
  "Error, TypeError of the same message": [new Error("x"), new TypeError("x")],
  "array with a property, array": [Object.assign([1], { x: 1 }), [1]],
  "bigints": [1n, 1n],
  "two functions": [() => 1, () => 1],
  "String object, string": [Object("a"), "a"],
  "equal ArrayBuffers": [bytes(1, 2), bytes(1, 2)],
  "other ArrayBuffers": [bytes(1, 2), bytes(1, 3)],
  "keys in another order": [{ a: 1, b: 2 }, { b: 2, a: 1 }],
  "'a', 'b'": ["a", "b"],
  "null, undefined": [null, undefined],
  "nested": [{ a: [{ b: new Map([[1, [2]]]) }] }, { a: [{ b: new Map([[1, [2]]]) }] }],
};

Deno.test("assertEquals and assertNotEquals tell every recorded pair like the original", () => {
  for (const { pair, holds } of contract.assert.assertEquals) {
    const [actual, expected] = pairs[pair];
    assertSame("gives" in answerOf(() => assertEquals(actual, expected)), holds, pair);
    assertSame("gives" in answerOf(() => assertNotEquals(actual, expected)), !holds, `not ${pair}`);
  }
});

Deno.test("assertAlmostEquals tells every recorded pair like the original", () => {
  for (const { actual, expected, tolerance, holds } of contract.assert.assertAlmostEquals) {
    const [a, b] = [actual, expected].map((value) => decoded(value) as number);
    const answer = answerOf(() => assertAlmostEquals(a, b, tolerance));
    assertSame("gives" in answer, holds, JSON.stringify([actual, expected, tolerance]));
  }
});

function raise(error: Error): () => never {
  return () => {
    throw error;
  };
}

/** The calls whose messages the contract has. */
const assertions: Record<string, () => unknown> = {
  "assertEquals(1, 2)": () => assertEquals(1, 2),
  'assertEquals(1, 2, "why")': () => assertEquals(1, 2, "why"),
  "assert(false)": () => assert(false),
  'assert(false, "why")': () => assert(false, "why"),
  "assertAlmostEquals(1, 2)": () => assertAlmostEquals(1, 2),
  'assertStringIncludes("ab", "c")': () => assertStringIncludes("ab", "c"),
  'assertMatch("ab", /c/)': () => assertMatch("ab", /c/),
  "assertThrows(() => {})": () => assertThrows(() => {}),
  "assertThrows(RangeError thrown, TypeError)": () =>
    assertThrows(raise(new RangeError()), TypeError),
  'assertThrows(RangeError "xx" thrown, Error, "x") gives the error': () =>
    assertThrows(raise(new RangeError("xx")), Error, "x").message,
  'assertThrows(Error "xx" thrown, Error, "y")': () =>
    assertThrows(raise(new Error("xx")), Error, "y"),
  "assertGreater(1, 2)": () => assertGreater(1, 2),
  "assertNotEquals(1, 1)": () => assertNotEquals(1, 1),
  "assertExists(null)": () => assertExists(null),
  "assertInstanceOf(1, Date)": () => assertInstanceOf(1, Date),
};

Deno.test("the assertions say what the originals say", () => {
  for (const [call, case_] of Object.entries(contract.assert.messages)) {
    assertSame(answerOf(assertions[call]), recorded(case_), call);
  }
});

Deno.test("assertRejects gives a rejected error, and wants a promise", async () => {
  const reject = () => Promise.reject(new RangeError("xx"));
  assertSame((await assertRejects(reject, RangeError, "x")).message, "xx", "the error");
  for (
    const [fn, message] of [
      [() => Promise.resolve(1), "Expected function to reject."],
      [raise(new Error("xx")), "Function throws when expected to reject."],
    ] as const
  ) {
    const said = await assertRejects(fn, Error).catch((error: Error) => error.message);
    assertSame(said, message, message);
  }
});

const isStandIn = import.meta.resolve("@std/csv").includes("/model/std/");
if (!isStandIn) console.log("skipped: what the stand-ins refuse: the originals are here");
Deno.test({
  name: "the stand-ins refuse the originals' options that they lack",
  ignore: !isStandIn,
  fn: () => {
    const refused: Record<string, () => unknown> = {
      alias: () => parseArgs([], { alias: { q: "quiet" } } as object),
      default: () => parseArgs([], { default: {} } as object),
      negatable: () => parseArgs([], { negatable: ["quiet"] } as object),
      stopEarly: () => parseArgs([], { stopEarly: true } as object),
      "names of flags": () => parseArgs([], { boolean: true } as object),
      columns: () => stringify([], { columns: [{ prop: "a" }] } as object),
      separator: () => parse("", { separator: ";" } as object),
      comment: () => parse("", { comment: "#" } as object),
      lazyQuotes: () => parse("", { lazyQuotes: true } as object),
    };
    for (const [name, call] of Object.entries(refused)) assertThrows(call, TypeError, name);
  },
});
