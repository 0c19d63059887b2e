/** Dots in a plane, with lines through them where there are, and strips of dots, one a line. @module */
import { countOf } from "../task/lines.ts";
import { Plot } from "./packages.ts";
import type { Figure, Spot } from "./document.ts";
import { boxOf, drawPlaced } from "./draw.ts";

/** Dots of one colour. */
export interface Dots {
  label: string;
  points: { x: number; y: number; text: string }[];
  /** Through their means, or what was fitted. */
  line?: { x: number; y: number }[];
}

/** An axis. */
export interface Axis {
  label: string;
  isLog?: boolean;
}

/** A picture of dots; the pointer finds what each is. */
export function scatter(
  title: string,
  series: readonly Dots[],
  { x, y }: { x: Axis; y: Axis },
  width: number,
): Figure {
  const classOf = (i: number) => `c${i % 8 + 1}`;
  const marks = series.flatMap(({ points, line = [] }, i) => {
    const className = `${classOf(i)} s${i}`;
    return [
      Plot.line(line, { x: "x", y: "y", className, stroke: "currentColor", strokeWidth: 1.5 }),
      Plot.dot(points, { x: "x", y: "y", className, r: 3, stroke: "currentColor" }),
    ];
  });
  const all = series.flatMap(({ points }) => points);
  const [xs, ys] = [all.map(({ x }) => x), all.map(({ y }) => y)];
  const description = series.map(({ label, points }) =>
    `${label}: ${countOf(points.length, "dot")} from ${points[0].text} to ${points.at(-1)!.text}`
  ).join("; ");
  const { svg, place } = drawPlaced({
    ...boxOf(width),
    x: {
      label: x.label,
      ticks: Math.floor(width / 85),
      ...scaleOf(isWide(xs) ? x : { ...x, isLog: false }, xs, 1.1),
    },
    y: { label: y.label, grid: true, ticks: 6, ...scaleOf(y, ys, 1.03) },
    marks: [Plot.frame({ anchor: "bottom", strokeOpacity: 0.4 }), ...marks],
  }, { title, description });
  const spots = all.map((point): Spot => ({
    x: place("x", point.x),
    y: place("y", point.y),
    text: point.text,
  }));
  const legend = series.map(({ label }, number) => ({
    className: `${classOf(number)} dots`,
    label,
    ...series.length > 1 ? { number } : {},
  }));
  return { title, description, svg, legend, spots };
}

/** Whether values lie so far apart that a logarithmic axis between them has numbers at its ticks. */
function isWide(values: number[]): boolean {
  return Math.max(...values) > 3 * Math.min(...values);
}

/** Round ends suit an even axis; on a logarithmic one they would be decades away. */
function scaleOf({ isLog }: Axis, values: number[], margin: number): Plot.ScaleOptions {
  if (!isLog) return { nice: true };
  return { type: "log", domain: [Math.min(...values) / margin, Math.max(...values) * margin] };
}

/** A line of dots. */
export interface Strip {
  label: string;
  values: { value: number; text: string }[];
  mean: number;
  deviation?: number;
}

const ROW = 22;
const LONGEST_LABEL = 34;

/** Strips below each other: dots, their mean as a bar and a deviation to each side as a line. */
export function strips(
  title: string,
  rows: readonly Strip[],
  { label, zero }: { label: string; zero?: string },
  width: number,
): Figure {
  const names = rows.map((row) => shortened(row.label));
  const dots = rows.flatMap(({ values }, row) => values.map((one) => ({ ...one, row })));
  const means = rows.map(({ mean, deviation = 0 }, row) => ({
    row,
    mean,
    from: mean - deviation,
    to: mean + deviation,
  }));
  const description = rows.map(({ label, mean, values, deviation }) =>
    `${label}: ${mean.toFixed(3)}${deviation === undefined ? "" : ` ± ${deviation.toFixed(3)}`}` +
    `${values.length > 1 ? ` over ${values.length}` : ""}`
  ).join("; ");
  const longest = Math.max(...names.map((name) => name.length));
  const { svg, place } = drawPlaced({
    width,
    height: 68 + ROW * rows.length,
    marginLeft: 16 + 7 * longest,
    marginBottom: 40,
    marginTop: 28,
    x: { label, nice: true, grid: true, ticks: 4, tickFormat: short },
    y: { type: "band", domain: rows.map((_, i) => i), label: null, tickFormat: (i) => names[i] },
    marks: [
      ...zero === undefined ? [] : [
        Plot.ruleX([0], { strokeOpacity: 0.7 }),
        Plot.text([zero], { x: 0, frameAnchor: "top", dy: -14, textAnchor: sideOf(means) }),
      ],
      Plot.ruleY(means, {
        y: "row",
        x1: "from",
        x2: "to",
        className: "c2",
        stroke: "currentColor",
      }),
      Plot.tickX(means, {
        x: "mean",
        y: "row",
        className: "c2",
        stroke: "currentColor",
        strokeWidth: 2,
        inset: 4,
      }),
      Plot.dot(dots, { x: "value", y: "row", className: "c1", r: 3, stroke: "currentColor" }),
    ],
  }, { title, description });
  const spots = dots.map(({ value, row, text }): Spot => ({
    x: place("x", value),
    y: place("y", row),
    text,
  }));
  return { title, description, svg, spots };
}

/** On which side of zero there is room for its name. */
function sideOf(means: { mean: number }[]): "start" | "middle" | "end" {
  if (means.every(({ mean }) => mean < 0)) return "end";
  return means.every(({ mean }) => mean > 0) ? "start" : "middle";
}

function shortened(label: string): string {
  return label.length > LONGEST_LABEL ? `${label.slice(0, LONGEST_LABEL - 1)}…` : label;
}

/** A tick's number without zeros behind it, which would touch the next. */
function short(value: number): string {
  return String(Number(value.toFixed(3))).replace("-", "−");
}
