/** Checkouts as others have them: other line ends, folders' names, texts where Hugo's should be. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { HUGO_PATH } from "@hugo-lab/model";
import { exerciseText } from "../scripts/lib/exercise/copy.ts";
import { test } from "./lib/needs.ts";
import { inFolder, taskIn } from "./lib/tasks.ts";

const needs = ["read", "write", "run"] as const;
const root = new URL("../", import.meta.url);
/** What the tasks are made of. */
const PARTS = ["data", "model", "scripts", "deno.json", "deno.lock"];
const BINARY = /\.(safetensors|wasm)$/;
const LEFT_OUT = /hugo_contemplations/;

/** A copy of the tasks in a folder whose name has spaces and accents, without Hugo's text. */
function inCheckout(fn: (checkout: string) => Promise<void>, lineEnd = "\n"): Promise<void> {
  return inFolder(async (folder) => {
    const checkout = `${folder}/été lab x`;
    await Deno.mkdir(checkout);
    for (const part of PARTS) await copy(part, checkout, lineEnd);
    await fn(checkout);
  });
}

async function copy(path: string, checkout: string, lineEnd: string): Promise<void> {
  const from = new URL(path, root);
  if (LEFT_OUT.test(path)) return;
  if ((await Deno.stat(from)).isDirectory) {
    await Deno.mkdir(`${checkout}/${path}`);
    for await (const { name } of Deno.readDir(from)) {
      await copy(`${path}/${name}`, checkout, lineEnd);
    }
  } else if (BINARY.test(path)) {
    await Deno.copyFile(from, `${checkout}/${path}`);
  } else {
    const text = (await Deno.readTextFile(from)).replaceAll(/\r?\n/g, lineEnd);
    await Deno.writeTextFile(`${checkout}/${path}`, text);
  }
}

const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

test(
  "a checkout with CRLF line ends has the same kernels, exercises and page",
  [...needs],
  () =>
    inCheckout(async (checkout) => {
      const succeed = async (...args: string[]) => {
        const { code, out, err } = await taskIn(checkout, ...args);
        assertEquals([code, err], [0, ""], args.join(" "));
        return out;
      };
      assertStringIncludes(await Deno.readTextFile(`${checkout}/model/layers.ts`), "\r\n");
      await succeed("build_kernels", "--check");
      await succeed("exercise", "single_head");
      const path = `${checkout}/exercises/single_head/single_head.ts`;
      assertEquals(await Deno.readTextFile(path), exerciseText("single_head"));
      const solved = exerciseText("single_head", true).replaceAll("\n", "\r\n");
      await Deno.writeTextFile(path, solved);
      assertMatch(
        await succeed("exercise", "check", "single_head"),
        /\nsingle_head is right\nnext: deno task exercise train single_head\n$/,
      );
      await Deno.mkdir(`${checkout}/empty`);
      await succeed("report", "--results=empty");
      assert(!(await Deno.readTextFile(`${checkout}/empty/report.html`)).includes("\r"));
      const { code, err } = await taskIn(checkout, "stats", "--corpus=data/practice_corpus.txt");
      assertEquals(code, 0);
      assertMatch(err, /^the corpus data\/practice_corpus\.txt has lines that end in .*CRLF.*\n/);
    }, "\r\n"),
);

test(
  "data --from takes Hugo's text from a file",
  [...needs, "hugo"],
  () =>
    inCheckout(async (checkout) => {
      await Deno.copyFile(HUGO_PATH, `${checkout}/download (1).txt`);
      const { code, out, err } = await taskIn(checkout, "data", "--from", "download (1).txt");
      const said = "285222 characters in data/hugo_contemplations.txt\n";
      assertEquals([code, out, err], [0, said, ""]);
      assertEquals(
        await Deno.readFile(`${checkout}/data/hugo_contemplations.txt`),
        await Deno.readFile(HUGO_PATH),
      );
    }),
);

test(
  "data --from refuses another file in one line and leaves data/ alone",
  [...needs],
  () =>
    inCheckout(async (checkout) => {
      const before = names(`${checkout}/data`);
      for (
        const [file, message] of [
          ["data/practice_corpus.txt", "is not Hugo's text as the notebook has it (sha256 "],
          ["none.txt", "none.txt: give --from"],
          ["model", "cannot be read"],
          ["", "--from needs a value"],
        ]
      ) {
        const { code, out, err } = await taskIn(checkout, "data", `--from=${file}`);
        assertEquals([code, out], [2, ""]);
        assertMatch(err, /^error: .*\n$/);
        assertStringIncludes(err, message);
        assertEquals(names(`${checkout}/data`), before);
      }
    }),
);

test("another text in place of Hugo's is told, --quiet or not, and has its own results", [
  ...needs,
], () =>
  inCheckout(async (checkout) => {
    await Deno.writeTextFile(`${checkout}/data/hugo_contemplations.txt`, "another text\n");
    const notice = /^.*hugo_contemplations\.txt is not Hugo's text .*\n$/;
    const { code, err } = await taskIn(checkout, "stats", "--quiet");
    assertEquals(code, 0);
    assertMatch(err, notice);
    const [folder, ...others] = names(`${checkout}/results`);
    assertMatch(folder, /^hugo_contemplations-[0-9a-f]{8}$/);
    assertEquals(others, []);
    assertStringIncludes(err, `results/${folder}\n`);
    const elsewhere = `${checkout}/Hugo_Contemplations.txt`;
    await Deno.rename(`${checkout}/data/hugo_contemplations.txt`, elsewhere);
    const other = await taskIn(checkout, "stats", "--quiet", `--corpus=${elsewhere}`);
    assertMatch(other.err, /is not Hugo's text/);
  }));

test("a corpus's results stay in results/ and apart from another's, whatever its name", [
  ...needs,
], () =>
  inCheckout(async (checkout) => {
    const before = names(checkout);
    await Deno.mkdir(`${checkout}/texts/other`, { recursive: true });
    const files = [
      ...[".txt", "...txt", ".hidden", "multi_head.txt", "é à.txt", "text.txt", "text", "..,"],
      ...["other/text.txt", `${"long ".repeat(20)}.txt`, "hugo_contemplations.csv"],
    ];
    for (const [i, file] of files.entries()) {
      await Deno.writeTextFile(`${checkout}/texts/${file}`, `text ${i}`);
      const { code, err } = await taskIn(checkout, "stats", `--corpus=texts/${file}`);
      assertEquals(code, 0, err);
      assertEquals(names(`${checkout}/results`).length, i + 1, file);
    }
    const folders = names(`${checkout}/results`);
    for (const folder of folders) {
      assertMatch(folder, /^[\p{L}\p{N}_-]{1,40}-[0-9a-f]{8}$/u);
      assertEquals(names(`${checkout}/results/${folder}`), ["stats"]);
    }
    assert(folders.some((folder) => folder.startsWith("é_à-")), `${folders}`);
    await taskIn(checkout, "stats", "--corpus=data/practice_corpus.txt");
    assertEquals(
      names(`${checkout}/results`).filter((name) => !folders.includes(name)),
      ["practice_corpus"],
    );
    assertEquals(names(checkout), [...before, "results", "texts"].sort());
  }));
