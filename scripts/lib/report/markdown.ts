/**
 * A report as Markdown: its text, tables and samples; its pictures are in the HTML page.
 *
 * @module
 */
import { gfmTableToMarkdown, writeMarkdown as write } from "./packages.ts";
import type { Block, Inline, Report, Table } from "./document.ts";

/** The document's tree is given to `write`. */
type Nodes = Parameters<typeof write>[0];
type Root = Extract<Nodes, { type: "root" }>;
type Child = Root["children"][number];
type Phrasing = Extract<Nodes, { type: "paragraph" }>["children"][number];

/** The report as Markdown; `page` is the HTML page's name. */
export function toMarkdown({ title, summary, sections }: Report, page: string): string {
  const children: Child[] = [heading(1, title), paragraph(summary)];
  for (const { title, blocks } of sections) {
    children.push(heading(2, title), ...blocks.flatMap((block) => nodes(block, page)));
  }
  return write({ type: "root", children }, { extensions: [gfmTableToMarkdown()] });
}

function text(value: string): Phrasing {
  return { type: "text", value };
}

function heading(depth: 1 | 2 | 3, title: string): Child {
  return { type: "heading", depth, children: [text(title)] };
}

function paragraph(parts: Inline): Child {
  const children = parts.map((part): Phrasing =>
    typeof part === "string" ? text(part) : { type: "inlineCode", value: part.code }
  );
  return { type: "paragraph", children };
}

function nodes(block: Block, page: string): Child[] {
  switch (block.kind) {
    case "paragraph":
      return [paragraph(block.text)];
    case "table":
      return [heading(3, block.caption), table(block)];
    case "figures": {
      const titles = block.figures.map(({ title, description }) => `${title} (${description})`);
      const link: Phrasing = { type: "link", url: page, children: [text(page)] };
      const children = [text("Pictures in "), link, text(`: ${titles.join("; ")}.`)];
      const note = block.note ? [paragraph(block.note)] : [];
      return [{ type: "paragraph", children }, ...note];
    }
    case "columns":
      return block.columns.flat().flatMap((inner) => nodes(inner, page));
    case "samples":
      return block.samples.flatMap(({ title, text }): Child[] => [
        heading(3, title),
        { type: "code", value: text },
      ]);
  }
}

function table({ columns, textColumns, rows }: Table): Child {
  return {
    type: "table",
    align: columns.map((_, i) => i < textColumns ? "left" : "right"),
    children: [columns, ...rows].map((row) => ({
      type: "tableRow",
      children: row.map((cell) => ({ type: "tableCell", children: [text(cell)] })),
    })),
  };
}
