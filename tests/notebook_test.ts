/** The notebook without Jupyter: its cells as one program. `deno task test:notebook` has Jupyter. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import {
  countPictures,
  isPicture,
  programOf,
  readNotebook,
} from "../scripts/lib/notebook/notebook.ts";
import { test } from "./lib/needs.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const practice = `${root}data/practice_corpus.txt`;

Deno.test("the notebook is for Deno's kernel and has no outputs", () => {
  const { cells, metadata } = readNotebook();
  assertEquals(metadata.kernelspec.name, "deno");
  assertEquals(new Set(cells.map(({ id }) => id)).size, cells.length);
  for (const { outputs = [], execution_count = null } of cells) {
    assertEquals([outputs.length, execution_count], [0, null]);
  }
});

/**
 * `deno fmt` leaves the notebook out: of a notebook its check wants a line feed at each cell's end,
 * which its own formatting takes away.
 */
test("its cells are formatted", ["read", "write", "run"], async () => {
  const { cells } = readNotebook();
  const folder = await Deno.makeTempDir();
  try {
    for (const { id, cell_type, source } of cells) {
      const extension = cell_type === "code" ? "ts" : "md";
      await Deno.writeTextFile(`${folder}/${id}.${extension}`, source.join("") + "\n");
    }
    const command = new Deno.Command("deno", {
      args: ["fmt", "--check", "--config", `${root}deno.json`, folder],
      env: { NO_COLOR: "1" },
    });
    const { code, stderr } = await command.output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Makes the stages short, so that the test is. */
const SHORTER = `
for (const { training } of Object.values(stages)) {
  Object.assign(training, { iters: 20, evalInterval: 10, evalIters: 2, sampleLength: 20 });
}
`;
test("its cells compile and run in order, on any corpus", ["read", "write", "run"], async () => {
  const { cells } = readNotebook();
  const code = programOf(cells);
  assertStringIncludes(code, "loadCorpus(undefined");
  assertStringIncludes(code, 'await useBackend("lab"');
  const program = code
    .replace("loadCorpus(undefined", `loadCorpus(${JSON.stringify(practice)}`)
    .replace('await useBackend("lab"', `${SHORTER}await useBackend("lab"`);
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/lab.ts`, program);
    const config = ["--config", `${root}deno.json`];
    const permissions = ["--no-prompt", "--allow-read"];
    const command = new Deno.Command("deno", {
      args: ["run", "--quiet", "--check", ...config, ...permissions, `${folder}/lab.ts`],
      env: { NO_COLOR: "1" },
    });
    const { code, stdout, stderr } = await command.output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assertEquals([code, err], [0, ""]);
    const shown = out.split("\n").filter((line) => line.startsWith("image/svg+xml "));
    const pictures = shown.filter((line) => isPicture(line.slice("image/svg+xml ".length)));
    const expected = cells.reduce((count, cell) => count + countPictures(cell), 0);
    assert(expected >= 10, `${expected}`);
    assertEquals(pictures.length, expected);
    assertEquals(out.match(/^text\/markdown \| /gm)?.length, 2);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
