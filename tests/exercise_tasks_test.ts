/** `deno task exercise` as a student and a teacher run it. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parse } from "@std/csv";
import { exerciseNames } from "../scripts/lib/exercise/catalogue.ts";
import { checkClass } from "../scripts/lib/exercise/class.ts";
import { exerciseText } from "../scripts/lib/exercise/copy.ts";
import { hints } from "../scripts/lib/exercise/hints.ts";
import { listExercises } from "../scripts/lib/exercise/list.ts";
import { recall, remember, sha256, stateOf } from "../scripts/lib/exercise/memory.ts";
import { test } from "./lib/needs.ts";
import { inFolder, task } from "./lib/tasks.ts";

const needs = ["read", "write"] as const;

const exercise = (...args: string[]) => task("exercise", ...args);

test("the task makes a copy once, and checks it", [...needs, "run"], async () => {
  const folder = await Deno.makeTempDir();
  try {
    assertEquals((await exercise("blocks", `--to=${folder}/mine`)).code, 0);
    const path = `${folder}/mine/blocks.ts`;
    const untouched = await exercise("check", "blocks", `--from=${folder}/mine`);
    assertEquals([untouched.code, untouched.err], [1, ""]);
    assertStringIncludes(untouched.out, "not yet: new Block");

    await Deno.writeTextFile(path, exerciseText("blocks", true));
    const solved = await exercise("check", "blocks", `--from=${folder}/mine`);
    assertEquals([solved.code, solved.err], [0, ""]);
    assertMatch(
      solved.out,
      /^right: new Block[^]*\nblocks is right\nnext: deno task exercise train blocks/,
    );

    const again = await exercise("blocks", `--to=${folder}/mine`);
    assertEquals(again.code, 2);
    assertMatch(again.err, /^error: .* is there already: .*\n$/);
    assertEquals(await Deno.readTextFile(path), exerciseText("blocks", true));
    assertEquals((await exercise("blocks", `--to=${folder}/mine`, "--force")).code, 0);
    assertEquals(await Deno.readTextFile(path), exerciseText("blocks"));

    await Deno.writeTextFile(path, "export const Block: number = 'x';\n");
    const broken = await exercise("check", "blocks", `--from=${folder}/mine`);
    assertEquals([broken.code, broken.err], [1, ""]);
    assertStringIncludes(broken.out, "does not compile:\nTS2322");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

test(
  "three hints come one at a time, then all of them",
  [...needs, "run"],
  () =>
    inFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/stats.ts`, exerciseText("stats"));
      const words = (text: string) => text.replace(/\s+/g, " ");
      for (const [i, hint] of hints.stats.entries()) {
        const { code, out } = await exercise("hint", "stats", `--from=${folder}`);
        assertEquals([code, words(out)], [0, `hint ${i + 1} of 3: ${words(hint)} `]);
      }
      const { out } = await exercise("hint", "stats", `--from=${folder}`);
      for (const hint of hints.stats) assertStringIncludes(words(out), words(hint));
      assertEquals((await recall(folder)).hints, 3);
    }),
);

test("every exercise has three different hints, and no line is too wide", [], () => {
  for (const name of exerciseNames) assertEquals(new Set(hints[name]).size, 3, name);
});

test(
  "the list tells what is right, begun and changed, and what comes next",
  [...needs],
  () =>
    inFolder(async (folder) => {
      const folderOf = (name: string) => `${folder}/${name}`;
      assertMatch(await listExercises(folderOf), /\n\nnext: deno task exercise stats$/);
      for (const name of ["stats", "split", "bigram"] as const) {
        await Deno.mkdir(folderOf(name));
        await Deno.writeTextFile(`${folderOf(name)}/${name}.ts`, exerciseText(name, true));
      }
      const right = (name: "stats" | "split") =>
        sha256(Deno.readFileSync(`${folderOf(name)}/${name}.ts`));
      await remember(folderOf("stats"), { right: right("stats") });
      await remember(folderOf("split"), { right: right("split") });
      await Deno.writeTextFile(`${folderOf("split")}/split.ts`, "//\n", { append: true });
      await remember(folderOf("split"), { hints: 1 });
      const list = await listExercises(folderOf);
      for (const line of list.split("\n")) assert([...line].length <= 80, line);
      assertMatch(list, /^right {3}stats /);
      assertMatch(list, /^changed split /m);
      assertMatch(list, /^begun {3}bigram /m);
      assertMatch(list, /^ {8}single_head /m);
      assertStringIncludes(list, "next: deno task exercise check split\n");
      assertStringIncludes(list, "hint split, the second of three");
    }),
);

test("a damaged file of what is remembered is none", [...needs], () =>
  inFolder(async (folder) => {
    for (const text of ["", "{", "null", '{"hints":-1,"right":3}']) {
      await Deno.writeTextFile(`${folder}/progress.json`, text);
      assertEquals((await recall(folder)).hints, 0, text);
    }
    assertEquals(await stateOf(folder, `${folder}/none.ts`), "new");
  }));

test("train trains with the student's class, the notebook's losses beside it", [
  ...needs,
  "run",
  "hugo",
], () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/multi_head.ts`, exerciseText("multi_head", true));
    const train = () => exercise("train", "multi_head", `--from=${folder}`, "--iters=1");
    const { code, out } = await train();
    assertEquals(code, 0);
    assertStringIncludes(out, "with your MultiHeadAttention\n\nmulti_head, 0.010949 M parameters");
    // step 0 is the notebook's in every digit: the same draws, the same sums
    assertMatch(out, /^0 +4\.5778 +4\.5778 +4\.5397 +4\.5397$/m);
    assertStringIncludes(out, "The notebook's losses in every digit.");
    const wrong = exerciseText("multi_head", true).replace(
      "concat(heads,",
      "concat([...heads].reverse(),",
    );
    await Deno.writeTextFile(`${folder}/multi_head.ts`, wrong);
    assertMatch((await train()).out, /^0 +\d\.\d{4} +4\.5778/m);
    await Deno.writeTextFile(`${folder}/multi_head.ts`, exerciseText("multi_head"));
    const gap = await train();
    assertEquals(gap.code, 1);
    assertStringIncludes(gap.out, "not yet: your code here");
  }));

test("bigram and split train the three runs", [...needs, "run"], () =>
  inFolder(async (folder) => {
    for (const name of ["split", "bigram"] as const) {
      await Deno.writeTextFile(`${folder}/${name}.ts`, exerciseText(name, true));
      const flags = [`--from=${folder}`, "--corpus=data/practice_corpus.txt", "--iters=10"];
      const { code, out } = await exercise("train", name, ...flags);
      assertEquals(code, 0, out);
      assertEquals(out.match(/^\d +\d\.\d{4} {12,}\d\.\d{4}$/gm)?.length, 10, out);
    }
  }));

test(
  "watch checks at once, and again at every save",
  [...needs, "run"],
  () =>
    inFolder(async (folder) => {
      const path = `${folder}/stats.ts`;
      await Deno.writeTextFile(path, exerciseText("stats"));
      const command = new Deno.Command("deno", {
        args: ["task", "--quiet", "exercise", "watch", "stats", `--from=${folder}`],
        stdout: "piped",
        stderr: "null",
      });
      const watching = command.spawn();
      let said = "";
      for await (const part of watching.stdout.pipeThrough(new TextDecoderStream())) {
        said += part;
        if (said.includes("not yet: ") && !said.includes("is right")) {
          await Deno.writeTextFile(path, exerciseText("stats", true));
        }
        if (said.includes("stats is right")) break;
      }
      watching.kill("SIGTERM");
      await watching.status;
      assertMatch(said, /not yet: [^]*your code here[^]*stats is right\nnext: /);
    }),
);

test("a class is checked apart: right, wrong, endless, and into another's file", [
  ...needs,
  "run",
], () =>
  inFolder(async (folder) => {
    const solution = exerciseText("stats", true);
    const files: Record<string, string> = {
      "alice/stats.ts": solution,
      "bob/exercises/stats/stats.ts": solution.replace("b - a", "a - b"),
      "carla/stats.ts": solution.replace("return new", "for (;;);\nreturn new"),
      "dora/stats.ts": `export { countCharacters } from "../alice/stats.ts";\n`,
      "emil/stats.ts": `import { countCharacters as other } from "${folder}/alice/stats.ts";\n` +
        "export const countCharacters = (text: Iterable<string>) => other(text);\n",
      "fred/stats.ts": "export const countCharacters: number = 'x';\n",
      "gina/bigram.ts": exerciseText("bigram", true),
      "hugo/stats.ts": solution + "\nconst post = self as unknown as Worker;\n" +
        'post.postMessage({ kind: "done" });\n',
    };
    for (const [path, text] of Object.entries(files)) {
      await Deno.mkdir(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${folder}/${path}`, text);
    }
    await Deno.mkdir(`${folder}/ivan`);
    await Deno.symlink(`${folder}/alice/stats.ts`, `${folder}/ivan/stats.ts`);

    const { code, out } = await exercise(
      ...["check", "stats", `--class=${folder}`, "--seconds=5", "--seed=1"],
    );
    assertEquals(code, 0);
    assertMatch(out, /^exercise .*\nstats +7 +1 /);
    const rows = parse(await Deno.readTextFile(`${folder}/check.csv`), { skipFirstRow: true });
    assertEquals(rows.map((row) => `${row.student} ${row.exercise} ${row.right}`), [
      ...["alice stats yes", "bob stats no", "carla stats no", "dora stats no", "emil stats no"],
      ...["fred stats no", "gina stats ", "hugo stats no", "ivan stats "],
    ]);
    const messages = rows.map((row) => String(row.message));
    const expected = [
      ...[/^$/, /the rarest comes first/, /took more than 5 s/, /Cannot find module/],
      ...[/Requires read access/, /does not compile: TS2322/, /^no file$/, /came to no end/],
      /^no file$/,
    ];
    for (const [i, pattern] of expected.entries()) assertMatch(messages[i], pattern);
  }));

test("a folder without students is refused", [...needs], () =>
  inFolder(async (folder) => {
    let message = "";
    try {
      await checkClass(folder, { names: ["stats"], seed: 1, seconds: 1 }).next();
    } catch (error) {
      message = String(error);
    }
    assertStringIncludes(message, "has no folders");
  }));

for (
  const [what, args, message] of [
    ["no exercise", ["check"], "which exercise?"],
    ["a mistyped exercise", ["mutli_head"], "did you mean multi_head?"],
    ["a mistyped command", ["wach"], "did you mean watch?"],
    ["a hint for what is not there", ["hint", "stats", "--from=none"], "there is no none/stats.ts"],
    ["a class that is not there", ["check", "--class=none"], "there is no folder none"],
    ["a class of a copy", ["stats", "--class=none"], "no use for --class"],
    ["an unknown exercise", ["scaled"], "there is no exercise scaled"],
    ["two exercises", ["stats", "split"], "one exercise at a time"],
    ["an unknown flag", ["stats", "--into=x"], "no flag --into"],
    ["a flag of the other form", ["check", "stats", "--to=x"], "no use for --to"],
    ["a wrong number", ["check", "stats", "--seconds=0"], "--seconds must be a whole number"],
    ["a copy that is not there", ["check", "stats", "--from=none"], "there is no none/stats.ts"],
    ["an unwritable folder", ["stats", "--to=deno.json"], "cannot be"],
  ] as [string, string[], string][]
) {
  test(`${what} ends exercise with one clear line and code 2`, [...needs, "run"], async () => {
    const { code, out, err } = await exercise(...args);
    assertEquals([code, out], [2, ""]);
    assertStringIncludes(err, message);
    assertMatch(err, /^error: .*\n$/);
  });
}
