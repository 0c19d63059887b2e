/**
 * Memory or skill: a run's best and last weights and the notebook's poem beside each other, and how
 * much of each stands literally in the text that was learned from.
 *
 * @module
 */
import { type Corpus, splitData, Vocabulary, withTestPart } from "@hugo-lab/model";
import { marksOf, matchLengths, passagesOf } from "./copied.ts";
import { type Block, paragraph, type Sample, type Table } from "./document.ts";
import { corpusOf, type Findings, isHugo } from "./gather.ts";
import { bestRow } from "./overfitting.ts";
import { notebook, type Run } from "./runs.ts";
import { NOTHING } from "./tables.ts";
import { cut, shownOf, visible } from "./text.ts";

/** Characters in a row from which on a passage counts as copied: shorter ones are idiom. */
const LEAST = 20;
const LONGEST_CELL = 60;

/** A text, and what of it is copied. */
interface Measured {
  title: string;
  characters: string[];
  /** How many characters up to each place stand together in the training part, if that is here. */
  lengths?: number[];
}

/** The section's part, for the stage that has time to learn its text by heart. */
export function memoryOrSkill(findings: Findings, run: Run | undefined): Block[] {
  const corpus = learnedText(findings);
  const texts = textsOf(findings, run);
  if (texts.length === 0) return [];
  const parts = corpus && partsOf(corpus, findings.settings.get("scaled")?.testPart);
  const measured = texts.map((text) => parts ? measure(text, parts.train) : text);
  const samples: Block = { kind: "samples", samples: measured.map(sampleOf) };
  if (!parts) return [samples];
  const length = Math.max(...texts.map(({ characters }) => characters.length));
  const unseen = {
    title: "the validation part's beginning",
    characters: parts.val.slice(0, length),
  };
  return [
    samples,
    table([...measured, measure(unseen, parts.train)]),
    paragraph(
      `Marked is what stands literally in the training part, ${LEAST} characters or more in a ` +
        "row. At each place of a text the characters are counted that lead up to it and stand " +
        "together in the training part too. The last row is of text that no model has seen: so " +
        "much its author has in common with himself. A model that repeats by heart is above it.",
    ),
  ];
}

/** The text that the run learned from, if it is here and known to be it. */
function learnedText(findings: Findings): Corpus | undefined {
  if (findings.weights.has("scaled")) return corpusOf(findings, "scaled");
  return isHugo(findings) && findings.corpus?.isHugo ? findings.corpus : undefined;
}

/** What the run's weights and the notebook's wrote. */
function textsOf(findings: Findings, run: Run | undefined): Measured[] {
  const texts: Measured[] = [];
  const add = (title: string, text: string) => texts.push({ title, characters: shownOf(text) });
  const last = run?.losses.at(-1);
  if (run?.bestSample && last) {
    const { step, text } = run.bestSample;
    add(`the best weights, of step ${step}: ${bestRow(run.losses).valLoss.toFixed(2)}`, text);
  }
  if (run?.sample !== undefined && last) {
    add(`the last weights, of step ${last.step}: ${last.valLoss.toFixed(2)}`, run.sample);
  }
  const other = notebook.runs.scaled;
  if (isHugo(findings)) {
    const { step, valLoss } = other.losses.at(-1)!;
    add(`the notebook's, of step ${step}: ${valLoss.toFixed(2)}`, other.sample);
  }
  return texts;
}

function partsOf({ text }: Corpus, hasTestPart?: boolean): { train: string[]; val: string[] } {
  const vocabulary = Vocabulary.of(text, "code point");
  const split = splitData(vocabulary.encode(text));
  const { train, val } = hasTestPart ? withTestPart(split) : split;
  const characters = (numbers: ArrayLike<number>) =>
    Array.from(numbers, (number) => vocabulary.characters[number]);
  return { train: characters(train), val: characters(val) };
}

function measure({ title, characters }: Measured, train: string[]): Measured {
  return { title, characters, lengths: matchLengths(characters, train) };
}

function sampleOf({ title, characters, lengths }: Measured): Sample {
  const text = visible(characters.join(""));
  if (!lengths) return { title, text };
  const pieces: { text: string; isMarked: boolean }[] = [];
  marksOf(passagesOf(lengths, LEAST), characters.length).forEach((isMarked, i) => {
    const before = pieces.at(-1);
    if (before?.isMarked === isMarked) before.text += characters[i];
    else pieces.push({ text: characters[i], isMarked });
  });
  return { title, text, pieces: pieces.map((one) => ({ ...one, text: visible(one.text) })) };
}

/** What of the texts is copied. */
function table(measured: Measured[]): Table {
  return {
    kind: "table",
    caption: "How much of each text stands literally in the training part",
    columns: [
      "text",
      "longest passage",
      "its characters",
      "the mean of all places",
      `in passages of ${LEAST} or more`,
    ],
    textColumns: 2,
    rows: measured.map(({ title, characters, lengths = [] }) => {
      const longest = Math.max(0, ...lengths);
      const end = lengths.indexOf(longest) + 1;
      const marks = marksOf(passagesOf(lengths, LEAST), lengths.length);
      const share = (values: number[]) => values.reduce((a, b) => a + b, 0) / (values.length || 1);
      return [
        title,
        cut(characters.slice(end - longest, end).join(""), LONGEST_CELL) || NOTHING,
        String(longest),
        share(lengths).toFixed(1),
        `${Math.round(100 * share(marks.map(Number)))} %`,
      ];
    }),
  };
}
