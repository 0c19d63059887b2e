/**
 * Matrices as heat maps with characters on the axes: the stronger the colour, the larger the number.
 *
 * @module
 */
import { Plot } from "./packages.ts";
import type { Figure } from "./document.ts";
import { drawPlaced } from "./draw.ts";
import { label } from "./text.ts";

/** How a matrix is shown. */
export interface HeatMap {
  title: string;
  description: string;
  /** Rows of numbers from 0 on. */
  matrix: number[][];
  /** The columns' names, and the rows' where they have none of their own. */
  characters: readonly string[];
  rows?: readonly string[];
  axes: { row: string; column: string };
  /** The number that has the full colour. */
  full: number;
  /** Whether numbers above have it too. */
  isCut?: boolean;
  width: number;
}

/** Of the scale of colours. */
const STEPS = 5;
const SWATCH = { width: 26, height: 9 };

/** The picture of a matrix, its scale below it. */
export function heatMap(map: HeatMap): Figure {
  const { title, description, matrix, characters, rows = characters, axes, full, width } = map;
  const cells = matrix.flatMap((row, i) =>
    row.map((value, j) => ({ i, j, value: Math.min(value / full, 1) })).filter((cell) =>
      cell.value > 0
    )
  );
  const fontSize = characters.length > 20 ? 9 : 12;
  const longest = Math.max(...rows.map((row) => label(row).length));
  const marginLeft = 28 + Math.max(12, longest * 0.62 * fontSize);
  const isSquare = rows.length === characters.length;
  const side = (width - marginLeft - 6) / characters.length;
  const height = Math.round(72 + rows.length * (isSquare ? side : Math.min(side, 26)));
  const { svg, place } = drawPlaced({
    width,
    height,
    marginTop: 44,
    marginLeft,
    marginRight: 6,
    marginBottom: 28,
    padding: 0.04,
    x: {
      domain: characters.map((_, j) => j),
      tickFormat: (j: number) => label(characters[j]),
      axis: "top",
      label: axes.column,
      labelAnchor: "center",
      tickSize: 0,
    },
    y: {
      domain: rows.map((_, i) => i),
      tickFormat: (i: number) => label(rows[i]),
      label: axes.row,
      labelAnchor: "center",
      tickSize: 0,
    },
    marks: [
      Plot.frame({ strokeOpacity: 0.25 }),
      Plot.cell(cells, {
        x: "j",
        y: "i",
        fillOpacity: "value",
        fill: "currentColor",
        className: "heat",
      }),
    ],
  }, { title, description, fontSize, more: scale(map, marginLeft, height) });
  const spots = cells.map(({ i, j }) => ({
    x: place("x", j),
    y: place("y", i),
    text: `${label(rows[i])} → ${label(characters[j])}: ${matrix[i][j].toFixed(2)}`,
  }));
  return { title, description, svg, spots };
}

/** What the colours mean: swatches from 0 to the number that has the full one. */
function scale({ full, isCut }: HeatMap, left: number, height: number): string {
  const swatches = Array.from({ length: STEPS }, (_, i) => {
    const x = left + 16 + i * SWATCH.width;
    return `<rect x="${x}" y="${height - 12}" width="${SWATCH.width}" height="${SWATCH.height}" ` +
      `fill="currentColor" fill-opacity="${i / (STEPS - 1)}"/>`;
  });
  const end = left + 22 + STEPS * SWATCH.width;
  const frame = `<rect x="${left + 16}" y="${height - 12}" width="${STEPS * SWATCH.width}" ` +
    `height="${SWATCH.height}" fill="none" stroke="currentColor" stroke-opacity="0.4"/>`;
  return `<g class="heat" data-part="scale">${swatches.join("")}${frame}</g>` +
    `<text x="${left + 8}" y="${height - 4}">0</text>` +
    `<text x="${end}" y="${height - 4}" text-anchor="start">${full}${
      isCut ? " and more" : ""
    }</text>`;
}
