/**
 * How GPT-2's weights begin (Radford et al., 2019), as in nanoGPT.
 *
 * @module
 */
import type { Parameter } from "./module.ts";
import type { Generator } from "./random.ts";

const DEVIATION = 0.02;
/** What a block adds to its input comes out of these. */
const RESIDUAL = /\.(sa\.proj|ffwd\.net\.2)\.weight$/;

/**
 * A parameter's values: matrices from N(0, 0.02), the less the more blocks add to each other, biases
 * 0, LayerNorm's scales 1.
 */
export function drawGpt2(
  name: string,
  { shape, size }: Parameter,
  nLayer: number,
  generator: Generator,
): Float32Array {
  if (shape.length === 1) return new Float32Array(size).fill(name.endsWith(".weight") ? 1 : 0);
  const deviation = RESIDUAL.test(name) ? DEVIATION / Math.sqrt(2 * nLayer) : DEVIATION;
  return generator.normal(size).map((value) => value * Math.fround(deviation));
}
