/**
 * The characters of a text and their numbers: counting, encoding, decoding.
 *
 * A character is a Unicode code point. This is no tokenizer of subwords, such as GPT-2's.
 *
 * @module
 */
import { UserError } from "./errors.ts";

/** How often each character occurs, most frequent first; equally frequent ones as they appear. */
export function countCharacters(characters: readonly string[]): Map<string, number> {
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
  static of(characters: readonly string[], order: Order): Vocabulary {
    const distinct = [...new Set(characters)];
    if (order === "code point") distinct.sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!);
    return new Vocabulary(distinct);
  }

  /** How many characters there are. */
  get size(): number {
    return this.characters.length;
  }

  /**
   * The numbers of a text's characters.
   *
   * @throws {UserError} naming the first character that the vocabulary lacks
   */
  encode(text: string | readonly string[]): Int32Array {
    return Int32Array.from([...text], (c) => {
      const number = this.#numbers.get(c);
      if (number === undefined) {
        throw new UserError(
          `the character ${JSON.stringify(c)} is not among the ${this.size} of the corpus`,
        );
      }
      return number;
    });
  }

  /** The text of some numbers. */
  decode(numbers: Iterable<number>): string {
    return Array.from(numbers, (i) => this.characters[i]).join("");
  }
}
