/**
 * The one place where the page looks into a corpus.
 *
 * @module
 */
import type { Corpus } from "@hugo-lab/model";

/** The text's characters, one a string. */
export function charactersOf(corpus: Corpus): readonly string[] {
  return corpus.characters;
}
