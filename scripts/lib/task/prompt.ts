/** Texts that flags give, as the numbers of their characters. @module */
import { UserError, type Vocabulary } from "@hugo-lab/model";

/** The prompt's numbers. @throws {UserError} if it is empty or has a character of no text */
export function encodePrompt(vocabulary: Vocabulary, prompt: string): Int32Array {
  if (prompt === "") throw new UserError("--prompt needs at least one character");
  return encodeFlag(vocabulary, "prompt", prompt);
}

/** The numbers of the text that a flag gave. @throws {UserError} if it has an unknown character */
export function encodeFlag(vocabulary: Vocabulary, flag: string, text: string): Int32Array {
  try {
    return vocabulary.encode(text);
  } catch (error) {
    throw error instanceof UserError ? error.within(`--${flag}: `) : error;
  }
}
