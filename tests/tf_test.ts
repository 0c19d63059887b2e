/** What model/tf.ts adds to TensorFlow.js's core: the gradients against differences, and methods. @module */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { Generator } from "@hugo-lab/model";
import * as tf from "@hugo-lab/model/tf";

tf.enableProdMode(); // else TensorFlow.js prints advice on node packages
await tf.setBackend("cpu");

type Fn = (...inputs: tf.Tensor[]) => tf.Tensor;

/** Numbers of N(0, 1), apart from 0 and from one another, where some functions have corners. */
function numbers(shape: number[], seed = 1): tf.Tensor {
  const values = new Generator(seed).normal(tf.util.sizeFromShape(shape));
  return tf.tensor(values.map((v, i) => v + Math.sign(v) * (0.2 + 0.01 * i)), shape);
}
const positive = (shape: number[], seed?: number) => numbers(shape, seed).abs();

/** Each operation with a gradient of its own, and inputs for it. */
const cases: Record<string, [Fn, tf.Tensor[]]> = {
  Add: [(a, b) => a.add(b), [numbers([2, 3]), numbers([3], 2)]],
  Sub: [(a, b) => a.sub(b), [numbers([3]), numbers([2, 3], 2)]],
  Multiply: [(a, b) => a.mul(b), [numbers([2, 3]), numbers([2, 1], 2)]],
  RealDiv: [(a, b) => a.div(b), [numbers([2, 3]), numbers([3], 2)]],
  Pow: [(a, b) => a.pow(b), [positive([2, 3]), numbers([3], 2)]],
  Maximum: [(a, b) => a.maximum(b), [numbers([2, 3]), numbers([3], 2)]],
  Minimum: [(a, b) => a.minimum(b), [numbers([2, 3]), numbers([3], 2)]],
  SquaredDifference: [(a, b) => a.squaredDifference(b), [numbers([2, 3]), numbers([3], 2)]],
  AddN: [(a, b) => tf.addN([a, b]), [numbers([2, 3]), numbers([2, 3], 2)]],
  Select: [
    (a, b) => tf.where(tf.greater(numbers([2, 3], 3), 0), a, b),
    [numbers([2, 3]), numbers([2, 3], 2)],
  ],
  Neg: [(x) => x.neg(), [numbers([3])]],
  Abs: [(x) => x.abs(), [numbers([5])]],
  Square: [(x) => x.square(), [numbers([5])]],
  Log: [(x) => x.log(), [positive([5])]],
  Relu: [(x) => x.relu(), [numbers([5])]],
  Erf: [(x) => tf.erf(x), [numbers([5])]],
  Sqrt: [(x) => x.sqrt(), [positive([5])]],
  Rsqrt: [(x) => x.rsqrt(), [positive([5])]],
  Exp: [(x) => x.exp(), [numbers([5])]],
  Sigmoid: [(x) => x.sigmoid(), [numbers([5])]],
  Tanh: [(x) => x.tanh(), [numbers([5])]],
  Softmax: [(x) => x.softmax(), [numbers([2, 4])]],
  LogSoftmax: [(x) => tf.logSoftmax(x), [numbers([2, 4])]],
  Sum: [(x) => x.sum(1), [numbers([2, 3, 2])]],
  Mean: [(x) => x.mean([0, 2], true), [numbers([2, 3, 2])]],
  Max: [(x) => x.max(-1), [numbers([2, 3])]],
  Min: [(x) => x.min(0, true), [numbers([2, 3])]],
  BatchMatMul: [(a, b) => tf.matMul(a, b), [numbers([2, 3, 4]), numbers([2, 4, 2], 2)]],
  "BatchMatMul, turned a": [
    (a, b) => tf.matMul(a, b, true),
    [numbers([4, 3]), numbers([4, 2], 2)],
  ],
  "BatchMatMul, turned b": [
    (a, b) => tf.matMul(a, b, false, true),
    [numbers([3, 4]), numbers([2, 4], 2)],
  ],
  "BatchMatMul, both turned": [
    (a, b) => tf.matMul(a, b, true, true),
    [numbers([4, 3]), numbers([2, 4], 2)],
  ],
  Reshape: [(x) => x.reshape([6]), [numbers([2, 3])]],
  ExpandDims: [(x) => x.expandDims(1), [numbers([2, 3])]],
  Identity: [(x) => x.clone(), [numbers([3])]],
  Cast: [(x) => x.toFloat(), [numbers([3])]],
  ZerosLike: [(x) => tf.zerosLike(x), [numbers([3])]],
  OnesLike: [(x) => tf.onesLike(x), [numbers([3])]],
  OneHot: [(x) => tf.oneHot(tf.tensor1d([0, 1], "int32"), 3).mul(x), [numbers([2, 3])]],
  Transpose: [(x) => x.transpose([2, 0, 1]), [numbers([2, 3, 2])]],
  Slice: [(x) => x.slice([1, 0], [1, 2]), [numbers([3, 3])]],
  PadV2: [(x) => x.pad([[1, 0], [0, 2]]), [numbers([2, 2])]],
  Tile: [(x) => x.tile([2, 1, 3]), [numbers([2, 3, 2])]],
  GatherV2: [
    (x) => tf.gather(x, tf.tensor1d([2, 0, 2], "int32"), 1),
    [numbers([2, 3, 2])],
  ],
  SplitV: [
    (x) => {
      const [a, b] = tf.split(x, [1, 2], 1);
      return tf.concat([b, a.mul(3)], 1);
    },
    [numbers([2, 3])],
  ],
  Unpack: [(x) => tf.unstack(x, 1).reduce((a, b) => a.mul(b)), [numbers([2, 3])]],
  Pack: [(a, b) => tf.stack([a, b], 1), [numbers([2, 3]), numbers([2, 3], 2)]],
  Concat: [(a, b) => tf.concat([a, b], -1), [numbers([2, 3]), numbers([2, 1], 2)]],
};

/**
 * Half the difference of the sums at x + h and x - h. Of float32 numbers near 1 these are known
 * within 2^-22 or so; over 2 h = 0.02 that is 1e-5, and h^2 times a third derivative is as much.
 */
const H = 0.01;
const TOLERANCE = 2e-3;

for (const [name, [fn, inputs]] of Object.entries(cases)) {
  Deno.test(`the gradient of ${name} is that of differences within ${TOLERANCE}`, () => {
    // Weighted, so that no two numbers of the result count alike.
    const total: Fn = (...xs) => {
      const y = fn(...xs);
      return y.mul(numbers(y.shape, 7)).sum();
    };
    const given = tf.grads(total)(inputs);
    inputs.forEach((input, i) => {
      const values = input.dataSync();
      const gradient = given[i].dataSync();
      assertEquals(given[i].shape, input.shape);
      values.forEach((value, k) => {
        const at = (x: number) => {
          const moved = Float32Array.from(values);
          moved[k] = x;
          return total(...inputs.with(i, tf.tensor(moved, input.shape))).dataSync()[0];
        };
        const expected = (at(value + H) - at(value - H)) / (2 * H);
        assertAlmostEquals(gradient[k], expected, TOLERANCE * Math.max(1, Math.abs(expected)));
      });
    });
  });
}

Deno.test("every gradient that is registered is among these", () => {
  const tested = new Set(Object.keys(cases).map((name) => name.split(",")[0]));
  const names = Object.values(tf).filter((value) => typeof value === "string");
  const registered = names.filter((name) => tf.getGradient(name) !== undefined);
  assert(registered.length > 30, `${registered}`);
  assertEquals(registered.filter((name) => !tested.has(name)), []);
});

Deno.test("a tensor's methods are the operations of their names", () => {
  const x = numbers([2, 3]);
  assertEquals(x.add(1).arraySync(), tf.add(x, 1).arraySync());
  assertEquals(x.concat(x, 1).arraySync(), tf.concat([x, x], 1).arraySync());
  assertEquals(x.flatten().shape, [6]);
  assertEquals(x.toInt().dtype, "int32");
  assertEquals(x.squeeze().shape, [2, 3]);
  assertEquals(x.stack(x).shape, [2, 2, 3]);
  const isLarge = x.greater(0);
  assertEquals(x.where(isLarge, x.neg()).arraySync(), x.abs().arraySync());
  assertEquals(x.as3D(1, 3, 2).shape, [1, 3, 2]);
  assertEquals(x.norm().dataSync().length, 1);
});

Deno.test("an operation without a gradient says so", () => {
  try {
    tf.grad((x) => tf.cumsum(x))(numbers([3]));
  } catch (error) {
    return assert(/gradient.*Cumsum/i.test((error as Error).message), (error as Error).message);
  }
  throw new Error("nothing was thrown");
});
