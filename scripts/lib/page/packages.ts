/**
 * What draws the report's pictures, in a browser: page_map.json puts this file in the place of
 * report/packages.ts.
 *
 * @module
 */
/// <reference lib="dom" />
export * as dagre from "npm:@dagrejs/dagre@3.1.3";
export * as Plot from "npm:@observablehq/plot@0.6.17";

/** The report draws into a document of its own; a page has one. */
export function parseHTML(_: string): { document: Document } {
  return { document };
}
