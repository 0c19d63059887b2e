/**
 * What a diagram says besides the names that the code has.
 *
 * @module
 */

/** The words of a language. */
export interface DiagramWords {
  title: (name: string) => string;
  /** For those who do not see it. */
  description: (boxes: string) => string;
  /** How often the framed block is there. */
  blocks: (count: number) => string;
  characters: string;
  positions: string;
  scores: string;
  /** Bigram's. */
  table: string;
  token: string;
  position: string;
  /** Of queries and keys. */
  rotary: string;
  transposed: string;
  mask: string;
  weights: string;
  head: (number: number) => string;
  heads: (count: number, size: number) => string;
  concatenate: string;
}

/** English. */
export const englishWords: DiagramWords = {
  title: (name) => `${name}: the architecture`,
  description: (boxes) => `From input to output: ${boxes}`,
  blocks: (count) => `${count} such blocks`,
  characters: "characters",
  positions: "positions",
  scores: "scores",
  table: "embedding table",
  token: "token embedding",
  position: "position embedding",
  rotary: "turned by their position",
  transposed: "token embedding, transposed",
  mask: "mask the future",
  weights: "weights",
  head: (number) => `head ${number}`,
  heads: (count, size) => `${count} heads\nof ${size}`,
  concatenate: "concatenate",
};
