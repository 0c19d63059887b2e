/**
 * What a stage's trained weights show: pairs of characters, attention, kinds of characters. Each
 * picture stands beside what chance or no training would give.
 *
 * @module
 */
import type { StageName } from "@hugo-lab/model";
import { encodePrompt } from "../task/prompt.ts";
import { characterMap, SELDOM } from "./characters.ts";
import { type Block, details, type Inline, missing, paragraph } from "./document.ts";
import { WIDTH } from "./draw.ts";
import { corpusOf, type Findings } from "./gather.ts";
import { heatMap } from "./heatmap.ts";
import { isMoreThanChance, kindOf, type Neighbours, neighbours } from "./neighbours.ts";
import { planeOf } from "./plane.ts";
import { countedPairs, label, lineOf, validationWindows } from "./text.ts";
import {
  attentionOn,
  type CharacterTable,
  characterTables,
  type LookBack,
  lookBack,
  type Trained,
  trainedPairs,
} from "./weights.ts";

/** What the weights show. */
export interface Insights {
  /** What stands on the page. */
  shown: Block[];
  /** What is folded away. */
  folded: Block[];
  /** What is to be noticed in it. */
  notices: Inline[];
}

/** A line on which attention is shown has at most so many characters. */
const LONGEST_LINE = 16;
/** So many of the most frequent characters are in the picture of pairs. */
const PAIRED = 28;
/** Weights are averaged over windows of so many characters together. */
const AVERAGED = 4096;
/** So many places back are drawn. */
const FARTHEST = 16;
/** Fewer characters say nothing about kinds. */
const FEWEST = 10;

/** What the weights show, or what is to be done to see it. */
export async function insights(findings: Findings, name: StageName): Promise<Insights> {
  const weights = findings.weights.get(name);
  const foreign = findings.foreign.get(name);
  if (foreign) return { shown: [paragraph(foreign)], folded: [], notices: [] };
  if (!weights) {
    const shown = findings.runs.get(name)!.length === 0 ? [] : [
      missing(
        "The pictures of the weights need the weights, which are not kept in git",
        `deno task ${name}`,
      ),
    ];
    return { shown, folded: [], notices: [] };
  }
  const found = [
    name === "bigram" ? pairs(findings, weights) : await attention(findings, name, weights),
    characters(findings, name, weights),
  ];
  return {
    shown: found.flatMap(({ shown }) => shown),
    folded: found.flatMap(({ folded }) => folded),
    notices: found.flatMap(({ notices }) => notices),
  };
}

/** What follows what: as trained, and as it is in the text. */
function pairs(findings: Findings, weights: Trained): Insights {
  const { vocabulary } = weights;
  const corpus = corpusOf(findings, "bigram");
  if (!corpus) {
    return {
      shown: [textIsMissing("What follows what is compared with the text")],
      folded: [],
      notices: [],
    };
  }
  const frequent = [...corpus.text.countCharacters().keys()].slice(0, PAIRED);
  const numbers = [...vocabulary.encode(frequent)];
  const picture = (title: string, description: string, matrix: number[][]) =>
    heatMap({
      title,
      description,
      matrix: numbers.map((i) => numbers.map((j) => matrix[i][j])),
      characters: frequent,
      axes: { row: "character", column: "what follows it" },
      full: 0.5,
      isCut: true,
      width: WIDTH.half,
    });
  const shown: Block = {
    kind: "figures",
    size: "half",
    figures: [
      picture(
        "What follows what, as bigram learned it",
        "The softmax of the trained table's rows",
        trainedPairs(weights),
      ),
      picture(
        "What follows what, as counted in the text",
        "The share of each pair among those that begin with the same character",
        countedPairs(corpus, vocabulary),
      ),
    ],
    note: [`The ${frequent.length} most frequent characters, as shares of what follows.`],
  };
  return { shown: [shown], folded: [], notices: [] };
}

function textIsMissing(what: string): Block {
  return missing(`${what} that was learned from`, "deno task report --corpus FILE");
}

/** How far back each head looks, and each head on a line of the text, or on the prompt. */
async function attention(
  findings: Findings,
  name: StageName,
  weights: Trained,
): Promise<Insights> {
  const far = await distances(findings, name, weights);
  const line = await onLine(findings, name, weights);
  if (findings.prompt) return { shown: [...far.shown, line], folded: [], notices: far.notices };
  const heads = weights.config.nHead *
    (weights.config.body === "blocks" ? weights.config.nLayer : 1);
  const title = heads > 1 ? `Each head on one line (${heads} pictures)` : "The head on one line";
  return { shown: far.shown, folded: details(title, line), notices: far.notices };
}

/** How far back the heads look on average, beside equal weights. */
async function distances(
  findings: Findings,
  name: StageName,
  weights: Trained,
): Promise<{ shown: Block[]; notices: Inline[] }> {
  const corpus = corpusOf(findings, name);
  const length = weights.config.blockSize;
  const windows = corpus
    ? validationWindows(corpus, weights.vocabulary, length, Math.ceil(AVERAGED / length))
    : [];
  if (windows.length === 0) return { shown: [], notices: [] };
  const heads = await lookBack(weights, windows);
  const columns = Math.min(length, FARTHEST);
  const equal = 1 / length;
  const largest = Math.max(...heads.flatMap(({ byDistance }) => byDistance.slice(0, columns)));
  const figure = heatMap({
    title: `${name}: how far back ${heads.length > 1 ? "each head looks" : "the head looks"}`,
    description: `The mean weight by distance, from the last character of a window of ${length}`,
    matrix: heads.map(({ byDistance }) => byDistance.slice(0, columns)),
    characters: Array.from({ length: columns }, (_, d) => String(d)),
    rows: heads.map(({ title }) => title),
    axes: { row: "", column: "characters back" },
    full: Math.ceil(10 * largest) / 10,
    width: WIDTH.half,
  });
  const note: Inline = [
    `The mean over ${windows.length} windows of the validation part, from the last character of ` +
    `each; 0 is that character itself. A head with no preference would give ${equal.toFixed(2)} ` +
    "everywhere.",
  ];
  return {
    shown: [{ kind: "figures", size: "half", figures: [figure], note }],
    notices: preferences(heads, equal),
  };
}

/** The head that likes one distance most, and the one that looks back farthest. */
function preferences(heads: LookBack[], equal: number): Inline[] {
  const mean = ({ byDistance }: LookBack) => byDistance.reduce((sum, w, d) => sum + w * d, 0);
  const peak = ({ byDistance }: LookBack) => Math.max(...byDistance);
  const keen = heads.reduce((a, b) => peak(b) > peak(a) ? b : a);
  if (peak(keen) < 2 * equal) {
    return [[
      `No head has a distance that it likes much: the largest mean weight is ` +
      `${peak(keen).toFixed(2)}, equal weights would be ${equal.toFixed(2)}.`,
    ]];
  }
  const place = keen.byDistance.indexOf(peak(keen));
  const where = ["the character just read", "the one before that"][place] ??
    `the one ${place} back`;
  const first = `${upper(keen.title)} gives ${percent(peak(keen))} of its weight to ${where}; ` +
    `equal weights would be ${percent(equal)}.`;
  if (heads.length === 1) return [[first]];
  const far = heads.reduce((a, b) => mean(b) > mean(a) ? b : a);
  const evenly = (far.byDistance.length - 1) / 2;
  return [[
    `${first} ${upper(far.title)} looks back farthest, ${mean(far).toFixed(1)} characters on ` +
    `average (equal weights: ${evenly.toFixed(1)}).`,
  ]];
}

const upper = (text: string) => text[0].toUpperCase() + text.slice(1);
const percent = (share: number) => `${Math.round(100 * share)} %`;

/** Each head on a line of the text, or on the prompt. */
async function onLine(findings: Findings, name: StageName, weights: Trained): Promise<Block> {
  const { prompt } = findings;
  const corpus = corpusOf(findings, name);
  const length = Math.min(LONGEST_LINE, weights.config.blockSize);
  if (!prompt && !corpus) return textIsMissing("Attention is shown on a line of the text");
  const line = prompt ? [...prompt].slice(0, length) : lineOf(corpus!, length);
  const maps = await attentionOn(weights, encodePrompt(weights.vocabulary, line.join("")));
  const shown = line.map(label).join("");
  const size = maps.length === 1 ? "third" : "small";
  const figures = maps.map(({ title, weights: matrix }) =>
    heatMap({
      title,
      description: `${name}: which characters each of “${shown}” attends to`,
      matrix,
      characters: line,
      axes: { row: "character", column: "attends to" },
      full: 1,
      width: WIDTH[size],
    })
  );
  const from = prompt ? "" : ", from the validation part, which the model did not learn from";
  const note = ["Attention weights on ", { code: shown }, `${from}.`];
  return { kind: "figures", size, figures, note };
}

/** Whether the model's tables tell kinds of characters apart; drawn where they do. */
function characters(findings: Findings, name: StageName, weights: Trained): Insights {
  const nothing = { shown: [], folded: [], notices: [] };
  const learned = frequentEnough(findings, weights);
  const characters = learned.map((i) => weights.vocabulary.characters[i]);
  const kinds = characters.map(kindOf);
  if (characters.length < FEWEST || new Set(kinds).size < 2) return nothing;
  const { last, first } = characterTables(weights);
  const of = ({ rows }: CharacterTable) => learned.map((i) => rows[i]);
  const rows = of(last);
  if (!rows.flat().every(Number.isFinite)) return nothing; // of a training that diverged
  const found = neighbours(rows, kinds);
  const others = first
    ? ` In ${first.name} ${percent(neighbours(of(first), kinds).share)} have one.`
    : "";
  const sentence = `${tell(last, found, findings)}.${others}${vowels(rows, characters)}`;
  const plane = isMoreThanChance(found) ? planeOf(rows) : undefined;
  if (!plane) return { ...nothing, notices: [[sentence]] };
  const title = `${name}: which characters ${last.name} takes for alike`;
  const flat = neighbours(plane.points, kinds);
  const note: Inline = [
    `${rows[0].length} numbers for each character on two axes, which show ` +
    `${percent(plane.shares[0] + plane.shares[1])} of the variance. Nearest neighbours of one ` +
    `kind: ${percent(found.share)} in all numbers, ${percent(flat.share)} in these two, ` +
    `${percent(found.chance)} by chance.`,
  ];
  const figure = characterMap(title, plane, characters, WIDTH.half);
  const picture: Block = { kind: "figures", size: "half", figures: [figure], note };
  const notices = [[sentence]];
  if (!first) return { ...nothing, shown: [picture], notices };
  return {
    ...nothing,
    folded: details(`Which characters ${last.name} takes for alike`, picture),
    notices,
  };
}

/** The numbers of the characters that the model has seen often; all, where counts are not known. */
function frequentEnough({ counts }: Findings, { vocabulary }: Trained): number[] {
  const known = new Map(counts);
  return vocabulary.characters.flatMap((character, i) =>
    (known.get(character) ?? Infinity) >= SELDOM ? [i] : []
  );
}

function tell({ name }: CharacterTable, found: Neighbours, { counts }: Findings): string {
  const which = counts ? ` that occur at least ${SELDOM} times` : "";
  return `Of the ${found.count} characters${which}, ${percent(found.share)} have a nearest ` +
    `neighbour of their own kind (vowel, consonant, capital, digit, other) in ${name}; by chance ` +
    `it would be ${percent(found.chance)}`;
}

/** Whether small letters part into vowels and consonants. */
function vowels(rows: number[][], characters: readonly string[]): string {
  const letters = characters.flatMap((c, i) =>
    ["vowel", "consonant"].includes(kindOf(c)) ? [{ kind: kindOf(c), row: rows[i] }] : []
  );
  if (letters.length < FEWEST) return "";
  const { share, chance } = neighbours(
    letters.map(({ row }) => row),
    letters.map(({ kind }) => kind),
  );
  return ` Among small letters vowels find vowels and consonants consonants at ` +
    `${percent(share)} (by chance ${percent(chance)}).`;
}
