/**
 * A piece of work like a large model's step, small enough to be made before one: which backend is
 * faster here is measured, since neither a name nor a maker tells it.
 *
 * @module
 */
import * as tf from "../tf.ts";
import { threadsInUse, useBackend } from "./mod.ts";
import type { BackendName } from "./table.ts";

/** (rows, width) values go through so many layers, four times as wide inside, and back. */
const [ROWS, WIDTH, LAYERS] = [128, 384, 2];
/** The first run compiles; the best of the others counts, if it does not take as long as this. */
const [RUNS, LONG_SECONDS] = [3, 3];

/** Seconds that the trial takes on a backend, which is in use then. */
export async function secondsOfTrial(name: BackendName): Promise<number> {
  await useBackend(name);
  const x = tf.randomUniform<tf.Rank.R2>([ROWS, WIDTH], -1, 1); // (rows, width)
  const weights = Array.from({ length: LAYERS }, () => [
    tf.randomUniform([WIDTH, 4 * WIDTH], -0.1, 0.1),
    tf.randomUniform([4 * WIDTH, WIDTH], -0.1, 0.1),
  ]).flat();
  const gradients = tf.grads((...given: tf.Tensor[]) => lossOf(x, given));
  let best = Infinity;
  for (let run = 0; run <= RUNS; run++) {
    const started = performance.now();
    const found = gradients(weights);
    await Promise.all(found.map((tensor) => tensor.data()));
    const seconds = (performance.now() - started) / 1000;
    tf.dispose(found);
    if (run > 0 || seconds > LONG_SECONDS) best = Math.min(best, seconds);
    if (seconds > LONG_SECONDS) break;
  }
  tf.dispose([x, ...weights]);
  // The engine divides a captured step among its threads, and nothing else.
  return name === "lab" ? best / threadsInUse() : best;
}

/** Layers as a block's computation has them, and a number at their end. */
function lossOf(x: tf.Tensor2D, weights: tf.Tensor[]): tf.Scalar {
  let h: tf.Tensor = x; // (rows, width)
  for (let i = 0; i < weights.length; i += 2) {
    const inside = tf.relu(tf.matMul(h, weights[i])); // (rows, 4 * width)
    h = tf.add(h, tf.matMul(inside, weights[i + 1])); // (rows, width)
  }
  return tf.mean(h);
}
