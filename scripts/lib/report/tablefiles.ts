/**
 * The report's tables for those who paste them elsewhere: CSV (RFC 4180) and LaTeX.
 *
 * @module
 */
import { stringify } from "@std/csv";
import type { Block, Report, Table } from "./document.ts";
import { NOTHING } from "./tables.ts";

/** Every table of a report by the name of its file. */
export function tablesOf({ sections }: Report): Map<string, Table> {
  const blocks = sections.flatMap(({ blocks }) => blocks).flatMap(flattened);
  return new Map(
    blocks.filter((block) => block.kind === "table").map((
      table,
    ) => [fileName(table.caption), table]),
  );
}

/** A block and all that are inside. */
export function flattened(block: Block): Block[] {
  const inner = block.kind === "details"
    ? block.blocks
    : block.kind === "columns"
    ? block.columns.flat()
    : [];
  return [block, ...inner.flatMap(flattened)];
}

/** A title as a file's name: letters, digits, hyphens and underscores. */
export function fileName(title: string): string {
  return title.normalize("NFKD").replace(/[^\w]+/g, "-").replace(/^-|-$/g, "").toLowerCase()
    .slice(0, 60);
}

/** A table as CSV: numbers as programs read them, nothing where there is none. */
export function toCsv({ columns, rows }: Table): string {
  return stringify([distinct(columns), ...rows.map((row) => row.map(plain))]);
}

/** Columns of one name are told apart by the one that they stand behind. */
function distinct(columns: string[]): string[] {
  let before = "";
  return columns.map((column, i) => {
    if (columns.indexOf(column) === i && columns.lastIndexOf(column) === i) return before = column;
    return `${before}: ${column}`;
  });
}

function plain(cell: string): string {
  if (cell === NOTHING) return "";
  if (/^\d{1,3}(,\d{3})+$/.test(cell)) return cell.replaceAll(",", "");
  return cell.replace(/^−(?=\d)/, "-");
}

/** A table as LaTeX: a tabular environment that needs no package. */
export function toLatex({ caption, columns, textColumns, rows }: Table): string {
  const alignment = columns.map((_, i) => i < textColumns ? "l" : "r").join("");
  const line = (cells: string[]) => `${cells.map(latex).join(" & ")} \\\\`;
  return [
    "\\begin{table}",
    "\\centering",
    `\\caption{${latex(caption)}}`,
    `\\begin{tabular}{${alignment}}`,
    "\\hline",
    line(columns),
    "\\hline",
    ...rows.map(line),
    "\\hline",
    "\\end{tabular}",
    "\\end{table}",
    "",
  ].join("\n");
}

/** What LaTeX would take for a command or has no letter for. */
const LATEX: Record<string, string> = {
  "\\": "\\textbackslash{}",
  "{": "\\{",
  "}": "\\}",
  "$": "\\$",
  "&": "\\&",
  "#": "\\#",
  "%": "\\%",
  "_": "\\_",
  "^": "\\textasciicircum{}",
  "~": "\\textasciitilde{}",
  "−": "$-$",
  "–": "--",
  "…": "\\dots{}",
  "␣": "\\textvisiblespace{}",
  "↵": "$\\hookleftarrow$",
};

function latex(cell: string): string {
  return cell.replace(/[\\{}$&#%_^~−–…␣↵]/g, (c) => LATEX[c]);
}

/** Text inside markup. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
