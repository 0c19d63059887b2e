/**
 * The classes of the model module as the report shows them: their own text.
 *
 * @module
 */
import { withLineFeeds } from "@hugo-lab/model";
import languageModel from "../../../model/language_model.ts" with { type: "text" };
import layers from "../../../model/layers.ts" with { type: "text" };

const sources = { "model/language_model.ts": languageModel, "model/layers.ts": layers };
/** The marks of the exercises' gaps. */
const MARK = /^ *\/\/ (exercise \w+: .*|end)$/;

/** A class's text with its comment, and the file that it is in. */
export function classSource(name: string): { file: string; text: string } {
  for (const [file, text] of Object.entries(sources)) {
    const lines = withLineFeeds(text).split("\n");
    const first = lines.findIndex((line) =>
      new RegExp(`^export (abstract )?class ${name}\\b`).test(line)
    );
    if (first < 0) continue;
    const length = lines.slice(first).indexOf("}") + 1;
    let comment = first;
    while (/^(\/\*\*| \*)/.test(lines[comment - 1])) comment--;
    const body = lines.slice(comment, first + length).filter((line) => !MARK.test(line));
    return { file, text: body.join("\n") };
  }
  throw new Error(`the model module has no class ${name}`);
}
