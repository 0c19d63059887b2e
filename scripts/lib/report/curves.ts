/**
 * Loss curves: a run's training and validation loss, or many runs together.
 *
 * @module
 */
import { Plot } from "./packages.ts";
import type { Figure, Spot } from "./document.ts";
import { boxOf, drawPlaced, type Place } from "./draw.ts";
import { bestRow, overfitting } from "./overfitting.ts";
import type { LossRow } from "../run/read_csv.ts";
import type { Run } from "./runs.ts";

/** What the curves are drawn against. */
export type Against = "iterations" | "seconds";

/** A curve. */
export interface Series {
  label: string;
  /** Its colour's and dashes' class in the style sheet. */
  className: string;
  points: { x: number; loss: number }[];
  /** Drawn as circles alone: figures to compare with. */
  dots?: boolean;
}

/** A place on the axis that is pointed out. */
export interface Mark {
  x: number;
  label: string;
}

/** A run shorter than this has no curve against its seconds: they tell of starting, not training. */
export const SHORTEST_SECONDS = 2;

/** A run's curves, with the notebook's figures as circles; they begin after the first evaluation. */
export function runCurves(run: Run, width: number): Figure {
  const trained = (rows: LossRow[]) => rows.length > 2 ? rows.slice(1) : rows;
  const ours = { ...run, losses: trained(run.losses) };
  const series: Series[] = [
    { label: "train", className: "c1", points: points(ours, "trainLoss", "iterations") },
    {
      label: "validation",
      className: "c2 dashed",
      points: points(ours, "valLoss", "iterations"),
    },
  ];
  if (run.notebook) {
    const dots = (key: "trainLoss" | "valLoss") =>
      trained(run.notebook!.losses).map((row) => ({ x: row.step, loss: row[key] }));
    series.push(
      { label: "notebook, train", className: "c1", points: dots("trainLoss"), dots: true },
      { label: "notebook, validation", className: "c2", points: dots("valLoss"), dots: true },
    );
  }
  const title = `${run.title}: loss against iterations`;
  return curves(title, series, "iterations", width, bestStep(run.losses));
}

/** Where a run was best, if it went on and overfitted. */
function bestStep(rows: LossRow[]): Mark[] {
  if (overfitting(rows) === undefined) return [];
  const { step } = bestRow(rows);
  return step === rows.at(-1)!.step ? [] : [{ x: step, label: "best" }];
}

/** The validation losses of many runs from their second evaluation on. */
export function allCurves(runs: Run[], against: Against, width: number): Figure {
  const series = runs.map((run, i) => ({
    label: run.title,
    className: `c${i % 8 + 1}${i % 2 ? " dashed" : ""}`,
    points: points(run, "valLoss", against).slice(run.losses.length > 1 ? 1 : 0),
  }));
  return curves(`Validation loss of all stages against ${against}`, series, against, width);
}

/** A run's losses as points. */
export function points(
  run: Run,
  key: "trainLoss" | "valLoss",
  against: Against,
): { x: number; loss: number }[] {
  const x = ({ step }: LossRow) => against === "iterations" ? step : run.seconds.get(step) ?? NaN;
  return run.losses
    .map((row) => ({ x: x(row), loss: row[key] }))
    .filter((point) => Number.isFinite(point.x) && Number.isFinite(point.loss));
}

/** The pictures that have a curve: there is none without times, or where a training diverged. */
export function withCurves(figures: Figure[]): Figure[] {
  return figures.filter(({ legend }) =>
    legend?.some(({ className }) => !className.endsWith("dots"))
  );
}

/** A picture of curves. */
export function curves(
  title: string,
  series: Series[],
  against: Against,
  width: number,
  pointedOut: Mark[] = [],
): Figure {
  const drawn = series.filter(({ points }) => points.length > 0);
  const description = drawn
    .filter(({ dots }) => !dots)
    .map(({ label, points }) =>
      `${label} goes from ${points[0].loss.toFixed(2)} to ${points.at(-1)!.loss.toFixed(2)}`
    )
    .join("; ");
  const marks = drawn.flatMap(({ className: own, points, dots }, i) => {
    const className = `${own} s${i}`;
    const place = { x: "x", y: "loss", className };
    return dots ? [Plot.dot(points, { ...place, r: 4, stroke: "currentColor" })] : [
      Plot.line(points, { ...place, strokeWidth: 2, stroke: "currentColor" }),
      Plot.dot(points, { ...place, r: points.length > 1 ? 0.5 : 3, fill: "currentColor" }),
    ];
  });
  const { svg, place } = drawPlaced({
    ...boxOf(width),
    x: {
      label: against === "iterations" ? "iteration" : "seconds",
      nice: true,
      ticks: Math.floor(width / 85),
    },
    y: { label: "loss (nats)", grid: true, nice: true, ticks: 6 },
    marks: [
      Plot.frame({ anchor: "bottom", strokeOpacity: 0.4 }),
      Plot.ruleX(pointedOut, { x: "x", strokeDasharray: "2 3", strokeOpacity: 0.7 }),
      Plot.text(pointedOut, { x: "x", text: "label", frameAnchor: "top", dy: -12 }),
      ...marks,
    ],
  }, { title, description });
  const legend = drawn.map(({ label, className, dots }, number) => ({
    className: dots ? `${className} dots` : className,
    label,
    ...(drawn.length > 1 ? { number } : {}),
  }));
  return { title, description, svg, legend, spots: spotsOf(drawn, against, place) };
}

/** Each place on the axis with the losses that are there. */
function spotsOf(drawn: Series[], against: Against, place: Place): Spot[] {
  const places = new Map<number, string[]>();
  for (const { label, points } of drawn) {
    for (const { x, loss } of points) {
      if (!places.has(x)) places.set(x, []);
      places.get(x)!.push(`${label} ${loss.toFixed(4)}`);
    }
  }
  return [...places].sort(([a], [b]) => a - b).map(([x, losses]) => ({
    x: place("x", x),
    text: `${against === "iterations" ? `step ${x}` : `${x.toFixed(1)} s`}: ${losses.join(", ")}`,
  }));
}
