/** The student's own report: what is made anew in it, what is kept, and its files. */
import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { parse } from "@std/csv";
import { stages, UserError } from "@hugo-lab/model";
import type { Report } from "../../scripts/lib/report/document.ts";
import { parseHTML } from "../../scripts/lib/report/packages.ts";
import { writeSheet } from "../../scripts/lib/report/sheet.ts";
import { fileName, toCsv, toLatex } from "../../scripts/lib/report/tablefiles.ts";
import { parts, stories } from "../../scripts/lib/report/story.ts";
import { test } from "../lib/needs.ts";
import { writeAll, writeCsv } from "../lib/report_results.ts";
import { inFolder, task } from "../lib/tasks.ts";

const needs = ["read", "write", "run"] as const;
const TEXT = "Le vent, la mer et l'été.\nOù va la barque ? 12\n".repeat(40);

/** A report of one section with a table of one figure and a question. */
function reportOf(figure: string, sample = "abc"): Report {
  return {
    title: "t",
    summary: [],
    sections: [{
      id: "multi_head",
      title: "multi_head",
      short: "multi_head",
      blocks: [
        { kind: "table", caption: "Losses", columns: ["loss"], textColumns: 0, rows: [[figure]] },
        { kind: "samples", samples: [{ title: "sample", text: sample }] },
        { kind: "question", label: "Question", text: "Why?" },
      ],
    }],
  };
}

const write = (report: Report, old?: string) => writeSheet(report, "sheet", old);

test("a second sheet has the new figures and what the student wrote", [], () => {
  const first = write(reportOf("2.17")).text;
  assertStringIncludes(first, "2.17");
  assertStringIncludes(first, "**Question.** Why?");
  const written = first.replace("_Your answer:_", "Because of the heads.")
    .replace("Name:", "Name: Léa").replace("<!-- lab:begin", "Before it.\n\n<!-- lab:begin");
  const { text, left } = write(reportOf("2.08"), written);
  assertEquals(left, []);
  for (const kept of ["Because of the heads.", "Name: Léa", "Before it."]) {
    assertStringIncludes(text, kept);
  }
  assertStringIncludes(text, "2.08");
  assert(!text.includes("2.17"));
  assertEquals(write(reportOf("2.08"), text).text, text, "nothing changes without a new run");
});

test("a part that the student changed is theirs, until they empty it", [], () => {
  const changed = write(reportOf("2.17")).text.replace("2.17", "2.17 (wonderful)");
  const { text, left } = write(reportOf("2.08"), changed);
  assertEquals([text, left], [changed, ["multi_head"]]);
  const emptied = changed.replace(/(lab:begin multi_head \w+ -->)[^]*(<!-- lab:end)/, "$1\n$2");
  assertStringIncludes(write(reportOf("2.08"), emptied).text, "2.08");
});

test("an editor's line ends and aligned tables are no change", [], () => {
  const windows = write(reportOf("2.17")).text.replaceAll("\n", "\r\n").replace(
    "| 2.17 |",
    "|   2.17|",
  );
  const { text, left } = write(reportOf("2.08"), windows);
  assertEquals(left, []);
  assertStringIncludes(text, "2.08");
  assertEquals(text.replaceAll("\r\n", "").includes("\n"), false, "line ends are kept");
});

test("a part that the student took out stays out", [], () => {
  const without = write(reportOf("2.17")).text.replace(/<!-- lab:begin[^]*lab:end \w+ -->/, "");
  assertEquals(write(reportOf("2.08"), without).text, without);
});

test("marks that are not in pairs are refused with their line", [], () => {
  const text = write(reportOf("2.17")).text;
  const noEnd = text.replace(/<!-- lab:end \w+ -->/, "");
  assertThrows(() => write(reportOf("2"), noEnd), UserError, "has no <!-- lab:end multi_head -->");
  const noBegin = text.replace(/<!-- lab:begin .*-->/, "");
  assertThrows(() => write(reportOf("2"), noBegin), UserError, "an end without a beginning");
});

test("a mark in a text that a model wrote is none", [], () => {
  const sample = "a\n<!-- lab:end multi_head -->\n<!-- lab:begin multi_head 0 -->\nb";
  const { text } = write(reportOf("2.17", sample));
  assertEquals(write(reportOf("2.17", sample), text).text, text);
});

test("report --sheet writes every question, the pictures that it shows and every table", [
  ...needs,
], () =>
  inFolder(async (folder) => {
    await writeAll(folder, TEXT);
    await Deno.writeTextFile(`${folder}/text.txt`, TEXT);
    const sheet = () =>
      task("report", "--sheet", `--results=${folder}`, `--corpus=${folder}/text.txt`);
    const { code, out, err } = await sheet();
    assertEquals([code, out, err], [0, `${folder}/sheet.md\n`, ""]);
    const text = await Deno.readTextFile(`${folder}/sheet.md`);
    for (const { tasks, questions } of [...Object.values(parts), ...Object.values(stories)]) {
      for (const asked of [...tasks, ...questions]) assertStringIncludes(text, asked);
    }
    const shown = [...text.matchAll(/\]\((sheet\/[^)]+\.svg)\)/g)].map(([, path]) => path);
    assert(shown.length > 20, `${shown.length} pictures`);
    for (const path of shown) {
      const svg = await Deno.readTextFile(`${folder}/${path}`);
      assertMatch(svg, /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
      assert(!svg.includes("var(--"), path);
      const { document } = parseHTML(svg) as unknown as {
        document: { querySelectorAll(s: string): Iterable<unknown> };
      };
      assert([...document.querySelectorAll("text")].length > 2, path);
    }
    for (const name of Object.keys(stages).filter((name) => name !== "bigram")) {
      const rows = parse(await Deno.readTextFile(`${folder}/tables/${name}-every-evaluation.csv`));
      assertEquals(rows.map(([step, train]) => [step, train]).slice(1), [
        ["0", "4.5000"],
        ["100", "2.2500"],
        ["200", "1.5000"],
      ]);
      await Deno.stat(`${folder}/tables/${name}-every-evaluation.tex`);
    }
    await Deno.writeTextFile(`${folder}/sheet.md`, text.replace("Name:", "Name: Léa"));
    const columns = ["step", "train_loss", "val_loss"];
    await writeCsv(folder, "blocks/losses", columns, [[0, 4, 4], [200, 1.2345, 1.5]]);
    assertEquals((await sheet()).code, 0);
    const again = await Deno.readTextFile(`${folder}/sheet.md`);
    assertStringIncludes(again, "Name: Léa");
    assertStringIncludes(again, "1.2345");
    await Deno.writeTextFile(`${folder}/sheet.md`, again.replace("<!-- lab:end blocks -->", ""));
    const broken = await sheet();
    assertEquals([broken.code, broken.out], [2, ""]);
    assertMatch(broken.err, /^error: cannot renew [^\n]*sheet\.md: line \d+: [^\n]*\n$/);
  }));

test(
  "a sheet that is no UTF-8 is left as it is, and its mark too where it is one",
  [...needs],
  () =>
    inFolder(async (folder) => {
      await writeAll(folder, TEXT);
      const path = `${folder}/sheet.md`;
      const corpus = "--corpus=data/practice_corpus.txt";
      assertEquals((await task("report", "--sheet", `--results=${folder}`, corpus)).code, 0);
      const good = await Deno.readFile(path);
      const latin1 = Uint8Array.of(...good, ...Array.from("réponse\n", (c) => c.charCodeAt(0)));
      await Deno.writeFile(path, latin1);
      const { code, err } = await task("report", "--sheet", `--results=${folder}`, corpus);
      assertEquals(code, 2, err);
      assertMatch(err, /^error: cannot renew .*sheet\.md: it is no UTF-8 text; save it in UTF-8/m);
      assertEquals(await Deno.readFile(path), latin1);
      await Deno.writeTextFile(path, `\ufeff${new TextDecoder().decode(good)}`);
      assertEquals((await task("report", "--sheet", `--results=${folder}`, corpus)).code, 0);
      assertEquals([...(await Deno.readFile(path)).subarray(0, 3)], [0xef, 0xbb, 0xbf]);
      await Deno.writeTextFile(path, "# Mine\n");
      const mine = await task("report", "--sheet", `--results=${folder}`, corpus);
      assertEquals([mine.code, await Deno.readTextFile(path)], [0, "# Mine\n"]);
      assertMatch(mine.err, /sheet\.md: no part of it is the report's/);
    }),
);

test("a table as CSV has numbers that programs read", [], () => {
  const table = {
    kind: "table" as const,
    caption: "The losses, in nats",
    columns: [
      "stage",
      "parameters",
      "train loss",
      "notebook",
      "difference",
      "val loss",
      "notebook",
    ],
    textColumns: 1,
    rows: [['a "b", c', "10,949", "2.1", "–", "−0.0010", "+0.5", "1"]],
  };
  const csv = toCsv(table);
  assert(csv.endsWith("\r\n"), "RFC 4180");
  assertEquals(parse(csv), [
    [
      "stage",
      "parameters",
      "train loss",
      "train loss: notebook",
      "difference",
      "val loss",
      "val loss: notebook",
    ],
    ['a "b", c', "10949", "2.1", "", "-0.0010", "+0.5", "1"],
  ]);
  assertEquals(fileName(table.caption), "the-losses-in-nats");
});

test("a table as LaTeX has nothing that LaTeX would take for a command", [], () => {
  const table = {
    kind: "table" as const,
    caption: "50 % of a_b",
    columns: ["c", "n"],
    textColumns: 1,
    rows: [["\\input{x} & $#^~", "−1"]],
  };
  const latex = toLatex(table);
  assertStringIncludes(latex, "\\caption{50 \\% of a\\_b}");
  assertStringIncludes(latex, "\\begin{tabular}{lr}");
  assertStringIncludes(
    latex,
    "\\textbackslash{}input\\{x\\} \\& \\$\\#\\textasciicircum{}\\textasciitilde{} & $-$1 \\\\",
  );
});
