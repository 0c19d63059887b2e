/**
 * A report as one HTML page that needs nothing else, and may do nothing else: its policy allows its
 * own style sheet, its own few lines that say what lies under the pointer and, while it is served,
 * those that reload it.
 *
 * @module
 */
import { withLineFeeds } from "@hugo-lab/model";
import { choices } from "./notices.ts";
import { html, raw } from "./packages.ts";
import type {
  Block,
  Figure,
  Inline,
  LegendItem,
  Report,
  Rung,
  Sample,
  Section,
  Table,
} from "./document.ts";
import liveText from "./live.js" with { type: "text" };
import scriptText from "./page.js" with { type: "text" };
import styleText from "./style.css" with { type: "text" };

// A browser hashes them with line feeds.
const [live, script, style] = [liveText, scriptText, styleText].map(withLineFeeds);

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
    `script-src ${await hashOf(script)}${served ? ` ${await hashOf(live)}` : ""}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    ...(served ? ["connect-src 'self'"] : []),
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
    ${report.headline ? html`<p class="kicker">${report.title}</p>` : ""}
    <h1>${report.headline ?? report.title}</h1>
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
    <script>${raw(script)}</script>
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
    case "list":
      return html`
        <div class="notices">
          <h3>${block.title}</h3>
          <ul>${block.items.map((item) => html`<li>${inline(item)}</li>`)}</ul>
        </div>
      `;
    case "question":
      return html`
        <p class="question"><span class="label">${block.label}</span> ${block.text}</p>
      `;
    case "facts":
      return html`
        <dl class="facts">${block.facts.map(({ name, value }) =>
          html`
            <div>
              <dt>${name}</dt>
              <dd>${value}</dd>
            </div>
          `
        )}</dl>
      `;
    case "ladder":
      return ladder(block.rungs);
    case "source":
      return html`
        <figure class="source">
          <figcaption>${block.title}</figcaption>
          ${sample(block.title, block.text)}
        </figure>
      `;
    case "details":
      return html`
        <details>
        <summary>${block.title}</summary>
        ${block.blocks.map(render)}
        </details>
      `;
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
        ${block.samples.map(({ title, text, pieces }) =>
          html`
            <figure>
              <figcaption>${title}</figcaption>
              ${sample(title, text, pieces)}
            </figure>
          `
        )}</div>
      `;
  }
}

/** A rung a stage: its bar is as long as the choices that its model has left. */
function ladder(rungs: Rung[]): Html {
  const most = Math.max(...rungs.map(({ loss }) => loss === undefined ? 1 : Math.exp(loss)));
  return html`
    <ol class="ladder">
    ${rungs.map(({ id, title, what, loss, line, note = [], isNotebooks }) =>
      html`
        <li class="${isNotebooks || loss === undefined ? "other" : "own"}">
        <p class="rung"><a href="#${id}">${title}</a> <span>${what}</span></p>
        ${loss === undefined ? "" : html`
          <p class="loss"><b>${loss.toFixed(2)}</b> nats
          <span>among ${choices(loss)} characters</span></p>
          ${bar(Math.exp(loss) / most)}
        `}
        ${line === undefined ? "" : html`<p class="line" dir="auto">${line}</p>`}
        ${note.length > 0 ? html`<p class="note">${inline(note)}</p>` : ""}
        </li>
      `
    )}
    </ol>
  `;
}

/** A bar of a share of the width; the figure beside it says the same to those who do not see it. */
function bar(share: number): Html {
  const width = (100 * share).toFixed(1);
  return html`
    <svg class="bar" aria-hidden="true">
      <rect width="${width}%" height="100%"></rect>
    </svg>
  `;
}

function figure({ title, svg, legend, spots }: Figure): Html {
  const places = spots?.map(({ x, y = null, text }) => [x, y, text]);
  const inside = html`
    <figcaption>${title}</figcaption>
    ${legend ? html`<ul class="legend">${legend.map(legendItem)}</ul>` : ""}${raw(svg)}
    ${places ? html`<p class="readout" aria-live="polite"></p>` : ""}
  `;
  return places?.length
    ? html`<figure data-spots="${JSON.stringify(places)}">${inside}</figure>`
    : html`<figure>${inside}</figure>`;
}

/** A colour's meaning; where it can be switched off, the style sheet does so. */
function legendItem({ className, label, number }: LegendItem): Html {
  if (number === undefined) return html`<li class="${className}">${label}</li>`;
  return html`<li class="${className}"><label><input type="checkbox" checked autocomplete="off"
    data-part="s${number}">${label}</label></li>`;
}

/** A text as it is: HTML drops one line's end after the tag, so one is given. */
function sample(title: string, text: string, pieces: Sample["pieces"] = []): Html {
  const marked = pieces.map(({ text, isMarked }) => isMarked ? html`<mark>${text}</mark>` : text);
  const inside = marked.length > 0 ? ["\n", ...marked] : "\n" + text;
  return html`<pre tabindex="0" dir="auto" aria-label="${title}">${inside}</pre>`;
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
