/**
 * The characters of a text and their numbers: counting, encoding, decoding.
 *
 * A character is a Unicode code point. This is no tokenizer of subwords, such as GPT-2's.
 *
 * @module
 */
import { UserError } from "./errors.ts";
import { type Numbers, Text } from "./text.ts";

/** How often each character occurs, most frequent first; equally frequent ones as they appear. */
export function countCharacters(characters: Iterable<string>): Map<string, number> {
  // exercise stats: count each character, and sort by the counts
  const counts = new Map<string, number>();
  for (const c of characters) counts.set(c, (counts.get(c) ?? 0) + 1);
  return new Map([...counts].sort(([, a], [, b]) => b - a));
  // end
}

/** In which order a vocabulary numbers its characters. */
export type Order = "first appearance" | "code point";

/** A numbering of characters. */
export class Vocabulary {
  readonly #numbers: Map<string, number>;

  /**
   * Numbers the characters.
   *
   * @param characters each once, in the order of their numbers
   */
  constructor(readonly characters: readonly string[]) {
    this.#numbers = new Map(characters.map((c, i) => [c, i]));
  }

  /** The vocabulary of a text. */
  static of(text: Iterable<string>, order: Order): Vocabulary {
    const distinct = [...(text instanceof Text ? text.characters : new Set(text))];
    if (order === "code point") distinct.sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!);
    return new Vocabulary(distinct);
  }

  /** How many characters there are. */
  get size(): number {
    return this.characters.length;
  }

  /** Whether it has all characters of a text. */
  has(text: Iterable<string>): boolean {
    for (const c of text) if (!this.#numbers.has(c)) return false;
    return true;
  }

  /**
   * The numbers of a text's characters. Those of a {@linkcode Text} are not to be written into.
   *
   * @throws {UserError} naming the first character that the vocabulary lacks
   */
  encode(text: Text): Numbers;
  /** The same for a short text. */
  encode(text: Iterable<string>): Int32Array;
  encode(text: Iterable<string>): Numbers {
    if (!(text instanceof Text)) return Int32Array.from(text, (c) => this.#numberOf(c, text));
    for (const c of text.characters) this.#numberOf(c, c);
    return text.renumbered(this.characters);
  }

  #numberOf(c: string, text: Iterable<string>): number {
    const number = this.#numbers.get(c);
    if (number !== undefined) return number;
    throw new UserError(
      `the character ${shown(c)} is not among the ${this.size} of the corpus` +
        this.#otherForm([...text].join("")),
    ).saying({ kind: "unknown character", character: c, size: this.size });
  }

  /** Says if the vocabulary lacks no character of a short text's other Unicode normal form. */
  #otherForm(text: string): string {
    const forms = { NFC: "composed", NFD: "decomposed" };
    for (const [form, word] of Object.entries(forms)) {
      const other = text.normalize(form);
      if (other === text || !this.has(other)) continue;
      return `, which has accented letters ${word} (${form}), as ${escaped(other)}: ` +
        `write them so, or save the corpus in the other form`;
    }
    return "";
  }

  /** The text of some numbers. */
  decode(numbers: Iterable<number>): string {
    return Array.from(numbers, (i) => this.characters[i]).join("");
  }
}

/** A character in quotes; a mark, which alone shows badly, by its code point. */
function shown(c: string): string {
  return /\p{M}/u.test(c) ? escaped(c) : JSON.stringify(c);
}

/** A text in quotes, in which every character beyond ASCII is told by its code point. */
function escaped(text: string): string {
  return JSON.stringify(text).replace(
    /\P{ASCII}/gu,
    (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`,
  );
}
