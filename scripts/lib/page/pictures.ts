/**
 * The page's own pictures, drawn by Observable Plot as the report's are: the loss as it falls, and
 * the next character's probabilities.
 *
 * @module
 */
import { draw } from "../report/draw.ts";
import notebook from "../report/notebook.json" with { type: "json" };
import { Plot } from "../report/packages.ts";
import { label } from "../report/text.ts";
import type { PageStage, Progress } from "./lab.ts";
import type { Look } from "./look.ts";
import type { Texts } from "./texts/texts.ts";

/** Bars of the next character. */
const BARS = 12;

/** A picture and what its colours mean. */
export interface Picture {
  svg: string;
  legend: { className: string; label: string }[];
}

/** The notebook's evaluations of a stage, if it has it. */
export function notebookOf(name: PageStage): number[][] {
  const runs = notebook.runs as Record<string, { losses: number[][] }>;
  return runs[name === "bigram" ? "bigram 10000" : name]?.losses ?? [];
}

/** Making one takes longer than a picture's numbers do. */
const formats = new Map<string, Intl.NumberFormat>();

function format(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = locale + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.NumberFormat(locale, options));
  return formats.get(key)!;
}

/** A number as the language writes it. */
export function show(value: number, { locale }: Texts, digits = 4): string {
  return format(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits })
    .format(value);
}

/** The loss curve, with the notebook's behind it where it is of the same run. */
export function lossCurve(
  { evaluations, batches, iters }: Progress,
  behind: number[][],
  texts: Texts,
  width: number,
): Picture {
  const { curve } = texts;
  const points = (key: "trainLoss" | "valLoss") =>
    evaluations.map((row) => ({ x: row.step, loss: row[key] }));
  const dots = (column: number) => behind.map((row) => ({ x: row[0], loss: row[column] }));
  const lines = [
    { label: curve.batches, className: "batches", points: batches.map(toPoint) },
    { label: curve.train, className: "c1", points: points("trainLoss") },
    { label: curve.validation, className: "c2 dashed", points: points("valLoss") },
  ].filter(({ points }) => points.length > 0);
  const circles = [
    { label: curve.notebookTrain, className: "c1 behind", points: dots(1) },
    { label: curve.notebookValidation, className: "c2 behind", points: dots(2) },
  ].filter(({ points }) => points.length > 0);
  const place = { x: "x", y: "loss" };
  const description = lines.map(({ label, points }) =>
    curve.describe(label, show(points[0].loss, texts, 2), show(points.at(-1)!.loss, texts, 2))
  ).join("; ");
  const svg = draw({
    width,
    height: Math.round(Math.min(320, Math.max(220, width * 0.5))),
    marginLeft: 42,
    marginRight: 12,
    marginBottom: 40,
    marginTop: 26,
    x: {
      label: curve.iteration,
      domain: [0, iters],
      ticks: Math.min(iters, Math.floor(width / 90)),
      tickFormat: (step: number) => step.toLocaleString(texts.locale),
    },
    y: {
      label: curve.loss,
      grid: true,
      nice: true,
      ticks: 6,
      tickFormat: (loss: number) => tick(loss, texts),
    },
    marks: [
      Plot.frame({ anchor: "bottom", strokeOpacity: 0.4 }),
      ...circles.flatMap(({ points, className }) => [
        Plot.line(points, { ...place, className, stroke: "currentColor", strokeOpacity: 0.35 }),
        Plot.dot(points, { ...place, className, r: 4, stroke: "currentColor", strokeOpacity: 0.8 }),
      ]),
      ...lines.flatMap(({ points, className }) => [
        Plot.line(points, {
          ...place,
          className,
          stroke: "currentColor",
          strokeWidth: className === "batches" ? 1 : 2,
        }),
        ...(className === "batches" ? [] : [
          Plot.dot(points, { ...place, className, r: 2, fill: "currentColor" }),
        ]),
      ]),
    ],
  }, { title: curve.title, description });
  return {
    svg,
    legend: [...lines, ...circles].map(({ className, label }) => ({
      className: className.includes("behind") ? `${className} dots` : className,
      label,
    })),
  };
}

/** A loss at the axis: steps are of a tenth, or smaller where a run is short. */
function tick(loss: number, { locale }: Texts): string {
  return format(locale, { minimumFractionDigits: 1, maximumFractionDigits: 3 }).format(loss);
}

function toPoint({ step, loss }: { step: number; loss: number }) {
  return { x: step, loss };
}

/** The likeliest next characters as bars. */
export function nextBars({ next }: Look, texts: Texts, width: number): string {
  const shown = next.slice(0, BARS);
  const percent = (p: number) =>
    format(texts.locale, { style: "percent", maximumFractionDigits: 1 }).format(p);
  const description = shown.slice(0, 5)
    .map(({ character, probability }) => `${label(character)} ${percent(probability)}`)
    .join(", ");
  return draw({
    width,
    height: 30 + 21 * shown.length,
    marginLeft: 30,
    marginRight: 52,
    marginTop: 6,
    marginBottom: 4,
    x: { axis: null, domain: [0, Math.max(0.25, shown[0].probability)] },
    y: { domain: shown.map((_, i) => i), label: null, tickSize: 0, padding: 0.2, ...ticks(shown) },
    marks: [
      Plot.barX(shown, {
        x: "probability",
        y: (_, i) => i,
        fill: "currentColor",
        className: "c1",
      }),
      Plot.text(shown, {
        x: "probability",
        y: (_, i) => i,
        text: ({ probability }) => percent(probability),
        textAnchor: "start",
        dx: 5,
      }),
    ],
  }, { title: texts.inside.next, description });
}

function ticks(shown: Look["next"]) {
  return { tickFormat: (i: number) => label(shown[i].character) };
}
