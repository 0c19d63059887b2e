/**
 * Matrices as heat maps with characters on the axes: the stronger the colour, the larger the number.
 *
 * @module
 */
import { Plot } from "./packages.ts";
import type { Figure } from "./document.ts";
import { draw } from "./draw.ts";
import { label } from "./text.ts";

/** How a matrix is shown. */
export interface HeatMap {
  title: string;
  description: string;
  /** Rows of numbers from 0 on. */
  matrix: number[][];
  /** The rows' and columns' characters. */
  characters: readonly string[];
  axes: { row: string; column: string };
  /** The number that has the full colour. */
  full: number;
  width: number;
}

/** The picture of a square matrix. */
export function heatMap(map: HeatMap): Figure {
  const { title, description, matrix, characters, axes, full, width } = map;
  const cells = matrix.flatMap((row, i) =>
    row.map((value, j) => ({ i, j, value: Math.min(value / full, 1) })).filter((cell) =>
      cell.value > 0
    )
  );
  const domain = characters.map((_, i) => i);
  const tickFormat = (i: number) => label(characters[i]);
  const fontSize = characters.length > 20 ? 9 : 12;
  const svg = draw({
    width,
    height: width + 8,
    marginTop: 44,
    marginLeft: 40,
    marginRight: 6,
    marginBottom: 10,
    padding: 0.04,
    x: { domain, tickFormat, axis: "top", label: axes.column, labelAnchor: "center", tickSize: 0 },
    y: { domain, tickFormat, label: axes.row, labelAnchor: "center", tickSize: 0 },
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
  }, { title, description, fontSize });
  return { title, description, svg };
}
