/** `deno task attention`: masking, and one attention head on random numbers. @module */
import * as tf from "@hugo-lab/model/tf";
import { CsvFile, Generator, Head, maskFuture, prepareFolder } from "@hugo-lab/model";
import { withClosing } from "./lib/report/closing.ts";
import { useBackendOf } from "./lib/run/backend.ts";
import { sharedFlags } from "./lib/run/flags.ts";
import { pick } from "./lib/task/arguments.ts";
import { main, task } from "./lib/task/task.ts";

const [B, T, C, HEAD_SIZE] = [4, 8, 32, 16];

/** The task. */
export const attention = task({
  name: "attention",
  about: "shows one head at work",
  flags: {
    seed: { ...sharedFlags.seed, default: 2023 },
    results: { ...sharedFlags.results, default: "results" },
    ...pick(sharedFlags, "backend", "threads", "quiet"),
  },
  others: sharedFlags,
  async run(values) {
    const folder = `${values.results}/attention`;
    prepareFolder(folder);
    (await useBackendOf(values))();
    await showMasking();
    const weights = await showHead(values.seed);
    const rows = weights.flatMap((row, i) => row.map((w, j) => [i, j, w.toFixed(6)]));
    new CsvFile(`${folder}/weights.csv`, ["row", "column", "weight"]).append(...rows);
  },
});

/** Averaging over the past by a triangular matrix equals a softmax of masked equal scores. */
async function showMasking(): Promise<void> {
  const ones = tf.ones<tf.Rank.R2>([T, T]);
  const tril = tf.linalg.bandPart(ones, -1, 0); // (T, T)
  const average = tf.div<tf.Tensor2D>(tril, tril.sum(1, true)); // (T, T)
  const masked = tf.softmax(maskFuture(ones)); // (T, T)
  await show("Each position averages itself and those before it:", average);
  const difference = (await tf.sub(average, masked).abs().max().data())[0];
  console.log(`The softmax of masked ones differs from it by at most ${difference}\n`);
}

/** The weights of one head for the first of B windows, right, and as the notebook's demo has them. */
async function showHead(seed: number): Promise<number[][]> {
  const generator = new Generator(seed);
  const x = tf.tensor3d(generator.normal(B * T * C), [B, T, C]);
  const head = new Head(C, HEAD_SIZE, { dropout: 0 }).initialize(generator);
  const weights = head.weights(x); // (B, T, T)
  const first = weights.slice([0, 0, 0], [1, T, T]).reshape<tf.Tensor2D>([T, T]);
  await show("One head's weights: softmax over the last axis, so each row sums to 1:", first);
  console.log(`row sums ${await sums(first, 1)}`);

  const scores = tf.matMul(head.query.forward(x), head.key.forward(x), false, true); // (B, T, T)
  const columns = tf.softmax(maskFuture(scores).transpose<tf.Tensor3D>([0, 2, 1])); // (B, T, T)
  const wrong = columns.slice([0, 0, 0], [1, T, T]).reshape<tf.Tensor2D>([T, T]).transpose<
    tf.Tensor2D
  >();
  await show(
    "\nThe notebook's demo takes it over axis 1 and leaves out the scale headSize^-0.5:\n" +
      "there the columns sum to 1, and the past is weighted by what comes after it:",
    wrong,
  );
  console.log(`row sums    ${await sums(wrong, 1)}`);
  console.log(`column sums ${await sums(wrong, 0)}`);
  console.log(`The head's output for all ${B} windows has the shape (${head.forward(x).shape})`);
  return await first.array();
}

async function sums(matrix: tf.Tensor2D, axis: number): Promise<string> {
  return [...await matrix.sum(axis).data()].map((s) => s.toFixed(4)).join(" ");
}

async function show(title: string, matrix: tf.Tensor2D): Promise<void> {
  console.log(title);
  for (const row of await matrix.array()) console.log(row.map((w) => w.toFixed(4)).join(" "));
}

if (import.meta.main) await main(withClosing(attention));
