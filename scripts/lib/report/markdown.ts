/**
 * A report as Markdown: its text, tables and samples; its pictures are in the HTML page.
 *
 * @module
 */
import { gfmTableToMarkdown, writeMarkdown as write } from "./packages.ts";
import { choices } from "./notices.ts";
import type { Block, Figure, Inline, Report, Rung, Table } from "./document.ts";

/** The document's tree is given to `write`. */
type Nodes = Parameters<typeof write>[0];
type Root = Extract<Nodes, { type: "root" }>;
/** What stands under a heading. */
export type Child = Root["children"][number];
type Phrasing = Extract<Nodes, { type: "paragraph" }>["children"][number];

/** Where a Markdown file has its pictures. */
export type Pictures = (figure: Figure) => Child[];

/**
 * The report as Markdown, what is folded away in an appendix; `page` is the HTML page's name.
 */
export function toMarkdown({ title, summary, sections }: Report, page: string): string {
  const children: Child[] = [heading(1, title), paragraph(summary)];
  const pictures: Pictures = ({ title }) => [emphasized(`Picture in ${page}: ${title}.`)];
  const appendix: Child[] = [];
  for (const { title, short, blocks } of sections) {
    const shown = blocks.filter((block) => block.kind !== "details");
    children.push(heading(2, title), ...shown.flatMap((block) => nodes(block, pictures)));
    const folded = blocks.filter((block) => block.kind === "details" && hasText(block));
    if (folded.length === 0) continue;
    appendix.push(heading(2, `Appendix: ${short}`));
    appendix.push(...folded.flatMap((block) => nodes(block, pictures)));
  }
  return writeNodes([...children, ...appendix]);
}

/** Whether there is more in a folded part than pictures, which this file has not, and sources. */
function hasText({ blocks }: Block & { kind: "details" }): boolean {
  return blocks.some((block) =>
    block.kind === "figures" ? block.note !== undefined : block.kind !== "source"
  );
}

/** Nodes as text. */
export function writeNodes(children: Child[]): string {
  return write({ type: "root", children }, { extensions: [gfmTableToMarkdown()] });
}

function text(value: string): Phrasing {
  return { type: "text", value };
}

/** A heading. */
export function heading(depth: 1 | 2 | 3, title: string): Child {
  return { type: "heading", depth, children: [text(title)] };
}

function emphasized(value: string): Child {
  return { type: "paragraph", children: [{ type: "emphasis", children: [text(value)] }] };
}

function paragraph(parts: Inline): Child {
  const children = parts.map((part): Phrasing =>
    typeof part === "string" ? text(part) : { type: "inlineCode", value: part.code }
  );
  return { type: "paragraph", children };
}

/** A part of a section; `pictures` says what stands for a picture. */
export function nodes(block: Block, pictures: Pictures): Child[] {
  const inner = (blocks: Block[]) => blocks.flatMap((one) => nodes(one, pictures));
  switch (block.kind) {
    case "paragraph":
      return [paragraph(block.text)];
    case "table":
      return [heading(3, block.caption), table(block)];
    case "figures":
      return [
        ...block.figures.flatMap(pictures),
        ...(block.note ? [paragraph(block.note)] : []),
      ];
    case "columns":
      return inner(block.columns.flat());
    case "details": {
      const blocks = block.blocks.filter(({ kind }) => kind !== "source");
      const hasHeading = ["table", "samples"].includes(blocks[0].kind);
      return [...hasHeading ? [] : [heading(3, block.title)], ...inner(blocks)];
    }
    case "source":
      return [heading(3, block.title), { type: "code", lang: "ts", value: block.text }];
    case "question":
      return [paragraph([`${block.label}: ${block.text}`])];
    case "facts":
      return [paragraph([
        `${block.facts.map(({ name, value }) => `${name} ${value}`).join("; ")}.`,
      ])];
    case "list":
      return [heading(3, block.title), {
        type: "list",
        spread: false,
        children: block.items.map((item) => ({ type: "listItem", children: [paragraph(item)] })),
      } as Child];
    case "ladder":
      return ladder(block.rungs);
    case "samples":
      return block.samples.flatMap(({ title, text }): Child[] => [
        heading(3, title),
        { type: "code", value: text },
      ]);
  }
}

function ladder(rungs: Rung[]): Child[] {
  const words = (note: Inline) => note.map((part) => typeof part === "string" ? part : part.code);
  return [
    table({
      kind: "table",
      caption: "",
      columns: ["stage", "what it is", "a line that it writes", "loss (nats)", "hesitates among"],
      textColumns: 3,
      rows: rungs.map(({ title, what, loss, line, note = [] }) => [
        title,
        what,
        [line ?? "–", ...(note.length > 0 ? [`(${words(note).join("")})`] : [])].join(" "),
        loss === undefined ? "–" : loss.toFixed(4),
        loss === undefined ? "–" : choices(loss),
      ]),
    }),
  ];
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
