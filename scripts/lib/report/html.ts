/**
 * A report as one HTML page that needs nothing else, and may do nothing else: its policy allows
 * its own style sheet and, while it is served, its own few lines that reload it.
 *
 * @module
 */
import { withLineFeeds } from "@hugo-lab/model";
import { html, raw } from "./packages.ts";
import type { Block, Figure, Inline, Report, Section, Table } from "./document.ts";
import liveText from "./live.js" with { type: "text" };
import styleText from "./style.css" with { type: "text" };

// A browser hashes them with line feeds.
const [live, style] = [liveText, styleText].map(withLineFeeds);

/** Markup whose parts were escaped. */
type Html = ReturnType<typeof html>;

/** A page and what a browser may do with it. */
export interface Page {
  text: string;
  /** The Content-Security-Policy that the page also has inside. */
  policy: string;
}

/** The page; `served` adds the lines that reload it. */
export async function toHtml(report: Report, served = false): Promise<Page> {
  const policy = [
    "default-src 'none'",
    `style-src ${await hashOf(style)}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    ...(served ? [`script-src ${await hashOf(live)}`, "connect-src 'self'"] : []),
  ].join("; ");
  const page = await html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="${policy}">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <link rel="icon" href="data:,">
        <title>${report.title}</title>
        <style>${raw(style)}</style>
      </head>
      <body>
    <header>
    <h1>${report.title}</h1>
    <p class="summary">${inline(report.summary)}</p>
    </header>
    <nav aria-label="Contents">
    <ul>
    ${report.sections.map(({ id, short }) => html`<li><a href="#${id}">${short}</a></li>`)}
    </ul>
    </nav>
    <main>
    ${report.sections.map(section)}
    </main>
    ${served ? html`<script>${raw(live)}</script>` : ""}
      </body>
    </html>
  `;
  return { text: String(page), policy };
}

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${new Uint8Array(digest).toBase64()}'`;
}

function inline(text: Inline): Html[] {
  return text.map((part) =>
    typeof part === "string" ? html`${part}` : html`<code>${part.code}</code>`
  );
}

function section({ id, title, blocks }: Section): Html {
  return html`
    <section aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    ${blocks.map(render)}
    </section>
  `;
}

function render(block: Block): Html {
  switch (block.kind) {
    case "paragraph":
      return html`
        <p>${inline(block.text)}</p>
      `;
    case "table":
      return table(block);
    case "figures":
      return html`
        <div class="figures ${block.size}">
        ${block.figures.map(figure)}</div>
        ${block.note ? html`<p class="note">${inline(block.note)}</p>` : ""}
      `;
    case "columns":
      return html`
        <div class="columns">
        ${block.columns.map((blocks) => html`<div>${blocks.map(render)}</div>`)}</div>
      `;
    case "samples":
      return html`
        <div class="samples">
        ${block.samples.map(({ title, text }) =>
          html`
            <figure>
              <figcaption>${title}</figcaption>
              ${sample(title, text)}
            </figure>
          `
        )}</div>
      `;
  }
}

function figure({ title, svg, legend }: Figure): Html {
  return html`
    <figure>
    <figcaption>${title}</figcaption>
    ${legend
      ? html`
        <ul class="legend">${legend.map(({ className, label }) =>
          html`<li class="${className}">${label}</li>`
        )}</ul>
      `
      : ""}${raw(svg)}
    </figure>
  `;
}

/** A text as it is: HTML drops one line's end after the tag, so one is given. */
function sample(title: string, text: string): Html {
  return html`<pre tabindex="0" dir="auto" aria-label="${title}">${"\n" + text}</pre>`;
}

/** A table that scrolls by itself, by keyboard too, where it is wider than the screen. */
function table({ caption, columns, textColumns, rows }: Table): Html {
  const kind = (i: number) => i < textColumns ? "text" : "number";
  return html`
    <div class="table" role="region" aria-label="${caption}" tabindex="0">
      <table>
        <caption><span>${caption}</span></caption>
        <thead>
          <tr>${columns.map((column, i) =>
            column === ""
              ? html`<td></td>`
              : html`<th scope="col" class="${kind(i)}">${column}</th>`
          )}</tr>
        </thead>
        <tbody>
    ${rows.map(([first, ...cells]) =>
      html`
        <tr><th scope="row" class="${kind(0)}">${first}</th>${cells.map((cell, i) =>
          html`<td class="${kind(i + 1)}">${cell}</td>`
        )}</tr>
      `
    )}</tbody>
      </table>
    </div>
  `;
}
