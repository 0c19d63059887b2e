/** What the report shows of studies, of the search, and of what a model knows by heart. */
import { assert, assertAlmostEquals, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { corpusFromBytes, UserError } from "@hugo-lab/model";
import { stringify } from "@std/csv";
import {
  type Block,
  type Report,
  type Section,
  type Table,
} from "../../scripts/lib/report/document.ts";
import { powerLaw, tellLaw } from "../../scripts/lib/report/fit.ts";
import { gather } from "../../scripts/lib/report/gather.ts";
import { toHtml } from "../../scripts/lib/report/html.ts";
import { readSearch, searchColumns } from "../../scripts/lib/report/search_file.ts";
import { writeSections } from "../../scripts/lib/report/sections.ts";
import { flattened } from "../../scripts/lib/report/tablefiles.ts";
import { runColumns } from "../../scripts/lib/study/tables.ts";
import { test } from "../lib/needs.ts";
import { writeAll, writeCsv, writeRun } from "../lib/report_results.ts";
import { inFolder } from "../lib/tasks.ts";

const needs = ["read", "write"] as const;

async function reportOn(folder: string, text?: string): Promise<Report> {
  const bytes = new TextEncoder().encode(text);
  const corpus = text === undefined ? undefined : await corpusFromBytes("text", bytes);
  return await writeSections(await gather({ folder, corpus }));
}

const sectionOf = ({ sections }: Report, id: string): Section | undefined =>
  sections.find((section) => section.id === id);

const blocksOf = (section: Section): Block[] => section.blocks.flatMap(flattened);

const titlesIn = (section: Section): string[] =>
  blocksOf(section).flatMap((block) =>
    block.kind === "figures" ? block.figures.map(({ title }) => title) : []
  );

const tablesIn = (section: Section): Table[] =>
  blocksOf(section).flatMap((block) => block.kind === "table" ? [block] : []);

test("a power law is found in points that follow one, and R² tells how well", [], () => {
  const sizes = [1000, 3000, 10000, 50000];
  const law = powerLaw(sizes.map((x) => ({ x, y: 5 * x ** -0.08 })))!;
  assertAlmostEquals(law.factor, 5, 1e-9);
  assertAlmostEquals(law.exponent, -0.08, 1e-12);
  assertAlmostEquals(law.rSquared, 1, 1e-12);
  assertEquals(tellLaw(law, "N"), "5.00 · N^−0.080, R² 1.000");
  const rough = powerLaw(sizes.map((x, i) => ({ x, y: 5 * x ** -0.08 * (i % 2 ? 1.1 : 0.9) })))!;
  assert(rough.rSquared < 0.95, String(rough.rSquared));
  assertEquals(powerLaw([{ x: 1, y: 1 }, { x: 2, y: 1 }, { x: 2, y: 2 }]), undefined);
});

/** A study's runs of two stages, three depths and three seeds: what depth does is another in each. */
async function writeStudy(folder: string): Promise<void> {
  const rows = ["blocks", "blocks_norm"].flatMap((stage, k) =>
    [1, 3, 12].flatMap((depth) =>
      [1, 2, 3].map((seed) => {
        const loss = (2.2 + (k === 0 ? 0.1 : -0.02) * depth + 0.01 * seed).toFixed(6);
        return [
          "x",
          stage,
          seed,
          8000 * depth,
          `${3 * depth}.000`,
          loss,
          90,
          99,
          loss,
          loss,
          depth,
        ];
      })
    )
  );
  await Deno.mkdir(`${folder}/studies/depth`, { recursive: true });
  const text = stringify([[...runColumns, "n-layer"], ...rows]);
  await Deno.writeTextFile(`${folder}/studies/depth/runs.csv`, text);
}

test(
  "a study is drawn against parameters, seconds and what was varied, and by seeds",
  [...needs],
  () =>
    inFolder(async (folder) => {
      assertEquals(sectionOf(await reportOn(folder), "studies"), undefined);
      await writeStudy(folder);
      const section = sectionOf(await reportOn(folder), "studies")!;
      assertEquals(titlesIn(section), [
        "depth: validation against parameters",
        "depth: validation against seconds",
        "depth: validation against n-layer",
        "depth: what the seed alone changes",
      ]);
      const [table] = tablesIn(section);
      const [first] = table.rows;
      assertEquals(first, [
        "blocks, n-layer 1",
        "8,000",
        "3",
        "2.3200",
        "0.0100",
        "2.3200",
        "0.0100",
        "3.0 s",
      ]);
      const words = JSON.stringify(section.blocks);
      assertMatch(words, /what skip connections are for/);
      assertMatch(words, /blocks: \d\.\d\d · N\^0\.\d{3}, R² 0\.9\d\d; blocks_norm: .* N\^−0\.0/);
    }),
);

test(
  "a study's file that is damaged is told with its line",
  [...needs],
  () =>
    inFolder(async (folder) => {
      await writeStudy(folder);
      const path = `${folder}/studies/depth/runs.csv`;
      const text = await Deno.readTextFile(path);
      await Deno.writeTextFile(path, text.replace("2.320000", "2.3"));
      const { message } = await assertRejects(() => reportOn(folder), UserError);
      assertMatch(message, /runs\.csv: line \d: "2.3" is half a number.*deno task study/);
    }),
);

const search = [
  ["base", "", 1, 800, 100, 60, 1.62, 58, 1.63, 1.4],
  ["base", "", 2, 800, 100, 60, 1.64, 58, 1.65, 1.4],
  ["no dropout", "base", 1, 800, 110, 60, 1.7, 40, 1.8, 1.1],
  ["rotary", "base", 1, 780, 95, 60, 1.58, 60, "", ""],
  ["rotary", "base", 2, 780, 95, 60, 1.6, 60, "", ""],
  ["wide", "base", "", 3000, 40, 60, 1.66, "", "", ""],
  ["rate 0.0005", "base", 1, 800, 100, 60, 1.67, "", "", ""],
];

async function writeSearch(folder: string, rows: unknown[][]): Promise<void> {
  await Deno.mkdir(`${folder}/search`, { recursive: true });
  const text = stringify([[...searchColumns], ...rows]);
  await Deno.writeTextFile(`${folder}/search/search.csv`, text);
}

test(
  "the search has its changes sorted by what they bring alone",
  [...needs],
  () =>
    inFolder(async (folder) => {
      await writeSearch(folder, search);
      const section = sectionOf(await reportOn(folder), "search")!;
      assertEquals(titlesIn(section), [
        "Changes of “base”, 60 s each",
        "The search: validation against parameters",
      ]);
      const [figures] = section.blocks.filter((block) => block.kind === "figures");
      assertMatch(
        figures.figures[0].description,
        /^rotary: -0\.040 ± 0\.014 over 2; wide: 0\.030; rate 0\.0005: 0\.040; no dropout: 0\.070$/,
      );
      assertMatch(figures.figures[0].svg, />rate 0\.0005</); // not as a coordinate is, to hundredths
      const [table] = tablesIn(section);
      assertEquals(table.rows[3].slice(0, 8), [
        "rotary",
        "base",
        "1",
        "780",
        "95",
        "60",
        "1.5800",
        "−0.0500",
      ]);
    }),
);

test(
  "a search that is no search is told with its line",
  [...needs],
  () =>
    inFolder(async (folder) => {
      const wrong: [unknown[][], RegExp][] = [
        [[["a", "b", 1, 1, 1, 1, 1.5, 1, 1, 1]], /line 2: no row is of its base "b"; mend it/],
        [[["a", "", 1, 1, 1, 1, "", 1, 1, 1]], /line 2: it has no best_val_loss/],
        [[["a", "", "x", 1, 1, 1, 1, 1, 1, 1]], /line 2: seed "x" is no number/],
      ];
      for (const [rows, message] of wrong) {
        await writeSearch(folder, rows);
        assertMatch((await assertRejects(() => readSearch(folder), UserError)).message, message);
      }
    }),
);

const TEXT = "Le vent, la mer et l'été qui vient.\nOù va la barque, ô nuit ? 12\n".repeat(40);

test(
  "a run of scaled shows its best and last sample, and marks what is copied",
  [...needs],
  () =>
    inFolder(async (folder) => {
      await writeAll(folder, TEXT);
      await writeCsv(folder, "scaled/losses", ["step", "train_loss", "val_loss"], [
        [0, 4.6, 4.6],
        [100, 2.1, 2.2],
        [200, 1.2, 2.4],
        [300, 0.3, 3.1],
      ]);
      await writeCsv(folder, "scaled/samples", ["step", "prompt", "text"], [
        [100, "\n", "\nla nuit va <b> où"],
        [300, "\n", "\nXX la mer et l'été qui vient.\nXX"],
      ]);
      const report = await reportOn(folder, TEXT);
      const section = sectionOf(report, "scaled")!;
      const [table] = tablesIn(section);
      assertEquals(table.rows.map(([title]) => title).slice(0, 2), [
        "the best weights, of step 100: 2.20",
        "the last weights, of step 300: 3.10",
      ]);
      const copied = " la mer et l'été qui vient.\n";
      assertEquals(table.rows[1].slice(2), [
        String(copied.length),
        table.rows[1][3],
        `${Math.round(100 * copied.length / (copied.length + 5))} %`,
      ]);
      assertEquals(table.rows[0].at(-1), "0 %");
      const { text } = await toHtml(report);
      assert(text.includes(`XX<mark>${copied.replaceAll("'", "&#39;")}</mark>XX`), "marks");
      assert(!text.includes("<b> où"), "escaped");
      assertMatch(
        JSON.stringify(section.blocks),
        /It overfits: the validation loss was lowest at step 100/,
      );
      const curve = blocksOf(section).flatMap((block) =>
        block.kind === "figures" ? block.figures : []
      )
        .find(({ title }) => title === "scaled: loss against iterations")!;
      assertMatch(curve.svg, />best</);
    }),
);

test(
  "a run that does not overfit has no best step pointed out",
  [...needs],
  () =>
    inFolder(async (folder) => {
      await writeRun(folder, "scaled");
      const section = sectionOf(await reportOn(folder), "scaled")!;
      const curve = blocksOf(section).flatMap((block) =>
        block.kind === "figures" ? block.figures : []
      )
        .find(({ title }) => title === "scaled: loss against iterations")!;
      assert(!curve.svg.includes(">best<"));
    }),
);
