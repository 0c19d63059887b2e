/**
 * A long text in little memory: each character as a number, in as few bytes as the number of
 * different characters allows. The numbers are what a model is given.
 *
 * A character is a Unicode code point, and a string of its own only where one is asked for.
 *
 * @module
 */
import { UserError } from "./errors.ts";

/** Numbers of characters, one after the other. */
export type Numbers = Uint8Array | Uint16Array | Int32Array;

/** The numbers of a text take at most so many bytes, 2 GiB. */
export const TEXT_LIMIT_BYTES: number = 2 ** 31;
/** A text whose numbers take more bytes is never held in two numberings at a time. */
const LARGE_BYTES = 2 ** 28;
const CODE_POINTS = 0x110000;
const FIRST_BYTES = 2 ** 12;

/** A text that is complete. */
export class Text implements Iterable<string> {
  #numbers: Numbers;
  /** The characters in the order of the numbers that are held now. */
  #byNumber: readonly string[];

  /**
   * Made by {@linkcode TextBuilder} or {@linkcode Text.of}.
   *
   * @param characters each different one once, in the order of first appearance
   * @param numbers each character's place among them
   */
  constructor(readonly characters: readonly string[], numbers: Numbers) {
    this.#numbers = numbers;
    this.#byNumber = characters;
  }

  /** The text of a string. */
  static of(string: string): Text {
    const builder = new TextBuilder(string.length);
    builder.add(string);
    return builder.finish();
  }

  /** How many characters it has. */
  get length(): number {
    return this.#numbers.length;
  }

  /** The memory that its numbers take. */
  get bytes(): number {
    return this.#numbers.byteLength;
  }

  /** The character at a place. */
  at(place: number): string {
    return this.#byNumber[this.#numbers[place]];
  }

  /** The characters from one place up to another. */
  slice(start: number, end = this.length): string {
    let part = "";
    for (const number of this.#numbers.subarray(start, end)) part += this.#byNumber[number];
    return part;
  }

  /** All characters, one by one. */
  *[Symbol.iterator](): Iterator<string> {
    for (let place = 0; place < this.length; place++) yield this.at(place);
  }

  /** How often each character occurs, most frequent first; equally frequent ones as they appear. */
  countCharacters(): Map<string, number> {
    const counts = new Float64Array(this.#byNumber.length);
    const numbers = this.#numbers;
    for (let i = 0; i < numbers.length; i++) counts[numbers[i]]++;
    const byCharacter = new Map(this.#byNumber.map((c, number) => [c, counts[number]]));
    return new Map(
      this.characters.map((c) => [c, byCharacter.get(c)!] as const).sort(([, a], [, b]) => b - a),
    );
  }

  /** How often two characters stand side by side. */
  countPairs(first: string, second: string): number {
    const [a, b] = [first, second].map((c) => this.#byNumber.indexOf(c));
    const numbers = this.#numbers;
    let count = 0;
    for (let i = 1; i < numbers.length; i++) if (numbers[i - 1] === a && numbers[i] === b) count++;
    return count;
  }

  /**
   * The text's numbers in another numbering of its characters: not to be written into. Those of a
   * large text are renumbered where they are; what was given out before is empty from then on.
   *
   * @param byNumber characters in the order of their numbers; all those of the text are among them
   * @param largeBytes from how many bytes on a text is large
   */
  renumbered(byNumber: readonly string[], largeBytes: number = LARGE_BYTES): Numbers {
    const places = new Map(byNumber.map((c, number) => [c, number]));
    const table = Int32Array.from(this.#byNumber, (c) => places.get(c) ?? 0);
    if (table.every((to, from) => to === from)) return this.#numbers;
    const old = this.#numbers;
    const { length } = old;
    const Type = typeFor(byNumber.length);
    const isInPlace = old.byteLength > largeBytes && old instanceof Type;
    const numbers = isInPlace
      ? new Type((old.buffer as ArrayBuffer).transfer(), 0, length)
      : new Type(length);
    const from = isInPlace ? numbers : old;
    for (let i = 0; i < length; i++) numbers[i] = table[from[i]];
    if (isInPlace) {
      this.#numbers = numbers;
      this.#byNumber = byNumber;
    }
    return numbers;
  }
}

/** The narrowest numbers that tell so many characters apart. */
function typeFor(size: number) {
  return size <= 2 ** 8 ? Uint8Array : size <= 2 ** 16 ? Uint16Array : Int32Array;
}

/** A text that is read part by part. */
export class TextBuilder {
  /** Of each code point that has appeared 1 more than its number. */
  readonly #numberOf = new Int32Array(CODE_POINTS);
  readonly #characters: string[] = [];
  #length = 0;
  /** What is not yet written to takes no memory, however large the buffer. */
  #buffer: ArrayBuffer;
  #numbers: Numbers;

  /** Prepares for a text of so many characters; it may have more. */
  constructor(expected: number) {
    const bytes = Math.max(FIRST_BYTES, expected * Int32Array.BYTES_PER_ELEMENT);
    this.#buffer = new ArrayBuffer(Math.min(bytes, TEXT_LIMIT_BYTES));
    this.#numbers = new Uint8Array(this.#buffer);
  }

  /**
   * Adds a part; a character of two code units is not divided between parts.
   *
   * @throws {UserError} if the text has become too long
   */
  add(part: string): void {
    this.#reserve(part.length);
    const numberOf = this.#numberOf;
    let numbers = this.#numbers;
    let length = this.#length;
    for (let i = 0; i < part.length; i++) {
      let code = part.charCodeAt(i);
      if (code >= 0xd800 && code < 0xdc00) {
        code = part.codePointAt(i)!;
        if (code > 0xffff) i++; // it has two code units
      }
      if (numberOf[code] === 0) {
        this.#length = length;
        this.#meet(code);
        this.#reserve(part.length - i);
        numbers = this.#numbers;
      }
      numbers[length++] = numberOf[code] - 1;
    }
    this.#length = length;
  }

  /** Gives a new character the next number, for which the numbers may become wider. */
  #meet(code: number): void {
    this.#characters.push(String.fromCodePoint(code));
    this.#numberOf[code] = this.#characters.length;
    const Type = typeFor(this.#characters.length);
    if (this.#numbers instanceof Type) return;
    const narrow = this.#numbers;
    if (this.#length * Type.BYTES_PER_ELEMENT > this.#buffer.byteLength) {
      this.#grow(this.#length * Type.BYTES_PER_ELEMENT);
    }
    const before = new (narrow.constructor as typeof Type)(this.#buffer);
    this.#numbers = new Type(this.#buffer);
    // In the same memory, so from the end on: a wide number lies behind the narrow ones before it.
    for (let i = this.#length - 1; i >= 0; i--) this.#numbers[i] = before[i];
  }

  /** Makes room for so many characters more. */
  #reserve(more: number): void {
    const bytes = (this.#length + more) * this.#numbers.BYTES_PER_ELEMENT;
    if (bytes > this.#buffer.byteLength) this.#grow(bytes);
  }

  #grow(bytes: number): void {
    if (bytes > TEXT_LIMIT_BYTES) {
      throw new UserError(
        `the text has more than ${this.#length.toLocaleString("en")} characters, of which ` +
          `${this.#characters.length.toLocaleString("en")} are different: their numbers would ` +
          `take more than ${TEXT_LIMIT_BYTES / 2 ** 30} GiB; give a shorter text`,
      );
    }
    const Type = this.#numbers.constructor as Uint8ArrayConstructor;
    this.#buffer = this.#buffer.transfer(Math.min(2 * bytes, TEXT_LIMIT_BYTES));
    this.#numbers = new Type(this.#buffer);
  }

  /** The whole text. */
  finish(): Text {
    return new Text(this.#characters, this.#numbers.subarray(0, this.#length));
  }
}
