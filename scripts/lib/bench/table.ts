/**
 * The bench's figures in columns that fit a terminal.
 *
 * @module
 */
import type { Times } from "./measure.ts";

/** A model's figures beside its peers'. */
export interface Row {
  stage: string;
  step: Times;
  evaluation: number;
  sample?: number;
  gflops: number;
  peers: Record<string, { step?: number; evaluation?: number; sample?: number; version?: string }>;
}

/** Three digits, or all before the point, or nothing. */
export const ms = (x: number | undefined) =>
  x === undefined ? "" : x < 1000 ? x.toPrecision(3) : x.toFixed(0);

/** Lines of columns: the lab's own figures, shares of the peak of all cores, then each peer's. */
export function table(rows: Row[], peak: number): string {
  const all = navigator.hardwareConcurrency * peak; // GFLOP/s
  const own = [
    ["stage", "step ms", "p10", "p90", "eval. ms", "char. ms", "GFLOP/s", "of peak"],
    ...rows.map(({ stage, step, evaluation, sample, gflops }) => [
      stage,
      ...[step.median, step.p10, step.p90, evaluation, sample].map(ms),
      gflops.toFixed(1),
      `${Math.round(100 * gflops / all)} %`,
    ]),
  ];
  const names = new Set(rows.flatMap((row) => Object.keys(row.peers)));
  return [own, ...[...names].map((name) => besidePeer(rows, name))].map(inColumns).join("\n\n");
}

/** A peer's step, and how many times as long it, an evaluation and a character take there. */
function besidePeer(rows: Row[], name: string): string[][] {
  const ratio = (theirs: number | undefined, ours: number | undefined) =>
    theirs && ours ? `${(theirs / ours).toFixed(1)}x` : "";
  return [
    [`beside ${name}`, "step ms", "ratio", "evaluation", "character"],
    ...rows.filter(({ peers }) => peers[name]).map(({ stage, step, evaluation, sample, peers }) => [
      stage,
      ms(peers[name].step),
      ratio(peers[name].step, step.median),
      ratio(peers[name].evaluation, evaluation),
      ratio(peers[name].sample, sample),
    ]),
  ];
}

function inColumns(rows: string[][]): string {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows.map(([title, ...cells]) =>
    (title.padEnd(widths[0]) + cells.map((cell, i) => cell.padStart(widths[i + 1] + 1)).join(""))
      .trimEnd()
  ).join("\n");
}
