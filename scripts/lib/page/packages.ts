/**
 * What draws the report's pictures, in a browser: page_map.json puts this file in the place of
 * report/packages.ts.
 *
 * @module
 */
/// <reference lib="dom" />
import { barX, cell, dot, frame, line, plot, rect, text } from "npm:@observablehq/plot@0.6.17";

export * as dagre from "npm:@dagrejs/dagre@3.1.3";

/** The parts that the page draws with: the others, such as maps, are then left out of it. */
export const Plot = { barX, cell, dot, frame, line, plot, rect, text };

/** The report draws into a document of its own; a page has one. */
export function parseHTML(_: string): { document: Document } {
  return { document };
}
