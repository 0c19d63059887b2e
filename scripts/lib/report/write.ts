/**
 * A report as its two files.
 *
 * @module
 */
import { prepareFolder, writeAtomically } from "@hugo-lab/model";
import type { Report } from "./document.ts";
import { toHtml } from "./html.ts";
import { toMarkdown } from "./markdown.ts";

/**
 * Writes `folder/name.html` and `folder/name.md`; both are made before either is written.
 *
 * @returns the page's path
 */
export async function writeReport(report: Report, folder: string, name: string): Promise<string> {
  const page = await toHtml(report);
  const markdown = toMarkdown(report, `${name}.html`);
  prepareFolder(folder);
  const encoder = new TextEncoder();
  await writeAtomically(`${folder}/${name}.html`, encoder.encode(page.text));
  await writeAtomically(`${folder}/${name}.md`, encoder.encode(markdown));
  return `${folder}/${name}.html`;
}
