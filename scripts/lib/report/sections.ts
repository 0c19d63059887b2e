/**
 * The report's sections, from the result table to the comparison with GPT-2.
 *
 * @module
 */
import { type ModelConfig, type StageName, stages } from "@hugo-lab/model";
import { comparedModels, comparisonRows } from "./describe.ts";
import { allCurves, runCurves, withCurves } from "./curves.ts";
import { frequencies } from "./characters.ts";
import { diagram } from "./diagram.ts";
import { type Block, missing, paragraph, type Report, type Section } from "./document.ts";
import { type Findings, isHugo, modelOf } from "./gather.ts";
import { WIDTH } from "./draw.ts";
import { heatMap } from "./heatmap.ts";
import { insights } from "./insights.ts";
import { notebook, type Run } from "./runs.ts";
import { countParameters, resultTable, rowsTable, showSeconds } from "./tables.ts";
import { cut, visible } from "./text.ts";

/** Of a long window only the first contexts are shown. */
const MOST_CONTEXTS = 16;

/** The whole report. */
export async function writeSections(findings: Findings): Promise<Report> {
  const stagesSections = [];
  for (const name of Object.keys(stages) as StageName[]) {
    stagesSections.push(await stageSection(findings, name));
  }
  return {
    title: "The Hugo lab: report",
    summary: [
      "From counting characters to a small GPT: what each stage of the lab learned. " +
      "Made from the files in ",
      { code: findings.folder },
      " by ",
      { code: "deno task report" },
      ".",
    ],
    sections: [
      results(findings),
      theText(findings),
      masking(findings),
      ...stagesSections,
      besideGpt2(),
    ],
  };
}

/** The result table and all curves together. */
function results(findings: Findings): Section {
  const source = isHugo(findings)
    ? `The columns “notebook” are from: ${notebook.source}`
    : "The text is not Hugo's, so there are no figures of the notebook to compare with.";
  const blocks: Block[] = [resultTable(findings), paragraph(source)];
  for (const [name, runs] of findings.runs) {
    if (runs.length === 0) blocks.push(missing(`${name} is not yet run`, `deno task ${name}`));
  }
  const longest = [...findings.runs.values()].flatMap((runs) => runs.slice(-1));
  const figures = withCurves([
    allCurves(longest, "iterations", WIDTH.half),
    allCurves(longest, "seconds", WIDTH.half),
  ]);
  if (figures.length > 0) {
    blocks.push({
      kind: "figures",
      size: "half",
      figures,
      note: [
        "The first evaluation, before any training, is left out. Of bigram the longest run is shown.",
      ],
    });
  }
  if (longest.some((run) => run.seconds.size === 0)) blocks.push(noTimings(findings));
  return { id: "results", title: "Results", short: "Results", blocks };
}

function noTimings(findings: Findings): Block {
  const untimed = [...findings.runs]
    .filter(([, runs]) => runs.some((run) => run.seconds.size === 0))
    .map(([name]) => name);
  return missing(
    `No times are here of ${untimed.join(", ")}, since they are not kept in git`,
    untimed.length > 1 ? "deno task lab" : `deno task ${untimed[0]}`,
  );
}

/** Characters, the split and one window. */
function theText(findings: Findings): Section {
  const columns = [characters(findings), parts(findings)];
  return {
    id: "text",
    title: "The text",
    short: "The text",
    blocks: [{ kind: "columns", columns }],
  };
}

function characters({ counts }: Findings): Block[] {
  if (!counts?.length) return [missing("The characters are not yet counted", "deno task stats")];
  const total = counts.reduce((sum, [, count]) => sum + count, 0).toLocaleString("en");
  return [
    paragraph(
      `The text has ${total} characters, ${counts.length} of them different. ` +
        "A space is shown as ␣, a line's end as ↵.",
    ),
    { kind: "figures", size: "half", figures: [frequencies(counts, WIDTH.half)] },
  ];
}

function parts({ split, contexts }: Findings): Block[] {
  if (!split || !contexts) return [missing("The text is not yet split", "deno task split")];
  const examples = contexts.slice(0, MOST_CONTEXTS);
  return [{
    kind: "table",
    caption: "The text in two parts, in order",
    columns: ["part", "characters"],
    textColumns: 1,
    rows: split.map(([part, count]) => [cut(part), count.toLocaleString("en")]),
  }, {
    kind: "table",
    caption: "One window gives as many examples as it has characters",
    columns: ["context", "what follows"],
    textColumns: 2,
    rows: examples.map(({ context, target }) => [cut(context), cut(target)]),
  }];
}

/** The demo of one head on random numbers. */
function masking({ demo }: Findings): Section {
  const blocks = demo
    ? [
      paragraph(
        "One head on random numbers, before any training: each position looks at itself and at " +
          "those before it, never ahead, and each row sums to 1.",
      ),
      {
        kind: "figures" as const,
        size: "third" as const,
        figures: [heatMap({
          title: "Attention on random numbers",
          description: "A lower triangular matrix: no position looks at a later one",
          matrix: demo,
          characters: demo.map((_, i) => String(i)),
          axes: { row: "position", column: "looks at position" },
          full: 1,
          width: WIDTH.third,
        })],
      },
    ]
    : [missing("The attention demo is not yet run", "deno task attention")];
  return { id: "attention", title: "Attention and its mask", short: "Attention", blocks };
}

/** One stage: its architecture, curves, rows, what its weights show, samples. */
async function stageSection(findings: Findings, name: StageName): Promise<Section> {
  const { config, vocabSize } = modelOf(findings, name);
  const runs = findings.runs.get(name)!;
  const parameters = countParameters(findings, name);
  const blocks: Block[] = [paragraph(`${parameters} parameters.${sizesIn(config)}`)];
  if (runs.length === 0) blocks.push(missing(`${name} is not yet run`, `deno task ${name}`));
  const picture: Block[] = vocabSize === undefined
    ? []
    : [{ kind: "figures", size: "half", figures: [diagram(name, config, vocabSize)] }];
  const curves = learning(findings, runs);
  if (runs.length > 1) blocks.push(...picture, ...curves);
  else blocks.push({ kind: "columns", columns: [picture, curves] });
  blocks.push(...rows(findings, runs));
  blocks.push(...await insights(findings, name));
  blocks.push(...samples(findings, runs));
  const { title } = stages[name];
  const lower = title[0].toLowerCase() + title.slice(1);
  return { id: name, title: `${name}: ${lower}`, short: name, blocks };
}

/** A model's sizes in words. */
export function sizesIn({ body, blockSize, nEmbd, nHead, nLayer, dropout }: ModelConfig): string {
  if (body === "bigram") return "";
  const heads = nHead === 1 ? "one head" : `${nHead} heads`;
  const blocks = body === "blocks" ? `, ${nLayer} blocks` : "";
  const rate = dropout ? `, dropout ${dropout}` : "";
  return ` Context ${blockSize}, width ${nEmbd}, ${heads}${blocks}${rate}.`;
}

/** A run without the notebook's figures where they are of another text. */
function comparable(findings: Findings, runs: Run[]): Run[] {
  return isHugo(findings) ? runs : runs.map((run) => ({ ...run, notebook: undefined }));
}

/** The curves of a stage's runs. */
function learning(findings: Findings, runs: Run[]): Block[] {
  const size = runs.length > 1 ? "third" : "half";
  const shown = comparable(findings, runs);
  const figures = withCurves([
    ...shown.map((run) => runCurves(run, "iterations", WIDTH[size])),
    ...shown.map((run) => runCurves(run, "seconds", WIDTH[size])),
  ]);
  return figures.length > 0 ? [{ kind: "figures", size, figures }] : [];
}

/** The rows of a stage's runs. */
function rows(findings: Findings, runs: Run[]): Block[] {
  return comparable(findings, runs).flatMap((run) => {
    const blocks: Block[] = [rowsTable(run, run.notebook)];
    if (!run.finished) {
      blocks.unshift(paragraph(`${run.title} has not come to its end: these are its rows so far.`));
    }
    const time = run.notebook?.seconds;
    if (time) blocks.push(paragraph(`The notebook's run took ${showSeconds(time)} on a GPU.`));
    return blocks;
  });
}

/** The texts that the model and the notebook's wrote. */
function samples(findings: Findings, runs: Run[]): Block[] {
  return comparable(findings, runs).filter((run) => run.sample !== undefined).map((run) => {
    const texts = [{ title: `${run.title}: sample`, text: visible(run.sample!) }];
    if (run.notebook) {
      texts.push({
        title: `${run.title}: the notebook's sample`,
        text: visible(run.notebook.sample),
      });
    }
    return { kind: "samples", samples: texts };
  });
}

/** The notebook's conclusion. */
function besideGpt2(): Section {
  const models = comparedModels(stages.scaled.model);
  return {
    id: "gpt2",
    title: "Beside GPT-2",
    short: "GPT-2",
    blocks: [
      paragraph("The same parts, larger: what separates the lab's models from the published ones."),
      {
        kind: "table",
        caption: "The lab's models and GPT-2 (Radford et al., 2019)",
        columns: ["", ...models.map((model) => model.name)],
        textColumns: 1,
        rows: comparisonRows(models),
      },
    ],
  };
}
