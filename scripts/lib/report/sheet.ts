/**
 * The student's own report: every question of the lab with the figures of their runs, and blanks for
 * what they have to say.
 *
 * What is made anew each time stands between two marks, `<!-- lab:begin NAME SUM -->` and
 * `<!-- lab:end NAME -->`; everything else is the student's and is kept. SUM is of what stood there:
 * where somebody has changed it, it is theirs too, and is left as it is.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { UserError } from "@hugo-lab/model";
import type { Block, Figure, Report } from "./document.ts";
import { type Child, heading, nodes, writeNodes } from "./markdown.ts";
import { standalone } from "./standalone.ts";
import { fileName, flattened } from "./tablefiles.ts";

/** The student's report and the pictures that it shows. */
export interface Sheet {
  text: string;
  /** SVG by file name, in the folder beside it. */
  pictures: Map<string, string>;
  /** Parts that were left as they are, since somebody has changed them. */
  left: string[];
  /** Whether it has parts to renew. */
  hasParts: boolean;
}

/** A part that is made anew. */
interface Part {
  name: string;
  text: string;
  /** What it asks: a blank follows each. */
  questions: { label: "Question" | "Task"; text: string }[];
}

const BLANKS = { Question: "_Your answer:_", Task: "_Your code, or what you found:_" };
const BEGIN = /^<!-- lab:begin ([\w-]+) ([0-9a-f]+) -->$/;
const END = /^<!-- lab:end ([\w-]+) -->$/;
/** What is folded in the report is left out here, but for these. */
const UNFOLDED = /^(All figures|Every evaluation|The shorter runs|Samples)/;

/**
 * The sheet of a report.
 *
 * @param folder the pictures', as the sheet names it
 * @param old the sheet as it was
 * @throws {UserError} if the marks in the old one are not in pairs
 */
export function writeSheet(report: Report, folder: string, old?: string): Sheet {
  const pictures = new Map<string, string>();
  const picture = (figure: Figure): Child[] => {
    const name = `${fileName(figure.title)}.svg`;
    pictures.set(name, standalone(figure));
    const image = { type: "image" as const, url: `${folder}/${name}`, alt: figure.title };
    return [{ type: "paragraph", children: [image] }];
  };
  const own = report.sections.filter(({ id }) => id !== "search"); // that one is the lab's
  const parts = own.map(({ id, title, blocks }): Part => ({
    name: id,
    text: writeNodes([
      heading(2, title),
      ...blocks.flatMap(shown).flatMap((block) => nodes(block, picture)),
    ]).trim().replaceAll("<!-- lab:", "<!-- lab :"), // a text that a model wrote is no mark
    questions: blocks.flatMap(flattened)
      .flatMap((block) => block.kind === "question" ? [block] : []),
  }));
  if (old === undefined) return { text: fresh(parts), pictures, left: [], hasParts: true };
  return { ...renewed(old, new Map(parts.map((part) => [part.name, part]))), pictures };
}

/** What of a section the sheet has: its figures, not the report's own remarks and questions. */
function shown(block: Block): Block[] {
  switch (block.kind) {
    case "list":
    case "question":
    case "source":
      return [];
    case "columns":
      return block.columns.flat().flatMap(shown);
    case "details":
      return UNFOLDED.test(block.title) ? block.blocks.flatMap(shown) : [];
    default:
      return [block];
  }
}

const sumOf = (text: string) =>
  // Editors align tables and change line ends: that is no change of the text.
  createHash("sha256").update(text.replace(/[\s|:*_\\-]+/g, "")).digest("hex").slice(0, 12);

function marked({ name, text }: Part): string {
  return `<!-- lab:begin ${name} ${sumOf(text)} -->\n\n${text}\n\n<!-- lab:end ${name} -->`;
}

/** A sheet with nothing in it yet. */
function fresh(parts: Part[]): string {
  const blanks = ({ questions }: Part) =>
    questions.map(({ label, text }) => `**${label}.** ${text}\n\n${BLANKS[label]}\n`).join("\n");
  return [
    "# My report on the Hugo lab",
    "",
    "Name:",
    "",
    "`deno task report --sheet` renews what stands between the marks `lab:begin` and `lab:end`; " +
    "all else is yours and stays.",
    "",
    ...parts.flatMap((part) => [marked(part), "", blanks(part)]),
    "## Conclusion",
    "",
    BLANKS.Question,
    "",
  ].join("\n");
}

/** The old sheet with its parts made anew, line ends kept. */
function renewed(old: string, parts: Map<string, Part>): Omit<Sheet, "pictures"> {
  const lines = old.split(/\r?\n/);
  const out: string[] = [];
  const left: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    const [, name, sum] = lines[i].trim().match(BEGIN) ?? [];
    if (name === undefined) {
      if (END.test(lines[i].trim())) throw broken(i, "an end without a beginning");
      out.push(lines[i]);
      continue;
    }
    const length = lines.slice(i + 1)
      .findIndex((line) => END.test(line.trim()) || BEGIN.test(line.trim()));
    const last = i + 1 + length;
    if (length < 0 || lines[last].trim().match(END)?.[1] !== name) {
      throw broken(i, `the part ${name} has no <!-- lab:end ${name} -->`);
    }
    const text = lines.slice(i + 1, last).join("\n").trim();
    const part = parts.get(name);
    const isOurs = text === "" || sumOf(text) === sum;
    if (!isOurs) left.push(name);
    out.push(...(isOurs && part ? marked(part).split("\n") : lines.slice(i, last + 1)));
    i = last;
  }
  const text = out.join(old.includes("\r\n") ? "\r\n" : "\n");
  return { text, left, hasParts: lines.some((line) => BEGIN.test(line.trim())) };
}

function broken(line: number, what: string): UserError {
  return new UserError(
    `line ${line + 1}: ${what}; put the mark back, or give the file another name to begin anew`,
  );
}
