/** The notebook without Jupyter: its cells as one program. `deno task test:notebook` has Jupyter. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import {
  type Cell,
  countPictures,
  isPicture,
  programOf,
  readNotebook,
  shownBy,
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
Deno.test("every part has a question, a gap with its check, and an answer to unfold", () => {
  const { cells } = readNotebook();
  const gaps = cells.filter(({ id }) => id.endsWith("-turn"));
  assert(gaps.length >= 15, `${gaps.length}`);
  for (const { id, source } of gaps) {
    const at = cells.findIndex((cell) => cell.id === id);
    assertMatch(cells[at - 1].source.join(""), /^\*\*Question\.\*\* /);
    assertMatch(source.join(""), /undefined[^]*await check</);
    assertMatch(cells[at + 1].source.join(""), /^<details>\n<summary>An answer<\/summary>/);
  }
  const headings = cells.filter(({ source }) => source[0].startsWith("## ")).map(({ id }) => id);
  headings.slice(0, -1).forEach((id, i) => {
    const [from, to] = [id, headings[i + 1]].map((one) => cells.findIndex((c) => c.id === one));
    const hasGap = cells.slice(from, to).some((cell) => cell.id.endsWith("-turn"));
    assert(hasGap || id === "training", `${id} has no question`); // it only defines what follows
  });
  assert(!cells.some((c) => c.cell_type === "code" && /console\./.test(c.source.join(""))));
});

/** The cells with each gap filled by its folded answer. */
function answered(cells: Cell[]): Cell[] {
  return cells.map((cell, i) => {
    if (!cell.id.endsWith("-turn")) return cell;
    const gap = cell.source.join("");
    const text = cells[i + 1].source.join("");
    const inline = text.match(/\n\n`([^`]+)`/)?.[1];
    const code = text.match(/```ts\n([^]*?)\n```/)?.[1] ??
      `${gap.match(/^const \w+: [^]*?(?= \| undefined = undefined;)/)![0]} = ${inline};`;
    const filled = gap.replace(/^(const [^]*? = undefined;|function [^]*?\n})$/m, "");
    assert(filled !== gap, cell.id);
    // The check's last line may come behind what the answer uses.
    const check = filled.indexOf("await check");
    return { ...cell, source: [filled.slice(0, check), code, "\n", filled.slice(check)] };
  });
}

test("its cells compile and run in order, on any corpus, and its answers are right", [
  "read",
  "write",
  "run",
], async () => {
  const { cells } = readNotebook();
  const code = programOf(answered(cells));
  assertStringIncludes(code, "loadCorpus(undefined");
  assertStringIncludes(code, 'await useBackend("lab"');
  const program = code
    .replace("loadCorpus(undefined", `loadCorpus(${JSON.stringify(practice)}`)
    .replace('await useBackend("lab"', `${SHORTER}await useBackend("lab"`);
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/lab.ts`, program);
    const config = ["--config", `${root}deno.json`, `--lock=${root}scripts/deno.lock`];
    const permissions = ["--no-prompt", "--allow-read"];
    await Deno.writeTextFile(`${folder}/gaps.ts`, programOf(cells));
    const command = new Deno.Command("deno", {
      args: [
        "run",
        "--quiet",
        "--check",
        ...config,
        ...permissions,
        `${folder}/lab.ts`,
      ],
      env: { NO_COLOR: "1" },
    });
    const gaps = await new Deno.Command("deno", {
      args: ["check", "--quiet", ...config, `${folder}/gaps.ts`],
      env: { NO_COLOR: "1" },
    }).output();
    assertEquals(new TextDecoder().decode(gaps.stderr), "");
    const { code, stdout, stderr } = await command.output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assertEquals([code, err], [0, ""]);
    const below = shownBy(out);
    for (const cell of cells.filter(({ cell_type }) => cell_type === "code")) {
      const shown = below.get(cell.id) ?? [];
      const pictures = shown.filter(({ kind }) => kind === "image/svg+xml");
      assertEquals(pictures.length, countPictures(cell), cell.id);
      assert(pictures.every(({ text }) => isPicture(text)), cell.id);
      if (!cell.id.endsWith("-turn")) continue;
      assertEquals(shown.at(-1), { kind: "text/plain", text: "Right." }, cell.id);
    }
    const all = [...below.values()].flat();
    assert(all.filter(({ kind }) => kind === "image/svg+xml").length >= 10);
    assertEquals(all.filter(({ kind }) => kind === "text/markdown").length, 2);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
