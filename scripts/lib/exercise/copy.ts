/**
 * A student's copy of a part of the model module, with gaps.
 *
 * The gaps are marked in the module itself: from a line `// exercise NAME: what to write` to a line
 * `// end`. Declarations are found by the layout that deno fmt gives them: they begin and end at
 * the margin. This is no parser; a test compiles every copy.
 *
 * @module
 */
import { withLineFeeds } from "@hugo-lab/model";
import batches from "../../../model/batches.ts" with { type: "text" };
import languageModel from "../../../model/language_model.ts" with { type: "text" };
import layers from "../../../model/layers.ts" with { type: "text" };
import vocabulary from "../../../model/vocabulary.ts" with { type: "text" };
import { type ExerciseName, exerciseNames, exercises, type SourceName } from "./catalogue.ts";

const sources: Record<SourceName, string> = {
  "batches.ts": batches,
  "language_model.ts": languageModel,
  "layers.ts": layers,
  "vocabulary.ts": vocabulary,
};
const MARK = /^( *)\/\/ exercise (\w+): (.*)$/;
const WIDTH = 100; // deno fmt's in this project
const END = /^ *\/\/ end$/;

/** The text of an exercise's file; `solved` leaves what the gaps hide. */
export function exerciseText(name: ExerciseName, solved = false): string {
  const { source, declarations } = exercises[name];
  const lines = withLineFeeds(sources[source]).split("\n");
  const parts = declarations.map((declaration) => cutDeclaration(lines, declaration));
  const solution = joined(parts.map(withoutMarks));
  const body = solved ? solution : joined(parts.map((part) => withGaps(part, name)));
  return `${header(name)}${imports(lines, solution, declarations)}\n${body}\n`;
}

const joined = (parts: string[][]) => parts.map((part) => part.join("\n")).join("\n\n");

const withoutMarks = (part: string[]) => part.filter((line) => !MARK.test(line) && !END.test(line));

function header(name: ExerciseName): string {
  return `/**
 * Exercise ${name}: ${exercises[name].title}.
 *
 * Write your own lines in place of those that throw "your code here"; what is imported may help.
 * Then let it be checked:
 *
 *     deno task exercise check ${name}
 *
 * @module
 */
`;
}

/** A declaration with its doc comment. */
function cutDeclaration(lines: string[], name: string): string[] {
  const pattern = new RegExp(`^export (abstract )?(class|function) ${name}\\b`);
  const at = lines.findIndex((line) => pattern.test(line));
  if (at < 0) throw new Error(`the model module has no ${name}`);
  let start = at;
  if (/\*\/$/.test(lines[at - 1])) {
    do start--; while (!lines[start].startsWith("/**"));
  }
  return lines.slice(start, lines.indexOf("}", at) + 1);
}

/** The lines with a throw in place of each gap of the exercise or of a later one. */
function withGaps(lines: string[], name: ExerciseName): string[] {
  const result: string[] = [];
  let isHidden = false;
  for (const line of lines) {
    const [, indent, owner, task] = MARK.exec(line) ?? [];
    if (owner) {
      const isLater = exerciseNames.indexOf(owner as ExerciseName) > exerciseNames.indexOf(name);
      isHidden = isLater || owner === name;
      const message = isLater ? `this comes with the exercise ${owner}` : `your code here: ${task}`;
      if (isHidden) result.push(...throwing(message, indent));
    } else if (END.test(line)) {
      isHidden = false;
    } else if (!isHidden) {
      result.push(line);
    }
  }
  return result;
}

function throwing(message: string, indent: string): string[] {
  const line = `${indent}throw new Error(${JSON.stringify(message)});`;
  if (line.length <= WIDTH) return [line];
  return [`${indent}throw new Error(`, `${indent}  ${JSON.stringify(message)},`, `${indent});`];
}

/** Imports of what the text uses of the source's own imports and of the source itself. */
function imports(lines: string[], text: string, declarations: string[]): string {
  const isUsed = (name: string) => new RegExp(`(?<![.\\w])${name}(?!\\w|\\??:)`).test(text);
  const found = importable(lines)
    .filter(({ name }) => !declarations.includes(name) && isUsed(name))
    .sort((a, b) => sortKey(a.name) < sortKey(b.name) ? -1 : 1);
  const tensors = isUsed("tf") ? 'import * as tf from "@hugo-lab/model/tf";\n' : "";
  if (found.length === 0) return tensors;
  const onlyTypes = found.every(({ isType }) => isType);
  const names = found.map(({ name, isType }) => isType && !onlyTypes ? `type ${name}` : name);
  const from = '} from "@hugo-lab/model";';
  const keyword = onlyTypes ? "import type" : "import";
  const line = `${keyword} { ${names.join(", ")} ${from}`;
  if (line.length <= WIDTH) return `${tensors}${line}\n`;
  return `${tensors}${keyword} {\n${names.map((name) => `  ${name},\n`).join("")}${from}\n`;
}

/** As deno fmt orders imports. */
const sortKey = (name: string) => `${name.toLowerCase()} ${name}`;

/** What a file of the model module imports from its neighbours, and what it exports itself. */
function importable(lines: string[]): { name: string; isType: boolean }[] {
  const names: { name: string; isType: boolean }[] = [];
  const statements = lines.join("\n").matchAll(/^import (type )?\{([^}]*)\} from "\.\//gm);
  for (const [, type, list] of statements) {
    for (const item of list.split(",").map((text) => text.trim()).filter(Boolean)) {
      const isType = type !== undefined || item.startsWith("type ");
      names.push({ name: item.replace(/^type /, ""), isType });
    }
  }
  for (const line of lines) {
    const [, kind, name] = /^export (?:abstract )?(\w+) (\w+)/.exec(line) ?? [];
    if (name) names.push({ name, isType: kind === "interface" || kind === "type" });
  }
  return names;
}
