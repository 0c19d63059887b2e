/**
 * The report's sections, from the result table to the comparison with GPT-2.
 *
 * @module
 */
import { type ModelConfig, type StageName, stages } from "@hugo-lab/model";
import { comparedModels, comparisonRows } from "../describe.ts";
import { allCurves, runCurves } from "./curves.ts";
import { embeddingMap, frequencies } from "./characters.ts";
import { diagram } from "./diagram.ts";
import { type Block, missing, paragraph, type Report, type Section } from "./document.ts";
import { type Findings, isHugo, modelOf, vocabularyOf } from "./gather.ts";
import { heatMap } from "./heatmap.ts";
import { notebook, type Run } from "./runs.ts";
import { countParameters, resultTable, rowsTable, showSeconds } from "./tables.ts";
import { countedPairs, cut, label, lineOf, visible } from "./text.ts";
import { attentionOn, embeddingPlane, trainedPairs } from "./weights.ts";
import { encodePrompt } from "../stage.ts";

/** Widths of pictures in pixels; a phone shows all of them nearly at full size. */
export const WIDTH = { half: 440, third: 300, small: 212 };
/** A line on which attention is shown has at most so many characters. */
const LONGEST_LINE = 16;
/** So many of the most frequent characters are in the picture of pairs. */
const PAIRED = 28;
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
  const all = [...findings.runs.values()].flat();
  const blocks: Block[] = [resultTable(findings)];
  blocks.push(
    isHugo(findings) ? paragraph(`The columns “notebook” are from: ${notebook.source}`) : paragraph(
      "The text is not Hugo's, so there are no figures of the notebook to compare with.",
    ),
  );
  for (const [name, runs] of findings.runs) {
    if (runs.length === 0) blocks.push(missing(`${name} is not yet run`, `deno task ${name}`));
  }
  const longest = [...findings.runs.values()].flatMap((runs) => runs.slice(-1));
  const timed = longest.filter((run) => run.seconds.size > 0);
  if (longest.length > 0) {
    const figures = [allCurves(longest, "iterations", WIDTH.half)];
    if (timed.length > 0) figures.push(allCurves(timed, "seconds", WIDTH.half));
    blocks.push({
      kind: "figures",
      size: "half",
      figures,
      note: [
        "The first evaluation, before any training, is left out. Of bigram the longest run is shown.",
      ],
    });
  }
  if (all.length > 0 && timed.length < longest.length) blocks.push(noTimings(findings));
  return { id: "results", title: "Results", short: "Results", blocks };
}

function noTimings(findings: Findings): Block {
  const untimed = [...findings.runs].filter(([, runs]) =>
    runs.some((run) => run.seconds.size === 0)
  );
  return missing(
    `No times are here of ${
      untimed.map(([name]) => name).join(", ")
    }, since they are not kept in git`,
    untimed.length > 1 ? "deno task lab" : `deno task ${untimed[0][0]}`,
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
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  return [
    paragraph(
      `The text has ${
        total.toLocaleString("en")
      } characters, ${counts.length} of them different. ` +
        "A space is shown as ␣, a line's end as ↵.",
    ),
    { kind: "figures", size: "half", figures: [frequencies(counts, WIDTH.half)] },
  ];
}

function parts({ split, contexts }: Findings): Block[] {
  if (!split || !contexts) return [missing("The text is not yet split", "deno task split")];
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
    rows: contexts.slice(0, MOST_CONTEXTS).map((
      { context, target },
    ) => [cut(context), cut(target)]),
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
  const timed = shown.filter((run) => run.seconds.size > 0);
  const figures = [
    ...shown.map((run) => runCurves(run, "iterations", WIDTH[size])),
    ...timed.map((run) => runCurves(run, "seconds", WIDTH[size])),
  ];
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

/** What the weights show. */
async function insights(findings: Findings, name: StageName): Promise<Block[]> {
  const weights = findings.weights.get(name);
  if (!weights) {
    return findings.runs.get(name)!.length === 0 ? [] : [
      missing(
        "The pictures of the weights need the weights, which are not kept in git",
        `deno task ${name}`,
      ),
    ];
  }
  const vocabulary = vocabularyOf(findings, name);
  if (!vocabulary) {
    return [missing(
      "The pictures of the weights need the text that was learned from",
      "deno task report --corpus FILE",
    )];
  }
  const blocks = weights.stale
    ? [paragraph("The weights are of an earlier run: this one has not come to its end.")]
    : [];
  return name === "bigram"
    ? [...blocks, pairs(findings)]
    : [...blocks, ...beside(await attention(findings, name), embeddings(findings, name))];
}

/** A few heads stand beside the embeddings, many above them. */
function beside(attention: Block & { kind: "figures" }, embeddings: Block[]): Block[] {
  return attention.figures.length > 4
    ? [attention, ...embeddings]
    : [{ kind: "columns", columns: [[attention], embeddings] }];
}

/** What follows what: as trained, and as it is in the text. */
function pairs(findings: Findings): Block {
  const vocabulary = vocabularyOf(findings, "bigram")!;
  const corpus = findings.corpus!;
  const frequent = mostFrequent(corpus.characters, PAIRED);
  const numbers = [...vocabulary.encode(frequent)];
  const part = (matrix: number[][]) => numbers.map((i) => numbers.map((j) => matrix[i][j]));
  const picture = (title: string, description: string, matrix: number[][]) =>
    heatMap({
      title,
      description,
      matrix: part(matrix),
      characters: frequent,
      axes: { row: "character", column: "what follows it" },
      full: 0.5,
      width: WIDTH.half,
    });
  return {
    kind: "figures",
    size: "half",
    figures: [
      picture(
        "What follows what, as bigram learned it",
        "The softmax of the trained table's rows",
        trainedPairs(findings.weights.get("bigram")!),
      ),
      picture(
        "What follows what, as counted in the text",
        "The share of each pair among those that begin with the same character",
        countedPairs(corpus, vocabulary),
      ),
    ],
    note: [
      `The ${frequent.length} most frequent characters; full colour means half of the time or more. ` +
      "Learning the table by gradient descent comes near to what counting gives at once.",
    ],
  };
}

function mostFrequent(characters: readonly string[], count: number): string[] {
  const counts = new Map<string, number>();
  for (const c of characters) counts.set(c, (counts.get(c) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).slice(0, count).map(([c]) => c);
}

/** Each head on a line. */
async function attention(
  findings: Findings,
  name: StageName,
): Promise<Block & { kind: "figures" }> {
  const weights = findings.weights.get(name)!;
  const length = Math.min(LONGEST_LINE, weights.config.blockSize);
  const line = findings.prompt
    ? [...findings.prompt].slice(0, length)
    : lineOf(findings.corpus!, length);
  const numbers = encodePrompt(vocabularyOf(findings, name)!, line.join(""));
  const maps = await attentionOn(weights, numbers);
  const size = maps.length === 1 ? "third" : "small";
  return {
    kind: "figures",
    size,
    figures: maps.map(({ title, weights }) =>
      heatMap({
        title,
        description: `${name}: which characters each of “${line.map(label).join("")}” attends to`,
        matrix: weights,
        characters: line,
        axes: { row: "character", column: "attends to" },
        full: 1,
        width: WIDTH[size],
      })
    ),
    note: [
      "Attention weights on “",
      { code: line.map(label).join("") },
      findings.prompt ? "”." : "”, from the validation part, which the model did not learn from.",
    ],
  };
}

/** Where training put the characters. */
function embeddings(findings: Findings, name: StageName): Block[] {
  const weights = findings.weights.get(name)!;
  const plane = embeddingPlane(weights);
  if (!plane) return [];
  const { characters } = vocabularyOf(findings, name)!;
  return [{
    kind: "figures",
    size: "half",
    figures: [embeddingMap(name, plane, characters, WIDTH.half)],
    note: [
      `A flat picture of ${weights.config.nEmbd} dimensions: the axes tell how much of the whole it ` +
      "shows. Characters that are used alike tend to lie near each other.",
    ],
  }];
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
