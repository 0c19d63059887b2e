/**
 * A picture as a file of its own: with the light colours of the page's style sheet written out, since
 * editors and converters know no variables.
 *
 * @module
 */
import { withLineFeeds } from "@hugo-lab/model";
import styleText from "./style.css" with { type: "text" };
import type { Figure } from "./document.ts";
import { escapeText } from "./tablefiles.ts";

const style = withLineFeeds(styleText);
/** The variables of the light page: those of the style sheet's first block. */
const colours = new Map(
  [...style.slice(0, style.indexOf("}")).matchAll(/(--[\w-]+): ([^;]+);/g)]
    .map(([, name, value]) => [name, value]),
);
/** The rules that say how the parts of a picture look. */
const PARTS = ["dashed path", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "heat", "box"].concat(
  ["block-frame", "io", "embedding", "attention", "computation", "norm", "sum"],
);
const FONT = "system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif";
const LEGEND = { row: 18, gap: 34, character: 7.2 };

/** The picture with its title above, its legend below, and its colours. */
export function standalone({ title, svg, legend = [] }: Figure): string {
  const [, width, height] = svg.match(/viewBox="0 0 ([\d.]+) ([\d.]+)"/)!.map(Number);
  const top = 26;
  const rows = placed(legend.map(({ label }) => label), width);
  const bottom = rows.length === 0 ? 8 : 10 + LEGEND.row * (rows.at(-1)!.row + 1);
  const rules = PARTS.map(ruleOf).join("\n");
  const items = legend.map(({ label, className }, i) => {
    const [x, y] = [rows[i].x, top + height + 14 + LEGEND.row * rows[i].row];
    const swatch = /dots|glyph/.test(className)
      ? `<circle cx="${x + 9}" cy="${y - 4}" r="4" fill="${
        className.includes("glyph") ? "currentColor" : "none"
      }" stroke="currentColor"/>`
      : `<path d="M${x},${y - 4}h18" stroke="currentColor" stroke-width="2"/>`;
    return `<g class="${className.replace(/ (dots|glyph)/, "")}">${swatch}` +
      `<text x="${x + 24}" y="${y}" fill="currentColor">${escapeText(label)}</text></g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${top + height + bottom}" ` +
    `viewBox="0 0 ${width} ${top + height + bottom}" font-family="${FONT}" font-size="12" ` +
    `color="${colours.get("--ink")}">`,
    `<style>${rules}</style>`,
    `<rect width="100%" height="100%" fill="${colours.get("--paper")}"/>`,
    `<text x="4" y="16" font-size="13" font-weight="600" fill="currentColor">${
      escapeText(title)
    }</text>`,
    resolved(svg).replace("<svg ", `<svg y="${top}" `),
    ...items,
    "</svg>",
    "",
  ].join("\n");
}

/** A rule of the style sheet, its variables written out. */
function ruleOf(part: string): string {
  const selector = `.${part}`;
  const start = style.indexOf(`\n${selector} {`);
  if (start < 0) throw new Error(`style.css has no rule ${selector}`);
  return resolved(style.slice(start + 1, style.indexOf("}", start) + 1)).replace(/\s+/g, " ");
}

function resolved(text: string): string {
  return text.replace(/var\((--[\w-]+)\)/g, (_, name) => colours.get(name) ?? "currentColor");
}

/** Where the items of a legend stand, row by row. */
function placed(labels: string[], width: number): { x: number; row: number }[] {
  let [x, row] = [4, 0];
  return labels.map((label) => {
    const size = LEGEND.gap + LEGEND.character * label.length;
    if (x > 4 && x + size > width) [x, row] = [4, row + 1];
    x += size;
    return { x: x - size, row };
  });
}
