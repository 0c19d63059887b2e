/**
 * The bench's figures as a Markdown table.
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

/** Three digits, or nothing. */
export const ms = (x: number | undefined) => x === undefined ? "" : x.toPrecision(3);

/** The table; shares are of the peak of all cores, in GFLOP/s a core. */
export function table(rows: Row[], peak: number): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row.peers)))];
  const header = [
    ...[
      "stage",
      "step ms",
      "p10",
      "p90",
      "evaluation ms",
      "character ms",
      "GFLOP/s",
      "of all cores' peak",
    ],
    ...names.flatMap((name) => [`${name} step ms`, "ratio", "evaluation", "character"]),
  ];
  const ratio = (theirs: number | undefined, ours: number | undefined) =>
    theirs && ours ? `${(theirs / ours).toFixed(1)}x` : "";
  const lines = rows.map((row) => [
    row.stage,
    ...[row.step.median, row.step.p10, row.step.p90, row.evaluation, row.sample].map(ms),
    row.gflops.toFixed(1),
    `${Math.round(100 * row.gflops / (navigator.hardwareConcurrency * peak))} %`,
    ...names.flatMap((name) => {
      const peer = row.peers[name] ?? {};
      return [
        ms(peer.step),
        ratio(peer.step, row.step.median),
        ratio(peer.evaluation, row.evaluation),
        ratio(peer.sample, row.sample),
      ];
    }),
  ]);
  const rule = header.map(() => "---");
  return [header, rule, ...lines].map((line) => `| ${line.join(" | ")} |`).join("\n");
}
