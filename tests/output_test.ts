/** What a user names to be written never takes the place of a file of theirs. */
import { assertEquals, assertMatch } from "@std/assert";
import { test } from "./lib/needs.ts";
import { inFolder, type Outcome, task } from "./lib/tasks.ts";

const needs = ["read", "write", "run"] as const;
const practice = "--corpus=data/practice_corpus.txt";

/** Runs a task that would write over the file: refused in a line that names the file and flag. */
async function assertKeeps(path: string, flag: string, ...args: string[]): Promise<void> {
  const before = await Deno.readTextFile(path);
  assertRefused(await task(...args), path, flag);
  assertEquals(await Deno.readTextFile(path), before);
}

function assertRefused({ code, out, err }: Outcome, path: string, flag: string): void {
  assertEquals([code, out, err.includes(path)], [2, "", true], err);
  assertMatch(err, new RegExp(`^error: .* choose another with ${flag}\n$`));
}

test(
  "a page is written over a page only",
  [...needs, "packages"],
  () =>
    inFolder(async (folder) => {
      const text = `${folder}/my text.txt`;
      await Deno.copyFile("data/practice_corpus.txt", text);
      await assertKeeps(text, "--single", "page", `--single=${text}`, `--corpus=${text}`);
      for (const name of ["index.html", "text.txt"]) {
        const site = `${folder}/site of ${name}`;
        await Deno.mkdir(site);
        await Deno.writeTextFile(`${site}/${name}`, "<title>Mine</title>");
        await assertKeeps(`${site}/${name}`, "--build", "page", practice, `--build=${site}`);
      }
      const written = [`--single=${folder}/page.html`, `--build=${folder}/page`];
      for (let time = 0; time < 2; time++) {
        assertEquals((await task("page", practice, ...written)).code, 0, "its own it may replace");
      }
    }),
);

test(
  "a class's table, figures and an exported model take no other file's place",
  [...needs],
  () =>
    inFolder(async (folder) => {
      const path = `${folder}/marks.csv`;
      await Deno.writeTextFile(path, "student,mark\nLéa,18\n");
      await Deno.mkdir(`${folder}/class/Léa`, { recursive: true });
      const checking = ["exercise", "check", `--class=${folder}/class`];
      await assertKeeps(path, "--csv", ...checking, `--csv=${path}`);
      await assertKeeps(path, "--json", "bench", `--json=${path}`);
      await Deno.mkdir(`${folder}/py`);
      const mine = `${folder}/py/model.py`;
      await Deno.writeTextFile(mine, "import torch\n");
      const results = `--results=${folder}`;
      const short = ["--iters=2", "--eval-iters=1", "--sample-length=0", "--quiet"];
      assertEquals((await task("multi_head", practice, results, ...short)).code, 0);
      await assertKeeps(mine, "--to", "export", "multi_head", results, `--to=${folder}/py`);
    }),
);
