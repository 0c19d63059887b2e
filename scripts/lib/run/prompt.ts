/**
 * The prompt that nobody asked for.
 *
 * @module
 */
import type { Vocabulary } from "@hugo-lab/model";

/**
 * The prompt as it was given; else the usual one, where the text has its characters; else a
 * character that it has.
 *
 * @param given the flag's value, if there was one
 * @param first the first character of the text, or of its vocabulary
 * @param notify told if it is not the usual one
 */
export function choosePrompt(
  vocabulary: Vocabulary,
  { given, usual, first }: { given?: string; usual: string; first: string },
  notify: (line: string) => void,
): string {
  if (given !== undefined) return given;
  if (vocabulary.has(usual)) return usual;
  notify(
    `the text has no ${JSON.stringify(usual)}, the usual --prompt: ` +
      `taking ${JSON.stringify(first)} in its place`,
  );
  return first;
}
