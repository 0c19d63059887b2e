/** A pipe or a device in a file's place is told at once, whoever reads it: none waits, none fills. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { test } from "./lib/needs.ts";
import { inFolder, task } from "./lib/tasks.ts";

const needs = ["read", "write", "run"] as const;
const practice = "--corpus=data/practice_corpus.txt";
const training = ["multi_head", practice, "--iters=3", "--eval-iters=1", "--sample-length=5"];

/** Tasks and the file that each reads, below a folder in which multi_head was trained. */
const readers: [file: string, ...args: string[]][] = [
  ["study.json", "study", "FOLDER/study.json", practice],
  ["gpt2.safetensors", "gpt2", "FOLDER/gpt2.safetensors", "--ids=1"],
  ["bigram.ts", "exercise", "check", "bigram", "--from=FOLDER"],
  ["multi_head/losses.csv", "report", "--results=FOLDER"],
  ["multi_head/identity.json", "report", "--results=FOLDER"],
  ["multi_head/checkpoint.safetensors", "report", "--results=FOLDER"],
  ["sheet.md", "report", "--sheet", "--results=FOLDER"],
  ["multi_head/final.safetensors", "generate", "multi_head", "--results=FOLDER", "--length=3"],
  ["multi_head/identity.json", "generate", "multi_head", "--results=FOLDER", "--length=3"],
  ["multi_head/generations.csv", "generate", "multi_head", "--results=FOLDER", "--length=3"],
  [
    "multi_head/checkpoint.safetensors",
    "export",
    "multi_head",
    "--results=FOLDER",
    "--to=FOLDER/e",
  ],
  ["multi_head/checkpoint.safetensors", ...training, "--results=FOLDER", "--resume"],
];

/** What is put there: the device has no end. */
const kinds: Record<string, (path: string) => Promise<unknown>> = {
  pipe: (path) => new Deno.Command("deno", { args: ["eval", MAKE_PIPE, path] }).output(),
  device: (path) => Deno.symlink("/dev/zero", path),
};
const MAKE_PIPE = `
import { spawnSync } from "node:child_process";
spawnSync("mkfifo", [Deno.args[0]]);`;

for (const [kind, put] of Object.entries(kinds)) {
  test(`a ${kind} in a file's place is told in one line by all that read files`, [
    ...needs,
    "signals", // pipes and /dev are those of Unix
  ], () =>
    inFolder(async (folder) => {
      const { code } = await task(...training, `--results=${folder}`, "--quiet");
      assertEquals(code, 0);
      for (const [file, ...args] of readers) {
        const path = `${folder}/${file}`;
        const good = await Deno.readFile(path).catch(() => undefined);
        if (good) await Deno.remove(path);
        await put(path);
        const given = args.map((arg) => arg.replace("FOLDER", folder));
        const { code, err } = await task(...given);
        assertEquals(code, 2, `${given.join(" ")}: ${err}`);
        assertEquals(err.match(/^error: /gm)?.length, 1, err);
        assertMatch(err, new RegExp(`it is a ${kind}`), given.join(" "));
        await Deno.remove(path);
        if (good) await Deno.writeFile(path, good);
      }
    }));
}

test("files are opened where they are read checked, and nowhere else", ["read"], async () => {
  const mayOpen = [
    "model/read_file.ts", // what checks
    ...["model/corpus_file.ts", "model/safetensors.ts", "model/results.ts"], // after a check
    "model/alone.ts", // locks, and files that are being written
    "model/backends/tensorflow/mod.ts", // what the lab has installed
    ...["scripts/build_kernels.ts", "scripts/test_notebook.ts", "scripts/test_originals.ts"],
  ];
  const root = new URL("..", import.meta.url);
  const opening = /Deno\.(readTextFile|readFile|open)(Sync)?\(/;
  const found: string[] = [];
  for (const path of [...filesIn("model"), ...filesIn("scripts")]) {
    if (path.startsWith("scripts/lib/torture/")) continue; // reads what it made itself
    if (opening.test(await Deno.readTextFile(new URL(path, root)))) found.push(path);
  }
  assertEquals(found.sort(), mayOpen.sort());
  assert(found.length > 0);

  function filesIn(folder: string): string[] {
    return [...Deno.readDirSync(new URL(`${folder}/`, root))].flatMap(({ name, isDirectory }) => {
      const path = `${folder}/${name}`;
      if (isDirectory) return name === "node_modules" ? [] : filesIn(path);
      return /\.ts$/.test(name) ? [path] : [];
    });
  }
});
