/** The report's files: what they hold, and what they do with files that are wrong or mean harm. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { parseHTML } from "../../scripts/lib/report/packages.ts";
import {
  corpusFromBytes,
  encodeSafetensors,
  Generator,
  HUGO_SHA256,
  type StageName,
  stages,
  UserError,
  Vocabulary,
} from "@hugo-lab/model";
import { runCurves } from "../../scripts/lib/report/curves.ts";
import { diagram } from "../../scripts/lib/report/diagram.ts";
import { paragraph } from "../../scripts/lib/report/document.ts";
import { gather, modelOf, notebookDifferences } from "../../scripts/lib/report/gather.ts";
import { writeSections } from "../../scripts/lib/report/sections.ts";
import { toHtml } from "../../scripts/lib/report/html.ts";
import { toMarkdown } from "../../scripts/lib/report/markdown.ts";
import { heatMap } from "../../scripts/lib/report/heatmap.ts";
import { insights } from "../../scripts/lib/report/insights.ts";
import { isMoreThanChance, kindOf, neighbours } from "../../scripts/lib/report/neighbours.ts";
import { choices, notices } from "../../scripts/lib/report/notices.ts";
import { learnedNothing, overfitting } from "../../scripts/lib/report/overfitting.ts";
import { notebook, readRuns, type Run } from "../../scripts/lib/report/runs.ts";
import {
  differences,
  notebookSettings,
  tellDifferences,
} from "../../scripts/lib/report/settings.ts";
import { classSource } from "../../scripts/lib/report/source.ts";
import { stories } from "../../scripts/lib/report/story.ts";
import { showDifference } from "../../scripts/lib/report/tables.ts";
import {
  countedLoss,
  countedPairs,
  firstLineOf,
  label,
  validationWindows,
  visible,
} from "../../scripts/lib/report/text.ts";
import { lookBack, readWeights } from "../../scripts/lib/report/weights.ts";
import { newIdentity, writeIdentity } from "../../scripts/lib/run/identity.ts";
import { test } from "../lib/needs.ts";
import { writeAll, writeCsv, writeRun } from "../lib/report_results.ts";
import { inFolder, type Outcome, task } from "../lib/tasks.ts";

const TEXT = "Le vent, la mer et l'été.\nOù va la barque ? 12\n".repeat(40);
/** Would run, break out or turn the page's order if it were not escaped. */
const HOSTILE = "</pre><script>document.title='run'</script><img src=x onerror=alert(1)>" +
  "\"'`|*_```\n~~~\n# no\u0000\u001b[31m\u202egnp\u2066\ud800";

const report = (...args: string[]): Promise<Outcome> => task("report", ...args);

/** The page's tables by caption: rows of cells, headings among them. */
function tablesOf(page: string): Map<string, string[][]> {
  const { document } = parseHTML(page) as unknown as { document: Queried };
  return new Map(
    [...document.querySelectorAll("table")].map((table) => [
      table.querySelector("caption")!.textContent,
      [...table.querySelectorAll("tr")].map((row) =>
        [...row.querySelectorAll("th,td")].map((cell) => cell.textContent)
      ),
    ]),
  );
}

interface Queried {
  textContent: string;
  querySelector(selector: string): Queried | null;
  querySelectorAll(selector: string): Iterable<Queried>;
}

const needs = ["read", "write", "run"] as const;

test(
  "report writes a page and Markdown of every stage",
  [...needs],
  () =>
    inFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/text.txt`, TEXT);
      await writeAll(folder, TEXT);
      const args = [`--results=${folder}`, `--corpus=${folder}/text.txt`];
      const { code, out, err } = await report(...args);
      assertEquals([code, out, err], [0, `${folder}/report.html\n`, ""]);
      const page = await Deno.readTextFile(`${folder}/report.html`);
      const markdown = await Deno.readTextFile(`${folder}/report.md`);
      const { document } = parseHTML(page) as unknown as { document: Queried };
      const titles = [...document.querySelectorAll("figcaption")].map((f) => f.textContent);
      for (const name of Object.keys(stages)) {
        assertStringIncludes(markdown, `## ${name}: `);
        assert(titles.includes(`${name}: the architecture`), name);
        if (name === "bigram") continue;
        assert(titles.includes(`${name}: loss against iterations`), name);
        assert(titles.some((title) => title.startsWith(`${name}: how far back`)), name);
      }
      const drawn = titles.filter((title) => title.includes("takes for alike"));
      assertEquals(drawn, [], "weights that were only drawn tell no kinds apart");
      const rungs = [...document.querySelectorAll(".ladder li")].map((rung) => rung.textContent);
      assertEquals(rungs.length, Object.keys(stages).length);
      for (const rung of rungs) assertMatch(rung, /1\.53\s+nats\s+among 4\.6 characters/);
      assert(titles.includes("What follows what, as bigram learned it"));
      assert(titles.includes("block 2, head 2"));
      const pictures = [...document.querySelectorAll("svg:not(.bar[aria-hidden=true])")];
      const named = [...document.querySelectorAll("svg[role=img] > title:first-child + desc")];
      assertEquals(named.length, pictures.length);
      const rows = tablesOf(page).get("multi_head: every evaluation")!;
      assertEquals(rows.slice(1).map((row) => [row[0], row[1], row[7]]), [
        ["0", "4.5000", "0.5"],
        ["100", "2.2500", "1.5"],
        ["200", "1.5000", "2.5"],
      ]);
    }),
);

test(
  "numbers come from the CSV files, beside the notebook's",
  [...needs],
  () =>
    inFolder(async (folder) => {
      const losses = notebook.runs.multi_head.losses.map((row) => [
        row.step,
        row.trainLoss + 0.01,
        row.valLoss,
      ]);
      await writeCsv(folder, "multi_head/losses", ["step", "train_loss", "val_loss"], losses);
      await writeCsv(folder, "multi_head/samples", ["step", "prompt", "text"], [[
        4999,
        "a",
        "abc",
      ]]);
      assertEquals((await report(`--results=${folder}`)).code, 0);
      const tables = tablesOf(await Deno.readTextFile(`${folder}/report.html`));
      const [, ...results] = tables.get("The last evaluation of every stage, in nats a character")!;
      const row = results.find(([title]) => title === "multi_head")!;
      assertEquals(row.slice(2), [
        "4999",
        "2.1661",
        "2.1561",
        "+0.0100",
        "2.1703",
        "2.1703",
        "0.0000",
        "–",
      ]);
      assertEquals(tables.get("multi_head: every evaluation")!.length, 12);
    }),
);

test(
  "an empty folder gives a report that names every task to run",
  [...needs],
  () =>
    inFolder(async (folder) => {
      assertEquals((await report(`--results=${folder}`)).code, 0);
      const page = await Deno.readTextFile(`${folder}/report.html`);
      for (const name of ["stats", "split", "attention", ...Object.keys(stages)]) {
        assertStringIncludes(page, `<code>deno task ${name}</code>`);
      }
    }),
);

test(
  "a half-finished run shows its rows so far, without an older run's sample",
  [...needs],
  () =>
    inFolder(async (folder) => {
      await writeRun(folder, "multi_head", { evaluations: 4, sample: "OLDER" });
      const rows = [[0, 4.5, 4.6], [100, 3, 3.1]];
      await writeCsv(folder, "multi_head/losses", ["step", "train_loss", "val_loss"], rows);
      assertEquals((await report(`--results=${folder}`)).code, 0);
      const page = await Deno.readTextFile(`${folder}/report.html`);
      assertStringIncludes(page, "multi_head has not come to its end");
      assertStringIncludes(page, "100, unfinished");
      assert(!page.includes("OLDER"));
    }),
);

test(
  "weights that are not there are named with the command that makes them",
  [...needs],
  () =>
    inFolder(async (folder) => {
      await writeRun(folder, "blocks");
      assertEquals((await report(`--results=${folder}`)).code, 0);
      const markdown = await Deno.readTextFile(`${folder}/report.md`);
      assertMatch(markdown, /pictures of the weights.*`deno task blocks`/);
    }),
);

test(
  "weights of another run than the folder's last one are named and not shown",
  [...needs],
  () =>
    inFolder(async (folder) => {
      await writeRun(folder, "single_head", { letters: TEXT });
      const text = "final.safetensors is not used: it is of another run";
      const markdown = async () => {
        assertEquals((await report(`--results=${folder}`, "--prompt=la mer")).code, 0);
        return await Deno.readTextFile(`${folder}/report.md`);
      };
      assert(!(await markdown()).includes(text));
      const later = Date.now() / 1000 + 60;
      await Deno.utime(`${folder}/single_head/losses.csv`, later, later); // times tell nothing
      assert(!(await markdown()).includes(text));
      const run = { id: "another", stage: "single_head", started: "2026-01-31T12:00:00.000Z" };
      await Deno.writeTextFile(`${folder}/single_head/identity.json`, JSON.stringify(run));
      assertStringIncludes(await markdown(), text);
    }),
);

test(
  "weights whose checkpoint has other rows than the folder are not shown",
  [...needs],
  () =>
    inFolder(async (folder) => {
      await writeRun(folder, "single_head", { letters: TEXT });
      const settings = { ...stages.single_head.model };
      const rows = { losses: [["0", "4.5", "4.6"], ["100", "1.500000", "1.600000"]] };
      const run = JSON.stringify({ iters: 101, settings, rows });
      const path = `${folder}/single_head/checkpoint.safetensors`;
      await Deno.writeFile(path, encodeSafetensors([], { run }));
      assertEquals((await report(`--results=${folder}`)).code, 0);
      const markdown = await Deno.readTextFile(`${folder}/report.md`);
      assertStringIncludes(markdown, "are not used: the losses are another run's");
    }),
);

test("attention is shown on the prompt, and a prompt of other characters is refused", [
  ...needs,
], () =>
  inFolder(async (folder) => {
    await writeRun(folder, "single_head", { letters: TEXT });
    assertEquals((await report(`--results=${folder}`, "--prompt=la mer")).code, 0);
    assertStringIncludes(await Deno.readTextFile(`${folder}/report.md`), "`la␣mer`");
    for (
      const [prompt, message] of [["漢", '--prompt: the character "漢"'], ["", "--prompt needs"]]
    ) {
      const { code, err } = await report(`--results=${folder}`, `--prompt=${prompt}`);
      assertEquals(code, 2);
      assertStringIncludes(err, message);
    }
  }));

const HEAD = "step,train_loss,val_loss\r\n";
const damages: [what: string, path: string, text: string | Uint8Array<ArrayBuffer>][] = [
  ["an open quote", "multi_head/losses.csv", 'step,train_loss,val_loss\r\n0,"1,2\r\n'],
  ["a missing column", "multi_head/losses.csv", "step,train_loss\r\n0,1\r\n"],
  ["a cut row", "multi_head/losses.csv", "step,train_loss,val_loss\r\n0,1\r\n"],
  ["half a number", "multi_head/losses.csv", `${HEAD}0,4.500000,4.600000\r\n500,1.950123,1.95`],
  [
    "a short number",
    "multi_head/losses.csv",
    `${HEAD}0,4.500000,4.600000\r\n500,1.95,1.950123\r\n`,
  ],
  ["a row twice", "multi_head/losses.csv", `${HEAD}${"0,4.500000,4.600000\r\n".repeat(2)}`],
  [
    "reversed rows",
    "multi_head/losses.csv",
    `${HEAD}500,1.950000,1.960000\r\n0,4.500000,4.600000\r\n`,
  ],
  ["other columns", "multi_head/losses.csv", "step,train_loss,val_loss,iterations\r\n0,1,2,3\r\n"],
  [
    "exchanged names",
    "multi_head/losses.csv",
    "step,val_loss,train_loss\r\n0,4.500000,4.600000\r\n",
  ],
  ["a loss below zero", "multi_head/losses.csv", `${HEAD}0,4.500000,-4.600000\r\n`],
  ["a time below zero", "multi_head/timings.csv", "step,seconds\r\n0,-1.200\r\n"],
  ["a time before", "multi_head/timings.csv", "step,seconds\r\n0,1.200\r\n9,1.100\r\n"],
  ["half a time", "multi_head/timings.csv", "step,seconds\r\n0,1.2\r\n"],
  ["words for numbers", "multi_head/losses.csv", "step,train_loss,val_loss\r\n0,one,2\r\n"],
  [
    "a sample twice",
    "multi_head/samples.csv",
    `step,prompt,text\r\n${'500,"\n","\na\nb"\r\n'.repeat(2)}`,
  ],
  ["no UTF-8", "multi_head/samples.csv", new Uint8Array([0x73, 0xff])],
  ["two characters for one", "stats/counts.csv", "character,count\r\nab,2\r\n"],
  ["a character twice", "stats/counts.csv", "character,count\r\na,2\r\na,2\r\n"],
  ["reversed counts", "stats/counts.csv", "character,count\r\nb,1\r\na,2\r\n"],
  ["a part twice", "split/split.csv", "set,characters\r\ntrain,9\r\ntrain,9\r\n"],
  ["a context twice", "split/context.csv", "context,target\r\na,b\r\nab,c\r\nab,c\r\n"],
  [
    "a missing weight",
    "attention/weights.csv",
    "row,column,weight\r\n0,0,1.000000\r\n0,1,0.000000\r\n",
  ],
  [
    "reversed weights",
    "attention/weights.csv",
    "row,column,weight\r\n1,1,0.500000\r\n1,0,0.500000\r\n0,1,0.000000\r\n0,0,1.000000\r\n",
  ],
  ["a cell outside", "attention/weights.csv", "row,column,weight\r\n0,999999999,1\r\n"],
  ["no tensors", "multi_head/final.safetensors", "no safetensors"],
];
for (const [what, path, content] of damages) {
  test(
    `${what} in ${path} ends it with one line, code 2 and the old report`,
    [...needs],
    () =>
      inFolder(async (folder) => {
        await writeRun(folder, "multi_head");
        await Deno.mkdir(`${folder}/${path.split("/")[0]}`, { recursive: true });
        const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
        await Deno.writeFile(`${folder}/${path}`, bytes);
        await Deno.writeTextFile(`${folder}/report.html`, "old");
        const { code, out, err } = await report(`--results=${folder}`);
        assertEquals([code, out], [2, ""]);
        assertMatch(err, /^error: [^\n]*deno task [^\n]*\n$/);
        assertStringIncludes(err, path);
        assertEquals(await Deno.readTextFile(`${folder}/report.html`), "old");
        assertEquals([...Deno.readDirSync(folder)].filter(({ isFile }) => isFile).length, 1);
      }),
  );
}

test("weights of another stage are refused", ["read", "write"], () =>
  inFolder(async (folder) => {
    await writeRun(folder, "multi_head", { letters: "abc" });
    await writeRun(folder, "blocks");
    await Deno.copyFile(
      `${folder}/multi_head/final.safetensors`,
      `${folder}/blocks/final.safetensors`,
    );
    await assertRejects(() => readWeights(folder, stages.blocks), UserError, "cannot use");
  }));

test(
  "a run's sizes are read from its weights",
  ["read", "write"],
  () =>
    inFolder(async (folder) => {
      const model = { ...stages.blocks.model, nEmbd: 12, nHead: 3, nLayer: 2, blockSize: 5 };
      await writeRun(folder, "blocks", { letters: "abcdefg", model });
      const weights = await readWeights(folder, stages.blocks);
      assert(weights && "config" in weights);
      assertEquals([weights.config, weights.vocabulary.size], [model, 7]);
    }),
);

test(
  "a training that diverged is shown as it is",
  ["read", "write"],
  () =>
    inFolder(async (folder) => {
      const rows = [[0, 4, 4], [1, "NaN", "Infinity"]];
      await writeCsv(folder, "multi_head/losses", ["step", "train_loss", "val_loss"], rows);
      const [run] = (await readRuns(folder)).get("multi_head")!;
      assertEquals(run.losses[1], { step: 1, trainLoss: NaN, valLoss: Infinity });
      assertEquals(showDifference(NaN, 2), "–");
      await writeCsv(folder, "multi_head/losses", ["step", "train_loss", "val_loss"], [[
        0,
        "NaN",
        "NaN",
      ]]);
      const { sections } = await writeSections(await gather({ folder }));
      const { text } = await toHtml({ title: "t", summary: [], sections });
      assertStringIncludes(text, '<td class="number">NaN</td>');
      assert(!/loss against|[dxy]\d?="[^"]*NaN/.test(text), "nothing to draw");
    }),
);

test("--compare lays two folders side by side", [...needs], () =>
  inFolder(async (folder) => {
    const model = { ...stages.multi_head.model, nHead: 2 };
    await writeRun(`${folder}/a`, "multi_head", { letters: "abc" });
    await writeRun(`${folder}/b`, "multi_head", { letters: "abc", model });
    const rows = [[0, 4, 4], [200, 1.125, 1.75]];
    await writeCsv(`${folder}/b`, "multi_head/losses", ["step", "train_loss", "val_loss"], rows);
    const { code, out } = await report(
      "--compare",
      `${folder}/a`,
      `${folder}/b`,
      `--results=${folder}`,
    );
    assertEquals([code, out], [0, `${folder}/compare.html\n`]);
    const page = await Deno.readTextFile(`${folder}/compare.html`);
    assertStringIncludes(page, "4 heads");
    assertStringIncludes(page, "2 heads");
    assertStringIncludes(page, "A and B differ in: heads 4 (B 2).");
    assertStringIncludes(page, "Seed, rate and batch of A and B are not known here");
    const [, row] = tablesOf(page).get("The last evaluations, in nats a character")!;
    assertEquals(row.slice(0, 6), ["multi_head", "200", "200", "1.5000", "1.1250", "−0.3750"]);
  }));

for (
  const [what, args, message] of [
    ["one folder to compare", ["--compare=results"], "needs two folders"],
    ["a folder to compare that is not there", ["--compare", "results", "none"], "no folder none"],
    ["a results folder that is not there", ["--results=none"], "no folder none"],
    ["--sheet with --serve", ["--sheet", "--serve"], "leave one out"],
    ["--port without --serve", ["--port=8000"], "--port needs --serve"],
    ["a port out of range", ["--serve", "--port=70000"], "--port must be a whole number"],
    ["an unknown corpus", ["--corpus=none.txt"], "there is no corpus none.txt"],
  ] as const
) {
  test(`report is told of ${what} in one line, code 2`, [...needs], async () => {
    const { code, err } = await report(...args);
    assertEquals(code, 2);
    assertMatch(err, /^error: [^\n]*\n$/);
    assertStringIncludes(err, message);
  });
}

test(
  "what comes from files is text in the page and in Markdown, whatever it says",
  [],
  async () => {
    const blocks = [
      paragraph(HOSTILE, { code: HOSTILE }),
      {
        kind: "table" as const,
        caption: HOSTILE,
        columns: [HOSTILE],
        textColumns: 1,
        rows: [[HOSTILE]],
      },
      { kind: "samples" as const, samples: [{ title: HOSTILE, text: visible(HOSTILE) }] },
    ];
    const sections = [{ id: "x", title: HOSTILE, short: HOSTILE, blocks }];
    const hostile = { title: HOSTILE, summary: [HOSTILE], sections };
    const { text } = await toHtml(hostile);
    const { document } = parseHTML(text) as unknown as { document: Queried };
    assertEquals([...document.querySelectorAll("img,[onerror]")].length, 0);
    assertEquals([...document.querySelectorAll("script")].length, 1, "the page's own");
    assertEquals(document.querySelector("pre")!.textContent.trimStart(), visible(HOSTILE));
    const markdown = toMarkdown(hostile, "report.html");
    for (const line of markdown.replace(/^(`{3,})\n[^]*?^\1$/gm, "").split("\n")) {
      assert(!/(^|[^\\])<script/.test(line.replace(/`[^`]+`/g, "")), line);
    }
  },
);

test("a sample keeps its spaces and lines, and is cut when it is long", [], async () => {
  const sample = "\n\n   a\n b <b>  \n";
  const report = (text: string) => ({
    title: "t",
    summary: [],
    sections: [{
      id: "x",
      title: "x",
      short: "x",
      blocks: [{ kind: "samples" as const, samples: [{ title: "s", text }] }],
    }],
  });
  const { text } = await toHtml(report(sample));
  assertStringIncludes(text, ">\n\n\n   a\n b &lt;b&gt;  \n</pre>"); // HTML drops the first line's end
  const long = visible("😀".repeat(1_000_000));
  assert(long.endsWith("(998000 more characters)"));
  assertEquals([...long.replace(/….*/, "")].length, 2000);
});

test("characters that do not show have names", [], () => {
  assertEquals([" ", "\n", "\u202e", "\u0000", "é", "\ud800"].map(label), [
    "␣",
    "↵",
    "U+202E",
    "U+0000",
    "é",
    "U+D800",
  ]);
});

test(
  "the page may run nothing but its own lines, and while served those that reload it",
  [],
  async () => {
    const empty = { title: "t", summary: [], sections: [] };
    const still = await toHtml(empty);
    assertMatch(
      still.policy,
      /^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+';/,
    );
    assert(!/unsafe|https?:/.test(still.policy));
    for (const [, script] of still.text.matchAll(/<script>([^]*?)<\/script>/g)) {
      const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(script));
      assertStringIncludes(still.policy, new Uint8Array(digest).toBase64());
    }
    const served = await toHtml(empty, true);
    assertMatch(served.policy, /script-src 'sha256-[^']+' 'sha256-[^']+'; .*connect-src 'self'$/);
  },
);

test("pairs are counted in the training part and sum to 1 a row", [], async () => {
  const corpus = await corpusFromBytes("x", new TextEncoder().encode("abababababababaacccc"));
  const vocabulary = Vocabulary.of(corpus.text, "first appearance");
  const counted = countedPairs(corpus, vocabulary); // of the first 18: abababababababaacc
  assertEquals(counted, [[1 / 9, 7 / 9, 1 / 9], [1, 0, 0], [0, 0, 1]]);
});

for (const [name, { model }] of Object.entries(stages)) {
  test(`${name}'s diagram has its parts`, [], () => {
    const { description, svg } = diagram(name, model, 101);
    const count = (part: RegExp) => description.match(part)?.length ?? 0;
    assertEquals(count(/head \d/g), ["bigram", "single_head"].includes(name) ? 0 : model.nHead);
    assertEquals(count(/LayerNorm/g), model.skip === "none" ? 0 : 3);
    assertEquals(svg.includes(`${model.nLayer} such blocks`), model.body === "blocks");
    assertEquals(count(/; \+/g), (name === "bigram" ? 0 : 1) + (model.skip === "none" ? 0 : 2));
  });
}

test("nearest neighbours' kinds stand beside what chance gives", [], () => {
  const apart = [[1, 0], [1, 0.1], [0, 1], [0.1, 1]];
  assertEquals(neighbours(apart, ["a", "a", "b", "b"]), { share: 1, chance: 1 / 3, count: 4 });
  assertEquals(neighbours(apart, ["a", "b", "a", "b"]).share, 0);
  const generator = new Generator(3);
  const vectors = Array.from({ length: 300 }, () => [...generator.normal(8)]);
  const kinds = vectors.map((_, i) => "abc"[i % 3]);
  const random = neighbours(vectors, kinds);
  assert(Math.abs(random.chance - 1 / 3) < 0.01);
  assert(!isMoreThanChance(random), `${random.share}`);
  const shifted = vectors.map((v, i) => v.map((x, j) => x + (j === i % 3 ? 4 : 0)));
  assert(isMoreThanChance(neighbours(shifted, kinds)));
});

/** The findings on one trained stage whose lm_head the test may change. */
async function findingsOf(folder: string, change: (row: number[], character: string) => number[]) {
  await writeRun(folder, "multi_head", { letters: ALPHABET });
  const findings = await gather({ folder });
  const { weights, vocabulary } = findings.weights.get("multi_head")!;
  const { data, shape: [, size] } = weights.get("lm_head.weight")!;
  vocabulary.characters.forEach((character, i) =>
    data.set(change([...data.subarray(i * size, (i + 1) * size)], character), i * size)
  );
  return findings;
}
const ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const said = (blocks: unknown): string => JSON.stringify(blocks);

test("kinds of characters are drawn where the weights have them, and their share is said anyway", [
  "read",
  "write",
], () =>
  inFolder(async (folder) => {
    const random = await insights(await findingsOf(folder, (row) => row), "multi_head");
    assert(!said(random).includes("takes for alike"));
    assertMatch(
      said(random.notices),
      /\d+ % have a nearest neighbour .* by chance it would be 30 %/,
    );
    const kind = (c: string) => ["vowel", "consonant", "capital", "digit"].indexOf(kindOf(c));
    const apart = (row: number[], c: string) => row.map((x, j) => j === kind(c) ? 50 : x);
    const found = await insights(await findingsOf(folder, apart), "multi_head");
    assertStringIncludes(said(found.folded), "takes for alike");
    assertMatch(said(found.notices), /100 % have a nearest neighbour/);
  }));

test(
  "heads that have no preference look back evenly",
  ["read", "write"],
  () =>
    inFolder(async (folder) => {
      await writeRun(folder, "single_head", { letters: TEXT });
      const trained = (await readWeights(folder, stages.single_head))!;
      trained.weights.get("sa_head.query.weight")!.data.fill(0);
      const corpus = await corpusFromBytes("x", new TextEncoder().encode(TEXT));
      const windows = validationWindows(corpus, trained.vocabulary, 8, 5);
      assertEquals(windows.map(({ length }) => length), [8, 8, 8, 8, 8]);
      const [head] = await lookBack(trained, windows);
      assertEquals(head.title, "the head");
      for (const weight of head.byDistance) assert(Math.abs(weight - 1 / 8) < 1e-6);
    }),
);

test("overfitting is said where it happens, and nowhere else", [], () => {
  const rows = (...losses: [number, number][]) =>
    losses.map(([trainLoss, valLoss], i) => ({ step: 500 * i, trainLoss, valLoss }));
  assertEquals(overfitting(rows([4.6, 4.6], [2.2, 2.3], [2.1, 2.2])), undefined);
  assertEquals(overfitting(rows([4.6, 4.6], [2.34, 2.39], [2.33, 2.44])), undefined, "wavering");
  assertMatch(
    overfitting(rows([4.6, 4.6], [1.4, 1.6], [0.3, 2.1]))!,
    /lowest at step 500, 1\.60, and ends at 2\.10, .* 0\.30/,
  );
  const ruined = rows([4.6, 4.6], [90, 95.5]);
  assertEquals(overfitting(ruined), undefined);
  assertMatch(learnedNothing(ruined)!, /its validation loss is 95\.50, and was 4\.600 at step 0/);
  assertEquals(learnedNothing(rows([4.6, 4.6], [0.1, 7])), undefined, "by heart");
  assertMatch(overfitting(notebook.runs.scaled.losses)!, /0\.27 on the training part and 2\.12/);
  for (const [title, { losses }] of Object.entries(notebook.runs)) {
    assertEquals(overfitting(losses) !== undefined, title === "scaled", title);
  }
});

test("a counted table's loss is that of counting", [], async () => {
  const corpus = await corpusFromBytes("x", new TextEncoder().encode("abababababababababab"));
  const vocabulary = Vocabulary.of(["a", "b"], "code point");
  // Of the first 18: a is followed by b 9 times, by itself never; the last two are "ab".
  assertEquals(countedLoss(corpus, vocabulary), -Math.log(10 / 11));
});

test("a model hesitates among as many characters as e to its loss", [], () => {
  assertEquals([Math.log(8), Math.log(101)].map(choices), ["8.0", "101"]);
});

test("a line to show is the first that is long enough, or the longest", [], () => {
  assertEquals(
    firstLineOf("court\n   une ligne assez longue ici\nautre"),
    "une ligne assez longue ici",
  );
  assertEquals(firstLineOf("a\nbcd\ne"), "bcd");
  assertEquals(firstLineOf("x".repeat(60)), `${"x".repeat(48)}…`);
  assertEquals(firstLineOf("\u202e".repeat(20)).includes("\u202e"), false);
});

/** A checkpoint's header: what the report reads of it. */
async function writeSettings(folder: string, name: StageName, changed: object): Promise<void> {
  const { model, training: { iters, ...training } } = stages[name];
  const settings = { ...model, ...training, ...changed };
  const run = JSON.stringify({ iters, settings, rows: { losses: [["0", "4.5", "4.6"]] } });
  await Deno.writeFile(`${folder}/${name}/checkpoint.safetensors`, encodeSafetensors([], { run }));
}

test("no figure of the notebook stands beside a run of other settings, which are named", [
  "read",
  "write",
], () =>
  inFolder(async (folder) => {
    await writeRun(folder, "multi_head", { evaluations: 51 });
    await writeRun(folder, "blocks", { evaluations: 51 });
    await writeSettings(folder, "multi_head", { nHead: 2, seed: 7 });
    await writeSettings(folder, "blocks", {});
    const { text } = await toHtml(await writeSections(await gather({ folder })));
    const rows = tablesOf(text).get("The last evaluation of every stage, in nats a character")!;
    const row = (name: string) => rows.find(([title]) => title === name)!;
    assertEquals([row("multi_head")[4], row("multi_head")[5]], ["–", "–"]);
    assertEquals(row("blocks")[4], "2.3552");
    assertStringIncludes(text, "heads 2 (the notebook 4), seed 7 (the notebook 2023)");
    assertStringIncludes(text, "multi_head had other settings");
    assert(!text.includes("blocks had other settings"));
  }));

test(
  "a checkpoint of another run says nothing of this one",
  ["read", "write"],
  () =>
    inFolder(async (folder) => {
      await writeRun(folder, "multi_head");
      await writeSettings(folder, "multi_head", { seed: 7 });
      const read = () => gather({ folder });
      assertEquals((await read()).settings.get("multi_head")?.seed, 7);
      await writeIdentity(`${folder}/multi_head`, await newIdentity("multi_head", { seed: 8 }));
      const told = (await read()).settings.get("multi_head");
      assertEquals(told?.seed, 8, "the folder's run is another");
      await Deno.remove(`${folder}/multi_head/identity.json`);
      assertEquals((await read()).settings.size, 1);
      const rows = [[0, 4.25, 4.6], [100, 3, 3.1]];
      await writeCsv(folder, "multi_head/losses", ["step", "train_loss", "val_loss"], rows);
      assertEquals((await read()).settings.size, 0);
      await Deno.writeTextFile(`${folder}/multi_head/checkpoint.safetensors`, "no safetensors");
      await assertRejects(read, UserError, "multi_head/checkpoint.safetensors");
    }),
);

test(
  "what a run was made with is told by its identity, where its checkpoint is not here",
  ["read", "write"],
  () =>
    inFolder(async (folder) => {
      await writeRun(folder, "multi_head");
      const settings = { ...stages.multi_head.model, nEmbd: 64, seed: 8 };
      await writeIdentity(`${folder}/multi_head`, await newIdentity("multi_head", settings));
      const findings = await gather({ folder });
      assertEquals(findings.settings.get("multi_head")?.seed, 8);
      assertEquals(modelOf(findings, "multi_head").config.nEmbd, 64);
    }),
);

test("a run of another length or text is not the notebook's, checkpoint or not", [
  "read",
  "write",
], () =>
  inFolder(async (folder) => {
    await writeRun(folder, "multi_head");
    await writeRun(folder, "feed_forward");
    const told = async () => {
      const found = notebookDifferences(await gather({ folder }), "multi_head");
      return tellDifferences(found, "B");
    };
    assertEquals(await told(), "iterations 201 (B 5000)");
    for (const [name, sha256] of [["multi_head", "12".repeat(32)], ["feed_forward", HUGO_SHA256]]) {
      const settings = { ...stages[name as StageName].model, "the corpus's sha256": sha256 };
      await writeIdentity(`${folder}/${name}`, await newIdentity(name, settings));
    }
    assertEquals(await told(), "text 12121212 (B 94702262), iterations 201 (B 5000)");
    const [[sentence]] = notices(await gather({ folder }), "feed_forward");
    assertMatch(String(sentence), /another: text 94702262 \(multi_head 12121212\)/);
  }));

test("settings that a model has no use for are no difference", [], () => {
  const of = (name: StageName) => notebookSettings(stages[name]);
  assertEquals(differences({ ...of("bigram"), nEmbd: 64, iters: 7 }, of("bigram")), []);
  assertEquals(
    tellDifferences(differences({ ...of("multi_head"), batchSize: 4 }, of("multi_head")), "B"),
    "batch 4 (B 32)",
  );
});

test("the source is the model module's, without the exercises' marks", [], () => {
  for (const { classes } of Object.values(stories)) {
    for (const name of classes) {
      const { text } = classSource(name);
      assertMatch(text, new RegExp(`^/\\*\\* [^]*export class ${name} [^]*\\n}$`));
      assert(!/exercise|^ *\/\/ end$/m.test(text), name);
    }
  }
});

test("a heat map has its scale, and its numbers at their places", [], () => {
  const map = { title: "t", description: "d", axes: { row: "r", column: "c" }, width: 300 };
  const { svg, spots } = heatMap({
    ...map,
    matrix: [[1, 0], [0.25, 0.75]],
    characters: ["a", "b"],
    full: 0.5,
    isCut: true,
  });
  assertMatch(svg, /data-part="scale"[^]*>0<[^]*>0\.5 and more</);
  assertEquals(spots!.map(({ text }) => text), ["a → a: 1.00", "b → a: 0.25", "b → b: 0.75"]);
  assert(spots![1].x === spots![0].x && spots![1].y! > spots![0].y!);
});

test("curves begin after the first evaluation, and a switch has what it switches", [], () => {
  const run = aRun();
  const { svg, legend, spots } = runCurves(run, 440);
  assertEquals(spots!.map(({ text }) => text.split(":")[0]), ["step 100", "step 200"]);
  assertEquals(spots![0].text, "step 100: train 2.2500, validation 2.3000");
  for (const { number } of legend!) assertMatch(svg, new RegExp(`class="[^"]*\\bs${number}"`));
});

function aRun(): Run {
  const losses = [0, 100, 200].map((step, i) => ({
    step,
    trainLoss: 4.5 / (i + 1),
    valLoss: 4.6 / (i + 1),
  }));
  return {
    stage: stages.multi_head,
    title: "multi_head",
    losses,
    seconds: new Map(),
    finished: true,
  };
}

/** Asks a served report as no browser would, and gives each answer's first line and a header. */
const CLIENT = `
const ask = async (port, request) => {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(request + "\\r\\nConnection: close\\r\\n\\r\\n"));
  return (await new Response(connection.readable).text()).split("\\r\\n")[0].split(" ")[1];
};
const [port, ...requests] = JSON.parse(Deno.args[0]);
const answers = [];
for (const request of requests) answers.push(await ask(port, request));
console.log(JSON.stringify(answers));
`;

test(
  "--serve waits for its folder, follows one that is made anew, and takes no strange request",
  [...needs, "signals"],
  () =>
    inFolder(async (folder) => {
      const results = `${folder}/not/yet`;
      const permissions = ["--no-prompt", "--allow-read", "--allow-write", "--allow-net=127.0.0.1"];
      const flags = ["--serve", "--port=0", `--results=${results}`];
      const child = new Deno.Command("deno", {
        args: ["run", "--lock=scripts/deno.lock", ...permissions, "scripts/report.ts", ...flags],
        cwd: new URL("../..", import.meta.url),
        stdout: "piped",
        stderr: "inherit",
      }).spawn();
      try {
        const out = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
        const { value = "" } = await out.read();
        await out.cancel();
        const port = Number(/127\.0\.0\.1:(\d+)/.exec(value)![1]);
        const client = async (code: string, ...args: string[]) => {
          const command = new Deno.Command("deno", { args: ["eval", code, ...args] });
          return new TextDecoder().decode((await command.output()).stdout);
        };
        const ask = async (...requests: string[]) =>
          JSON.parse(await client(CLIENT, JSON.stringify([port, ...requests])));
        const get = (host: string) => `GET / HTTP/1.1\r\nHost: ${host}`;
        const hosts = [`127.0.0.1:${port}`, "localhost", "[", "localhost:99999", "evil.example"];
        assertEquals(await ask(...hosts.map(get)), ["200", "200", "403", "200", "403"]);
        const methods = ["POST", "PUT", "DELETE", "HEAD"];
        assertEquals(
          await ask(...methods.map((method) => `${method} / HTTP/1.1\r\nHost: localhost`)),
          ["405", "405", "405", "200"],
        );
        const page = () =>
          client(`console.log(await (await fetch("http://127.0.0.1:${port}/")).text())`);
        const until = async (text: string) => {
          for (let i = 0; i < 60; i++) {
            if ((await page()).includes(text)) return;
            await new Promise((resolve) => setTimeout(resolve, 100));
          }
          throw new Error(`the page never had ${text}`);
        };
        await writeRun(results, "multi_head", { sample: "the first sample" });
        await until("the first sample");
        await Deno.remove(results, { recursive: true });
        await writeRun(results, "multi_head", { sample: "another sample" });
        await until("another sample");
      } finally {
        child.kill("SIGINT");
        assertEquals((await child.status).code, 0);
      }
    }),
);
