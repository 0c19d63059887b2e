/** What tasks print: lines no wider than a terminal, and the word that was meant. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fold, foldItems } from "../scripts/lib/task/lines.ts";
import { didYouMean, nearest } from "../scripts/lib/task/nearest.ts";
import config from "../deno.json" with { type: "json" };
import { test } from "./lib/needs.ts";
import { inFolder, task } from "./lib/tasks.ts";

Deno.test("a text is broken at spaces, and nothing of it is lost", () => {
  const text = "Une élève écrit, mot à mot, ce que la machine devine déjà";
  for (let columns = 1; columns < 60; columns++) {
    const folded = fold(text, "", columns);
    assertEquals(folded.replaceAll("\n", " "), text);
    for (const line of folded.split("\n")) {
      assert([...line].length <= columns || !line.includes(" "), line);
    }
  }
  assertEquals(fold("a bb\n\nccc dd", "  ", 4), "a bb\n\nccc\n  dd");
  assertEquals(fold("  --x help", "    ", 8), "  --x\n    help");
});

Deno.test("items stay whole", () => {
  assertEquals(foldItems(["' ': 12", "'e': 3", "'x': 1"], 16), "' ': 12, 'e': 3,\n'x': 1");
  assertEquals(foldItems([]), "");
});

Deno.test("a mistyped word gets the nearest one, another gets none", () => {
  const words = ["single_head", "multi_head", "split", "stats", "blocks", "blocks_norm", "cpu"];
  const meant: [typed: string, word?: string][] = [
    ["mutli_head", "multi_head"],
    ["multihead", "multi_head"],
    ["Multi_Head", "multi_head"],
    ["multi", "multi_head"],
    ["signle_haed", "single_head"],
    ["splti", "split"],
    ["block", "blocks"],
    ["blocksnorm", "blocks_norm"],
    ["gpu"],
    ["x"],
    [""],
    ["gpt5"],
  ];
  for (const [typed, word] of meant) assertEquals(nearest(typed, words), word, typed);
  assertEquals(didYouMean("stat", words), ": did you mean stats?");
  assertEquals(didYouMean("zzz", words), "");
});

const mistyped: [args: string[], meant: string][] = [
  [["native", "mutli_head"], "did you mean multi_head?"],
  [["generate", "mutli_head"], "did you mean multi_head?"],
  [["export", "blocksnorm", "--to=x"], "did you mean blocks_norm?"],
  [["exercise", "hint", "singel_head"], "did you mean single_head?"],
  [["bench", "--calls=multihead"], "did you mean multi_head?"],
  [["torture", "--only=kill"], "did you mean kills?"],
  [["multi_head", "--iter=3"], "did you mean --iters?"],
];
for (const [args, meant] of mistyped) {
  test(`${args.join(" ")}: ${meant}`, ["read", "write", "run"], async () => {
    const { code, err } = await task(...args);
    assertEquals(code, 2);
    assertStringIncludes(err, meant);
    assertEquals(err.split("\n").length, 2, err);
  });
}

/** Their help is Deno's own. */
const TESTS = /^(test.*|ok)$/;

test(
  "every line of every task's help has at most 80 columns",
  ["read", "write", "run"],
  async () => {
    for (const name of Object.keys(config.tasks).filter((name) => !TESTS.test(name))) {
      const { code, out } = await task(name, "--help");
      assertEquals(code, 0, name);
      for (const line of out.split("\n")) assert([...line].length <= 80, `${name}: ${line}`);
    }
  },
);

test("stats, split, attention and the comparison fit 80 columns, matrices 60", [
  "read",
  "write",
  "run",
], () =>
  inFolder(async (folder) => {
    const flags = ["--corpus=data/practice_corpus.txt", `--results=${folder}`];
    const commands = [
      ["stats", ...flags],
      ["split", ...flags],
      ["split", ...flags, "--block-size=32"],
      ["attention", `--results=${folder}`],
      ["scaled", "--describe"],
    ];
    for (const [name, ...args] of commands) {
      const { out } = await task(name, ...args);
      for (const line of out.split("\n")) {
        const most = name === "attention" && /^[\d. ]+$/.test(line) ? 60 : 80;
        assert([...line].length <= most, `${name}: ${line}`);
      }
    }
  }));
