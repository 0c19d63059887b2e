/** The windows of whole evaluations, and how long a run is told to take. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  type Batch,
  partsOfBatch,
  presets,
  spreadBatches,
  wholeBatches,
  withTestPart,
} from "@hugo-lab/model";
import { evaluationsFrom, TimeLeft } from "../scripts/lib/run/time_left.ts";

const numbers = (length: number) => Int32Array.from({ length }, (_, i) => i);
const rows = ({ y, shape: [, T] }: Batch) =>
  Array.from({ length: y.length / T }, (_, i) => [...y.subarray(i * T, (i + 1) * T)]);

for (const [length, batchSize, blockSize] of [[101, 4, 8], [97, 4, 8], [9, 4, 8], [100, 3, 7]]) {
  Deno.test(`${length} numbers in windows of ${blockSize}: each is a target once`, () => {
    const batches = wholeBatches(numbers(length), batchSize, blockSize);
    const targets = batches.flatMap(({ y }) => [...y]);
    assertEquals(targets, [...numbers(length).subarray(1)]);
    for (const { x, y, shape } of batches) {
      assertEquals([...x], [...y].map((target) => target - 1));
      assert(shape[0] <= batchSize && shape[1] <= blockSize && x.length === shape[0] * shape[1]);
    }
  });

  Deno.test(`as many windows as of ${length} numbers, spread over longer ones`, () => {
    const whole = wholeBatches(numbers(length), batchSize, blockSize);
    const spread = spreadBatches(numbers(900), length, batchSize, blockSize);
    assertEquals(spread.map(({ shape }) => shape), whole.map(({ shape }) => shape));
    const starts = spread.flatMap(rows).map(([first]) => first);
    const gaps = starts.slice(1).map((start, i) => start - starts[i]);
    assert(gaps.every((gap) => Math.abs(gap - gaps[0]) <= 1), `${starts}`);
    assertEquals(starts[0], 1);
    assert(starts.length === 1 || starts.at(-1)! > 900 - 2 * blockSize - gaps[0], `${starts}`);
  });
}

Deno.test("a batch's parts are its windows in order", () => {
  const [batch] = wholeBatches(numbers(49), 6, 8);
  const parts = partsOfBatch(batch, 3);
  assertEquals(parts.map(({ shape }) => shape), [[2, 8], [2, 8], [2, 8]]);
  assertEquals(parts.flatMap(rows), rows(batch));
});

Deno.test("the test part is the training part's last tenth", () => {
  const { train, val, test } = withTestPart({ train: numbers(95), val: numbers(3) });
  assertEquals([train.length, val.length, [...test!]], [85, 3, [...numbers(95).subarray(85)]]);
});

Deno.test("the time left counts iterations and evaluations as what they cost", () => {
  const training = { ...presets.laptop.training, iters: 101, evalInterval: 10 };
  const time = new TimeLeft(101, (from, seconds) => evaluationsFrom(training, from, seconds));
  assertEquals(time.secondsFrom(0), undefined);
  time.evaluation(3000);
  for (const ms of [900, 500, 100, 100, 100]) time.step(ms); // the first two warm up
  assertAlmostEquals(time.secondsFrom(1)!, 100 * 0.1 + 10 * 3);
  assertAlmostEquals(time.secondsFrom(95)!, 6 * 0.1 + 3);
  for (let i = 0; i < 2000; i++) time.step(200); // it became slower
  assertAlmostEquals(time.secondsFrom(95)!, 6 * 0.2 + 3, 1e-2);
  assertEquals(evaluationsFrom({ ...training, iters: 100 }, 91, 0), 1); // at the last iteration
  assertEquals(evaluationsFrom({ ...training, evalSeconds: 4 }, 1, 10), 3);
});
