/**
 * What the report needs of the text itself: showing its characters, counting its pairs, choosing a
 * line. Nothing here is HTML: escaping is left to what writes the files.
 *
 * @module
 */
import { type Corpus, splitData, Vocabulary } from "@hugo-lab/model";

/** Longer samples are cut: a page of a million characters serves nobody. */
const LONGEST_SAMPLE = 2000;
const LONGEST_CELL = 40;
const LONGEST_LINE = 48;
/** What does not show, or turns the order of what follows: controls, formats, what is no text. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/gu;
const NAMES: Record<string, string> = { " ": "␣", "\n": "↵", "\t": "⇥", "\u00a0": "⍽" };

function codePoint(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** A character as a label: never blank. */
export function label(character: string): string {
  return NAMES[character] ?? character.replace(HIDDEN, codePoint);
}

/** A short text in a cell, each of its characters as a label. */
export function cut(text: string, longest = LONGEST_CELL): string {
  const characters = [...text.slice(0, 2 * longest + 2)];
  const shown = characters.slice(0, longest).map(label).join("");
  return characters.length > longest ? `${shown}…` : shown;
}

/** A text to show, its lines kept; characters that do not show are named, and a long text is cut. */
export function visible(text: string): string {
  const characters = [...text];
  const shown = characters.slice(0, LONGEST_SAMPLE).join("").replace(
    HIDDEN,
    (c) => c === "\n" || c === "\t" ? c : `⟨${codePoint(c)}⟩`,
  );
  const more = characters.length - LONGEST_SAMPLE;
  return more > 0 ? `${shown}… (${more} more characters)` : shown;
}

/** The characters of a text that are shown at most, none of them renamed yet. */
export function shownOf(text: string): string[] {
  return [...text].slice(0, LONGEST_SAMPLE);
}

/** How often each character of the training part is followed by each: (vocabulary, vocabulary). */
function pairCounts({ text }: Corpus, vocabulary: Vocabulary): number[][] {
  const { train } = splitData(vocabulary.encode(text));
  const rows = vocabulary.characters.map(() => new Array<number>(vocabulary.size).fill(0));
  for (let i = 1; i < train.length; i++) rows[train[i - 1]][train[i]]++;
  return rows;
}

/** The counts as chances, row by row. */
export function countedPairs(corpus: Corpus, vocabulary: Vocabulary): number[][] {
  return pairCounts(corpus, vocabulary).map((row) => {
    const sum = row.reduce((a, b) => a + b, 0);
    return row.map((n) => n / Math.max(sum, 1));
  });
}

/**
 * The loss on the validation part of a table that was counted in the training part, each pair once
 * more than it occurs (Laplace), so that none is impossible; in nats a character.
 */
export function countedLoss(corpus: Corpus, vocabulary: Vocabulary): number {
  const { val } = splitData(vocabulary.encode(corpus.text));
  const chances = pairCounts(corpus, vocabulary).map((row) => {
    const sum = row.reduce((a, b) => a + b + 1, 0);
    return row.map((n) => (n + 1) / sum);
  });
  let loss = 0;
  for (let i = 1; i < val.length; i++) loss -= Math.log(chances[val[i - 1]][val[i]]);
  return loss / (val.length - 1);
}

/** Windows of one length from the validation part, evenly spread. */
export function validationWindows(
  corpus: Corpus,
  vocabulary: Vocabulary,
  length: number,
  most: number,
): Int32Array[] {
  const { val } = splitData(vocabulary.encode(corpus.text));
  const last = val.length - length;
  const count = Math.min(most, last + 1);
  return Array.from({ length: Math.max(count, 0) }, (_, i) => {
    const start = Math.floor(i * last / Math.max(count - 1, 1));
    return Int32Array.from(val.slice(start, start + length));
  });
}

/** The first line of a sample that has so many characters, without its margin, or its longest. */
export function firstLineOf(sample: string, least = 20): string {
  const lines = sample.split("\n").map((line) => line.trim());
  const longest = lines.reduce((a, b) => b.length > a.length ? b : a, "");
  const characters = [...visible(lines.find((line) => line.length >= least) ?? longest)];
  const shown = characters.slice(0, LONGEST_LINE).join("");
  return characters.length > LONGEST_LINE ? `${shown}…` : shown;
}

/** The beginning of the validation part's first line of so many characters, or of the part. */
export function lineOf({ text }: Corpus, length: number): string[] {
  const begin = Math.floor(0.9 * text.length);
  for (let start = begin + 1; start + length < text.length; start++) {
    if (text.at(start - 1) !== "\n" || !text.at(start).trim()) continue;
    const line = text.slice(start, start + length);
    if (!line.includes("\n")) return [...line];
  }
  return [...text.slice(begin, begin + length)];
}
