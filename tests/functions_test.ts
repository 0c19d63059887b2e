/**
 * The lab's functions on its engine: values against the ones composed of TensorFlow.js operations on
 * its CPU backend, and gradients against the slopes of the values, over random shapes.
 */
import * as tf from "@hugo-lab/model/tf";
import { assert } from "@std/assert";
import { Generator, useBackend } from "@hugo-lab/model";
import {
  crossEntropy,
  dropout,
  embedding,
  gelu,
  layerNorm,
  linear,
  maskFuture,
  relu,
  rotary,
  softmax,
} from "../model/functions.ts";

const SHAPES = 12;
const random = new Generator(2024);
const upTo = (n: number) => 1 + random.randint(n);

interface Case {
  inputs: { shape: number[]; values: Float32Array }[];
  apply: (...inputs: tf.Tensor[]) => tf.Tensor;
}

const normal = (...shape: number[]) => {
  const values = random.normal(tf.util.sizeFromShape(shape));
  return { shape, values };
};
/** No value so near 0 that a small step changes its sign. */
const awayFromZero = (...shape: number[]) => {
  const { values } = normal(...shape);
  return { shape, values: values.map((v) => v + Math.sign(v) * 0.1) };
};

/** A case of each function with a random shape. */
const cases: Record<string, () => Case> = {
  linear: () => {
    const [rows, inSize, outSize] = [upTo(70), upTo(9), upTo(9)];
    return {
      inputs: [normal(rows, inSize), normal(outSize, inSize), normal(outSize)],
      apply: (x, w, b) => linear(x, w as tf.Tensor2D, b as tf.Tensor1D),
    };
  },
  "a linear layer without bias": () => {
    const [batch, T, inSize] = [upTo(4), upTo(5), upTo(9)];
    return {
      inputs: [normal(batch, T, inSize), normal(upTo(9), inSize)],
      apply: (x, w) => linear(x, w as tf.Tensor2D),
    };
  },
  embedding: () => {
    const [count, n] = [upTo(80), upTo(7)];
    const indices = Int32Array.from({ length: count }, () => random.randint(n));
    return {
      inputs: [normal(n, upTo(9))],
      apply: (table) => embedding(tf.tensor1d(indices, "int32"), table as tf.Tensor2D),
    };
  },
  "softmax of masked scores": () => {
    const T = upTo(9);
    return { inputs: [normal(upTo(4), T, T)], apply: (x) => softmax(maskFuture(x)) };
  },
  softmax: () => ({ inputs: [normal(upTo(5), upTo(40))], apply: (x) => softmax(x) }),
  relu: () => ({ inputs: [awayFromZero(upTo(5), upTo(9))], apply: (x) => relu(x) }),
  gelu: () => ({ inputs: [normal(upTo(5), upTo(9))], apply: (x) => gelu(x) }),
  rotary: () => {
    const [places, half] = [upTo(6), upTo(9)];
    const { values } = normal(places, 2 * half); // any numbers will do for cosines and sines
    return {
      inputs: [normal(upTo(4), places, 2 * half)],
      apply: (x) => rotary(x, tf.tensor2d(values, [places, 2 * half])),
    };
  },
  layerNorm: () => {
    const columns = 2 + upTo(20);
    return {
      inputs: [normal(upTo(40), columns), normal(columns), normal(columns)],
      // A large epsilon keeps rows that happen to be nearly constant well conditioned.
      apply: (x, w, b) => layerNorm(x, w as tf.Tensor1D, b as tf.Tensor1D, 0.1),
    };
  },
  crossEntropy: () => {
    const [rows, classes] = [upTo(30), upTo(30)];
    const targets = Int32Array.from({ length: rows }, () => random.randint(classes));
    return {
      inputs: [normal(rows, classes)],
      apply: (x) => crossEntropy(x as tf.Tensor2D, tf.tensor1d(targets, "int32")),
    };
  },
  dropout: () => ({
    inputs: [normal(upTo(9), upTo(9))],
    apply: (x) => dropout(x, 0.3, new Generator(6)),
  }),
  "a batched product": () => {
    const [batch, m, n, k] = [upTo(5), upTo(9), upTo(9), upTo(9)];
    return {
      inputs: [normal(batch, m, k), normal(batch, n, k)],
      apply: (a, b) => tf.matMul(a, b, false, true),
    };
  },
};

/** The function's value, weighted so that it is one number, and its gradients. */
function evaluate({ inputs, apply }: Case, weights: number[]) {
  return tf.tidy(() => {
    const tensors = inputs.map(({ shape, values }) => tf.tensor(values, shape));
    const weighted = (...xs: tf.Tensor[]) => {
      const y = apply(...xs);
      return y.reshape([-1]).mul(tf.tensor1d(weights.slice(0, y.size))).sum();
    };
    const values = Array.from(apply(...tensors).dataSync());
    const gradients = tf.grads(weighted)(tensors).map((g) => Array.from(g.dataSync()));
    return { values, gradients };
  });
}

/** The slope of the value along one number, from double-precision sums of the function's results. */
function slope(one: Case, weights: number[], input: number, index: number, h: number): number {
  const at = (by: number) => {
    const inputs = one.inputs.map(({ shape, values }, i) => {
      const moved = values.slice();
      if (i === input) moved[index] += by;
      return tf.tensor(moved, shape);
    });
    const values = tf.tidy(() => Array.from(one.apply(...inputs).dataSync()));
    tf.dispose(inputs);
    return values.reduce((sum, v, i) => sum + v * weights[i], 0);
  };
  const move = Math.fround(one.inputs[input].values[index] + h) -
    Math.fround(one.inputs[input].values[index] - h);
  return (at(h) - at(-h)) / move;
}

// A value of size 1 carries 2^-24 of noise, divided by 2 h; curvature adds h^2.
const H = 2 ** -6;
const SLOPE_TOLERANCE = 5e-3;
const VALUE_TOLERANCE = 64 * 2 ** -24;

for (const [name, make] of Object.entries(cases)) {
  Deno.test(`${name}: values and gradients of ${SHAPES} random shapes`, async () => {
    for (let round = 0; round < SHAPES; round++) {
      const one = make();
      const weights = Array.from(random.normal(4096));
      await useBackend("cpu");
      const expected = evaluate(one, weights);
      await useBackend("lab", 1);
      const actual = evaluate(one, weights);
      const shapes = one.inputs.map(({ shape }) => shape.join("x")).join(", ");
      actual.values.forEach((v, i) => {
        const error = Math.abs(v - expected.values[i]) / Math.max(1, Math.abs(v));
        assert(
          error <= VALUE_TOLERANCE,
          `${shapes}: value ${i} is ${v}, not ${expected.values[i]}`,
        );
      });
      actual.gradients.forEach((gradient, input) => {
        const index = random.randint(gradient.length);
        const wanted = slope(one, weights, input, index, H);
        const error = Math.abs(gradient[index] - wanted) / Math.max(1, Math.abs(wanted));
        assert(
          error < SLOPE_TOLERANCE,
          `${shapes}: gradient ${index} of input ${input} is ${gradient[index]}, slope ${wanted}`,
        );
      });
    }
  });
}
