/**
 * The packages that draw and write the report. They stand here and not in deno.json, since
 * `deno task` downloads all that stands there before any task.
 *
 * @module
 */
export * as dagre from "npm:@dagrejs/dagre@3.1.3";
export * as Plot from "npm:@observablehq/plot@0.6.17";
export { html, raw } from "npm:hono@4.13.19/html";
export { parseHTML } from "npm:linkedom@0.18.15";
export { gfmTableToMarkdown } from "npm:mdast-util-gfm-table@2.0.1";
export { toMarkdown as writeMarkdown } from "npm:mdast-util-to-markdown@2.2.3";
export { PCA } from "npm:ml-pca@4.1.1";
