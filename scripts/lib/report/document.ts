/**
 * What a report is made of, before it is written as HTML or Markdown.
 *
 * All strings are plain text; only a picture's SVG is markup, made by the plotting library.
 *
 * @module
 */

/** Text, with parts that are code. */
export type Inline = (string | { code: string })[];

/** A picture with what it shows in words. */
export interface Figure {
  title: string;
  /** For those who do not see it. */
  description: string;
  svg: string;
  /** The meaning of the colours, by the class that has the colour. */
  legend?: LegendItem[];
  /** What the pointer and the arrow keys find in the picture. */
  spots?: Spot[];
}

/** A colour's meaning; one that has a number can be switched off: the parts of that class. */
export interface LegendItem {
  className: string;
  label: string;
  number?: number;
}

/** A place in a picture, in its own pixels, and what is there in words. */
export interface Spot {
  x: number;
  /** None where a whole column is meant. */
  y?: number;
  text: string;
}

/** A step of the ladder of losses. */
export interface Rung {
  /** The section that it leads to. */
  id: string;
  title: string;
  what: string;
  /** The validation loss in nats; none if it was not run. */
  loss?: number;
  /** What the model wrote. */
  line?: string;
  /** Whose loss and line these are, where they are not this run's; or what is to be noticed. */
  note?: Inline;
  /** Whether loss and line are the notebook's. */
  isNotebooks: boolean;
}

/** A table; the first cell of each row is the row's heading. */
export interface Table {
  kind: "table";
  caption: string;
  columns: string[];
  /** How many columns from the left are text; the others are numbers. */
  textColumns: number;
  rows: string[][];
}

/** A text that a model wrote. */
export interface Sample {
  title: string;
  text: string;
  /** The same in pieces, where some of them are marked. */
  pieces?: { text: string; isMarked: boolean }[];
}

/** A part of a section. */
export type Block =
  | { kind: "paragraph"; text: Inline }
  | Table
  /** Pictures side by side where there is room. */
  | {
    kind: "figures";
    size: "whole" | "half" | "third" | "small";
    figures: Figure[];
    note?: Inline;
  }
  /** Things to notice. */
  | { kind: "list"; title: string; items: Inline[] }
  /** What the reader is asked to answer, or to write. */
  | { kind: "question"; label: "Question" | "Task"; text: string }
  /** The few figures that matter, each with its name. */
  | { kind: "facts"; facts: { name: string; value: string }[] }
  /** The losses from stage to stage. */
  | { kind: "ladder"; rungs: Rung[] }
  /** A part of a program. */
  | { kind: "source"; title: string; text: string }
  /** What is read by those who unfold it. */
  | { kind: "details"; title: string; blocks: Block[] }
  /** Texts side by side where there is room. */
  | { kind: "samples"; samples: Sample[] }
  /** Other parts side by side where there is room. */
  | { kind: "columns"; columns: Block[][] };

/** A part of the report under a heading. */
export interface Section {
  /** For links; of letters, digits and hyphens. */
  id: string;
  title: string;
  /** As the list of contents calls it. */
  short: string;
  blocks: Block[];
}

/** A whole report. */
export interface Report {
  title: string;
  /** What stands at its head; the title if there is none. */
  headline?: string;
  /** What it is, in a sentence or two. */
  summary: Inline;
  sections: Section[];
}

/** A paragraph. */
export function paragraph(...text: Inline): Block {
  return { kind: "paragraph", text };
}

/** Parts that are folded away, if there are any. */
export function details(title: string, ...blocks: Block[]): Block[] {
  return blocks.length > 0 ? [{ kind: "details", title, blocks }] : [];
}

/** What is to be run for something that is not there. */
export function missing(what: string, command: string): Block {
  return paragraph(`${what}: run `, { code: command }, ".");
}
