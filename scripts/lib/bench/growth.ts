/**
 * How a step's cost grows with a model's sizes.
 *
 * @module
 */
import { type ModelConfig, stages, useBackend } from "@hugo-lab/model";
import { measure } from "./measure.ts";
import { ms } from "./table.ts";

/** The exponent with which a step's time grows along each dimension, fitted over doublings. */
export async function growth(seconds: number): Promise<string> {
  await useBackend("lab");
  const base = {
    ...stages.scaled.model,
    dropout: 0,
    blockSize: 32,
    nEmbd: 64,
    nHead: 4,
    nLayer: 2,
  };
  const dimensions: [string, (k: number) => [ModelConfig, number]][] = [
    ["batch", (k) => [base, 8 * k]],
    ["block", (k) => [{ ...base, blockSize: base.blockSize * k }, 8]],
    ["width", (k) => [{ ...base, nEmbd: base.nEmbd * k }, 8]],
    ["depth", (k) => [{ ...base, nLayer: base.nLayer * k }, 8]],
  ];
  const lines = [
    "| grows | x1 | x2 | x4 | x8 | exponent |",
    "| --- | --- | --- | --- | --- | --- |",
  ];
  for (const [name, at] of dimensions) {
    const times: number[] = [];
    for (const k of [1, 2, 4, 8]) {
      times.push((await measure(...at(k), seconds / 3, false)).step.median);
    }
    // The slope of a least squares line through (0, 1, 2, 3) and the logarithms.
    const slope = times.reduce((sum, t, i) => sum + (i - 1.5) * Math.log2(t), 0) / 5;
    lines.push(`| ${name} | ${times.map(ms).join(" | ")} | ${slope.toFixed(2)} |`);
  }
  return lines.join("\n");
}
