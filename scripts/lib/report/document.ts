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
  legend?: { className: string; label: string }[];
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
  /** Texts side by side where there is room. */
  | { kind: "samples"; samples: { title: string; text: string }[] }
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
  /** What it is, in a sentence or two. */
  summary: Inline;
  sections: Section[];
}

/** A paragraph. */
export function paragraph(...text: Inline): Block {
  return { kind: "paragraph", text };
}

/** What is to be run for something that is not there. */
export function missing(what: string, command: string): Block {
  return paragraph(`${what}: run `, { code: command }, ".");
}
