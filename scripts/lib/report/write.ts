/**
 * A report as its files, and the student's own report with its pictures and tables.
 *
 * @module
 */
import { prepareFolder, readUtf8, writeAtomically } from "@hugo-lab/model";
import { withFile } from "../task/errors.ts";
import type { Report } from "./document.ts";
import { toHtml } from "./html.ts";
import { toMarkdown } from "./markdown.ts";
import { writeSheet } from "./sheet.ts";
import { tablesOf, toCsv, toLatex } from "./tablefiles.ts";

const encoder = new TextEncoder();

/**
 * Writes `folder/name.html` and `folder/name.md`; both are made before either is written. The folder
 * is there: one that vanished while it was read is not made anew.
 *
 * @returns the page's path
 */
export async function writeReport(report: Report, folder: string, name: string): Promise<string> {
  const page = await toHtml(report);
  const markdown = toMarkdown(report, `${name}.html`);
  await writeFiles(folder, new Map([[`${name}.html`, page.text], [`${name}.md`, markdown]]));
  return `${folder}/${name}.html`;
}

/**
 * Writes the student's report, `folder/sheet.md`, keeping what they wrote, its pictures in
 * `folder/sheet/`, and every table in `folder/tables/`; all is made before any of it is written.
 *
 * @param say is told of parts that were left as they are
 * @returns the sheet's path
 * @throws {UserError} if the marks in the sheet that is there are not in pairs
 */
export async function writeSheetFiles(
  report: Report,
  folder: string,
  say: (line: string) => void,
): Promise<string> {
  const path = `${folder}/sheet.md`;
  const old = await readOld(path);
  const renew = () => writeSheet(report, "sheet", old);
  const { text, pictures, left, hasParts } = await withFile(path, renew, { purpose: "renew" });
  const tables = [...tablesOf(report)];
  await writeFiles(folder, new Map([["sheet.md", text]]));
  prepareFolder(`${folder}/tables`);
  for (const [name, table] of tables) {
    const files = new Map([[`${name}.csv`, toCsv(table)], [`${name}.tex`, toLatex(table)]]);
    await writeFiles(`${folder}/tables`, files);
  }
  prepareFolder(`${folder}/sheet`);
  await writeFiles(`${folder}/sheet`, pictures);
  if (left.length > 0) {
    say(
      `${path}: left as you changed it: ${left.join(", ")}; empty such a part to have it renewed`,
    );
  }
  if (!hasParts) {
    say(
      `${path}: no part of it is the report's, so nothing is renewed; move it away for a new one`,
    );
  }
  return path;
}

async function readOld(path: string): Promise<string | undefined> {
  try {
    const told = { remedy: "save it in UTF-8, or move it away", purpose: "renew" };
    return await withFile(path, () => readUtf8(path, { keepMark: true }), told);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function writeFiles(folder: string, files: Map<string, string>): Promise<void> {
  for (const [name, text] of files) {
    await writeAtomically(`${folder}/${name}`, encoder.encode(text));
  }
}
