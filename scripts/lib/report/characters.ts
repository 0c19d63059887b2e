/**
 * Pictures of the characters: how often each occurs, and where training has put each.
 *
 * @module
 */
import { Plot } from "./packages.ts";
import type { Figure } from "./document.ts";
import { drawPlaced } from "./draw.ts";
import { kindOf, KINDS } from "./neighbours.ts";
import { label } from "./text.ts";
import type { Plane } from "./plane.ts";

/** Bars in a row of the frequency chart. */
const BARS = 26;
/** More characters than this are not drawn: a text of thousands of signs has no readable chart. */
const MOST = 4 * BARS;
/** A character that occurs less often is too rare to learn much about. */
export const SELDOM = 100;

/** How often each character occurs, most frequent first, in rows that share one logarithmic scale. */
export function frequencies(counts: [character: string, count: number][], width: number): Figure {
  const shown = counts.slice(0, MOST);
  const title = "How often each character occurs";
  const described = shown.slice(0, 5).map(([c, n]) => `${label(c)} ${n} times`).join(", ");
  const description = `The most frequent are ${described}; the count's scale is logarithmic`;
  const bars = shown.map(([character, count], i) => ({
    character: label(character),
    count,
    column: i % BARS,
    row: Math.floor(i / BARS),
  }));
  const rows = Math.ceil(shown.length / BARS);
  const { svg } = drawPlaced({
    width,
    height: 60 + 85 * rows,
    marginLeft: 52,
    marginTop: 26,
    marginBottom: 34,
    marginRight: 4,
    x: { axis: null, padding: 0.15, label: null },
    fy: { axis: null, padding: 0.18 },
    y: {
      type: "log",
      label: "count",
      grid: true,
      ticks: 4,
      tickFormat: "~s",
      domain: [0.7, shown[0][1] * 1.3],
    },
    marks: [
      Plot.barY(bars, {
        x: "column",
        fy: "row",
        y1: 0.7,
        y2: "count",
        fill: "currentColor",
        className: "c1",
      }),
      Plot.text(bars, {
        x: "column",
        fy: "row",
        y: 0.7,
        text: "character",
        dy: 10,
        fontSize: 12,
      }),
      Plot.text(["character, most frequent first →"], {
        frameAnchor: "bottom-right",
        fy: [rows - 1],
        dy: 30,
        className: "x-axis-label",
      }),
    ],
  }, { title, description });
  return { title, description, svg };
}

/** Where a table's rows lie on their two principal components, each as its character. */
export function characterMap(
  title: string,
  { points, shares }: Plane,
  characters: readonly string[],
  width: number,
): Figure {
  const percent = shares.map((share) => `${Math.round(100 * share)} %`);
  const description = `Each character's row on the first two principal components, which hold ${
    percent.join(" and ")
  } of the variance`;
  const marks = KINDS.map(([className, name], i) => {
    const own = points
      .map(([x, y], i) => ({ x, y, character: characters[i] }))
      .filter(({ character }) => kindOf(character) === name);
    return Plot.text(own, {
      x: "x",
      y: "y",
      text: ({ character }: { character: string }) => label(character),
      fill: "currentColor",
      stroke: "var(--paper)",
      fontSize: 14,
      className: `${className} s${i}`,
    });
  });
  const used = new Set(characters.map(kindOf));
  const axis = (i: number) => ({
    label: `component ${i + 1} (${percent[i]} of the variance)`,
    labelAnchor: "center" as const,
    ticks: 5,
    inset: 10,
  });
  const { svg, place } = drawPlaced({
    width,
    height: Math.round(0.8 * width),
    marginLeft: 62,
    marginBottom: 40,
    x: axis(0),
    y: axis(1),
    marks: [Plot.frame({ strokeOpacity: 0.25 }), ...marks],
  }, { title, description });
  const legend = KINDS.map(([className, name], number) => ({
    className: `${className} glyph`,
    label: name,
    number,
  })).filter((item) => used.has(item.label));
  const spots = points.map(([x, y], i) => ({
    x: place("x", x),
    y: place("y", y),
    text: `${label(characters[i])}, ${kindOf(characters[i])}`,
  }));
  return { title, description, svg, legend, spots };
}
