/**
 * The report's sections, from the ladder of losses to the comparison with GPT-2: one argument each.
 *
 * @module
 */
import { type StageName, stages } from "@hugo-lab/model";
import { comparedModels, comparisonRows } from "./describe.ts";
import { allCurves, runCurves, SHORTEST_SECONDS, withCurves } from "./curves.ts";
import { frequencies, SELDOM } from "./characters.ts";
import { diagram } from "./diagram.ts";
import { type Block, details, missing, paragraph, type Report, type Section } from "./document.ts";
import { type Findings, isComparable, isHugo, modelOf, settingsOf } from "./gather.ts";
import { WIDTH } from "./draw.ts";
import { heatMap } from "./heatmap.ts";
import { insights } from "./insights.ts";
import { ladder } from "./ladder.ts";
import { memoryOrSkill } from "./memory.ts";
import { choices, endOf, notices } from "./notices.ts";
import { notebook, type Run } from "./runs.ts";
import { searchSection } from "./search.ts";
import { sizesIn, trainingIn } from "./settings.ts";
import { classSource } from "./source.ts";
import { studiesSection } from "./studies.ts";
import { parts, stories, type Story } from "./story.ts";
import { countParameters, resultTable, rowsTable, showLoss, showSeconds } from "./tables.ts";
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
    headline: "Learning to write, one character at a time",
    summary: [
      "Seven models, each with one part more than the last, guess which character comes next. Made " +
      "from the files in ",
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
      ...searchSection(findings.search),
      ...studiesSection(findings.studies),
      besideGpt2(),
    ],
  };
}

/** What a part asks to write and to answer. */
function asked({ tasks, questions }: Story): Block[] {
  return [
    ...tasks.map((text) => ({ kind: "question" as const, label: "Task" as const, text })),
    ...questions.map((text) => ({ kind: "question" as const, label: "Question" as const, text })),
  ];
}

/** The ladder, and behind it the result table and all curves together. */
function results(findings: Findings): Section {
  const blocks: Block[] = [
    ladder(findings),
    paragraph(
      "The loss is that on text which no model has learned from, in nats a character: its " +
        "exponential says among how many equally likely characters the model still hesitates. " +
        "The lines are the beginnings of the first in each sample that have at least 20 characters.",
    ),
    ...details(
      "All figures, beside the notebook's",
      resultTable(findings),
      ...tableNotes(findings),
    ),
    ...allTogether(findings),
  ];
  return { id: "results", title: "The ladder of losses", short: "Results", blocks };
}

/** Where the notebook's columns are from, and which runs are none of its. */
function tableNotes(findings: Findings): Block[] {
  if (!isHugo(findings)) {
    return [
      paragraph("The text is not Hugo's, so there are no figures of the notebook to compare with."),
    ];
  }
  const others = [...findings.runs.keys()].filter((name) => !isComparable(findings, name));
  const left = others.length === 0
    ? ""
    : ` ${others.join(", ")} had other settings: its differences would mean nothing.`;
  return [paragraph(`The columns “notebook” are from: ${notebook.source}${left}`)];
}

/** Every stage's curve in one picture. */
function allTogether(findings: Findings): Block[] {
  const longest = [...findings.runs.values()].flatMap((runs) => runs.slice(-1));
  const timed = longest.filter((run) => duration(run) >= SHORTEST_SECONDS);
  const figures = withCurves([
    allCurves(longest, "iterations", WIDTH.half),
    allCurves(timed, "seconds", WIDTH.half),
  ]);
  const blocks: Block[] = figures.length === 0 ? [] : [{
    kind: "figures",
    size: "half",
    figures,
    note: [
      "The first evaluation, before any training, is left out. Of bigram the longest run is " +
      `shown; against seconds only runs of ${SHORTEST_SECONDS} s or more.`,
    ],
  }];
  if (longest.some((run) => run.seconds.size === 0)) blocks.push(noTimings(findings));
  return details("All curves together", ...blocks);
}

function duration(run: Run): number {
  return [...run.seconds.values()].at(-1) ?? 0;
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
  const columns = [characters(findings), splitParts(findings)];
  return {
    id: "text",
    title: `The text: ${parts.text.argument}`,
    short: "The text",
    blocks: [
      paragraph(parts.text.adds),
      { kind: "columns", columns },
      ...beside(rareCharacters(findings), asked(parts.text)),
    ],
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

/** How uneven the counts are. */
function rareCharacters({ counts }: Findings): Block[] {
  if (!counts?.length) return [];
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  const five = counts.slice(0, 5).reduce((sum, [, count]) => sum + count, 0);
  const rare = counts.filter(([, count]) => count < SELDOM).length;
  const share = Math.round(100 * five / total);
  return [{
    kind: "list",
    title: "To notice",
    items: [[
      `The five most frequent characters are ${share} % of the text; ${rare} of the ` +
      `${counts.length} occur less than ${SELDOM} times, too seldom to learn much about.`,
    ]],
  }];
}

function splitParts({ split, contexts }: Findings): Block[] {
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
  const picture = demo && heatMap({
    title: "Attention on random numbers",
    description: "A lower triangular matrix: no position looks at a later one",
    matrix: demo,
    characters: demo.map((_, i) => String(i)),
    axes: { row: "position", column: "looks at position" },
    full: 1,
    width: WIDTH.third,
  });
  const blocks: Block[] = picture
    ? [{
      kind: "columns",
      columns: [[
        paragraph(parts.attention.adds),
        paragraph(
          "The picture is of one head on random numbers, before any training: it likes nothing in " +
            "particular, and yet no weight stands above the diagonal.",
        ),
        ...asked(parts.attention),
      ], [{ kind: "figures", size: "third", figures: [picture] }]],
    }]
    : [
      paragraph(parts.attention.adds),
      missing("The attention demo is not yet run", "deno task attention"),
      ...asked(parts.attention),
    ];
  return {
    id: "attention",
    title: `Attention: ${parts.attention.argument}`,
    short: "Attention",
    blocks,
  };
}

/** One stage: its argument, figures, pictures, source, what to notice, its question; all else folded. */
async function stageSection(findings: Findings, name: StageName): Promise<Section> {
  const story = stories[name];
  const runs = findings.runs.get(name)!;
  const seen = await insights(findings, name);
  const noticed = [...notices(findings, name), ...seen.notices];
  const blocks: Block[] = [
    paragraph(story.adds),
    ...howItRan(findings, name),
    ...pictures(
      name,
      [...architecture(findings, name), ...name === "scaled" ? [] : lastSample(runs)],
      curvesOf(findings, runs),
      seen.shown,
    ),
    ...name === "scaled" ? memoryOrSkill(findings, runs.at(-1)) : [],
    ...beside(
      noticed.length > 0 ? [{ kind: "list", title: "To notice", items: noticed }] : [],
      asked(story),
    ),
    ...story.classes.flatMap((className) => {
      const { file, text } = classSource(className);
      const source: Block = { kind: "source", title: `${className}, from ${file}`, text };
      return details(`The class ${className}`, source);
    }),
    ...seen.folded,
    ...shorterRuns(findings, runs),
    ...details("Every evaluation", ...rows(findings, runs)),
    ...details("Samples, beside the notebook's", ...samples(findings, runs)),
  ];
  return { id: name, title: `${name}: ${story.argument}`, short: name, blocks };
}

/** A stage's last figures and its settings, or how to get them. */
function howItRan(findings: Findings, name: StageName): Block[] {
  const run = findings.runs.get(name)!.at(-1);
  const { config } = modelOf(findings, name);
  const parameters = countParameters(findings, name);
  if (!run) {
    const how = name === "scaled"
      ? " (31 minutes on the notebook's GPU; the preset for laptops takes minutes)"
      : "";
    return [
      paragraph(`${parameters} parameters.${sizesIn(config)}`),
      missing(`${name} is not yet run${how}`, `deno task ${name}`),
    ];
  }
  const last = run.losses.at(-1);
  const facts = [
    { name: "validation loss", value: showLoss(last?.valLoss) },
    { name: "training loss", value: showLoss(last?.trainLoss) },
    ...(last && Number.isFinite(last.valLoss)
      ? [{ name: "hesitates among", value: choices(last.valLoss) }]
      : []),
    { name: "parameters", value: parameters },
    { name: "last step", value: last ? last.step.toLocaleString("en") : "–" },
    { name: "time", value: showSeconds(duration(run) || undefined) },
  ];
  const settings = settingsOf(findings, name);
  const training = settings.batchSize === undefined ? "" : trainingIn(settings);
  const sizes = `${sizesIn(config)}${training}`.trim();
  return [
    ...(run.finished ? [] : [
      paragraph(`${run.title} has not come to its end: these are its rows so far.`),
    ]),
    { kind: "facts", facts },
    ...(sizes ? [paragraph(sizes)] : []),
  ];
}

/** The diagram, and what is to be known beside it. */
function architecture(findings: Findings, name: StageName): Block[] {
  const { config, vocabSize } = modelOf(findings, name);
  if (vocabSize === undefined) return [];
  const { besideDiagram } = stories[name];
  const note = besideDiagram ? [besideDiagram] : undefined;
  return [{ kind: "figures", size: "half", figures: [diagram(name, config, vocabSize)], note }];
}

/** Blocks side by side; one below the other where a side is empty. */
function beside(left: Block[], right: Block[]): Block[] {
  if (left.length === 0 || right.length === 0) return [...left, ...right];
  return [{ kind: "columns", columns: [left, right] }];
}

/** Diagram and sample on one side, curves and what the weights show on the other. */
function pictures(name: StageName, own: Block[], curves: Block[], shown: Block[]): Block[] {
  if (name !== "bigram") return beside(own, [...curves, ...shown]);
  const [pairs, ...map] = shown; // two wide pictures
  return [...beside(own, [...curves, ...map]), ...(pairs ? [pairs] : [])];
}

/** The curves of a stage's longest run. */
function curvesOf(findings: Findings, runs: Run[]): Block[] {
  const [last] = comparable(findings, runs.slice(-1));
  const figures = withCurves(last ? [runCurves(last, WIDTH.half)] : []);
  if (figures.length === 0) return [];
  const note = last.losses.length > 2
    ? ["Without the evaluation before training, so that the curves part."]
    : undefined;
  return [{ kind: "figures", size: "half", figures, note }];
}

function shorterRuns(findings: Findings, runs: Run[]): Block[] {
  const shown = comparable(findings, runs.slice(0, -1));
  const figures = withCurves(shown.map((run) => runCurves(run, WIDTH.half)));
  return figures.length > 0
    ? details("The shorter runs", { kind: "figures", size: "half", figures })
    : [];
}

/** The last sample, or nothing. */
function lastSample(runs: Run[]): Block[] {
  const run = runs.at(-1);
  if (!endOf(run) || run!.sample === undefined) return [];
  return [{
    kind: "samples",
    samples: [{ title: `${run!.title} writes`, text: visible(run!.sample) }],
  }];
}

/** A run without the notebook's figures where they are of another text or of other settings. */
function comparable(findings: Findings, runs: Run[]): Run[] {
  return runs.map((run) =>
    isComparable(findings, run.stage.name) ? run : { ...run, notebook: undefined }
  );
}

/** The rows of a stage's runs. */
function rows(findings: Findings, runs: Run[]): Block[] {
  return comparable(findings, runs).flatMap((run) => {
    const blocks: Block[] = [rowsTable(run, run.notebook)];
    const time = run.notebook?.seconds;
    if (time) blocks.push(paragraph(`The notebook's run took ${showSeconds(time)} on a GPU.`));
    return blocks;
  });
}

/** The texts that the models and the notebook's wrote; the last run's own stands above. */
function samples(findings: Findings, runs: Run[]): Block[] {
  return comparable(findings, runs).flatMap((run, i) => {
    const texts = [];
    if (run.sample !== undefined && i < runs.length - 1) {
      texts.push({ title: `${run.title}: sample`, text: visible(run.sample) });
    }
    if (run.notebook) {
      texts.push({
        title: `${run.title}: the notebook's sample`,
        text: visible(run.notebook.sample),
      });
    }
    return texts.length > 0 ? [{ kind: "samples" as const, samples: texts }] : [];
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
      paragraph(parts.gpt2.adds),
      {
        kind: "table",
        caption: "The lab's models and GPT-2 (Radford et al., 2019)",
        columns: ["", ...models.map((model) => model.name)],
        textColumns: 1,
        rows: comparisonRows(models),
      },
      ...asked(parts.gpt2),
    ],
  };
}
