/**
 * Products by the machine's BLAS against the engine's own. Both sum k products of values of size 1
 * in float32, each in its order: they differ by at most 2 * k * 16 * 2^-24.
 */
import * as tf from "@hugo-lab/model/tf";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Generator, leaveProductsToBlas, useBackend } from "@hugo-lab/model";
import { LabBackend } from "../model/backends/lab/mod.ts";
import { test } from "./lib/needs.ts";

const EPS = 2 ** -24;

/** Every form of product that a model makes, with and without a batch and a bias. */
function products(k: number): tf.Tensor[] {
  const generator = new Generator(3);
  const normal = (...shape: number[]) =>
    tf.tensor(generator.normal(shape.reduce((a, b) => a * b)), shape);
  const [m, n] = [96, 130]; // with k large enough for the library to be called
  const [a, at, b, bt] = [normal(2, m, k), normal(2, k, m), normal(2, k, n), normal(2, n, k)];
  const [x, weight, bias] = [normal(m, k), normal(n, k), normal(n)];
  return [
    tf.matMul(a, b),
    tf.matMul(a, bt, false, true),
    tf.matMul(at, b, true),
    tf.matMul(at.slice(0, 1), b.slice(0, 1), true),
    tf.engine().runKernel("LabLinear", { x, weight, bias }) as tf.Tensor,
    tf.matMul(x, weight, false, true),
  ];
}

test("a BLAS gives the engine's products within 32 k 2^-24", ["read", "ffi"], async () => {
  const k = 400;
  await useBackend("lab", 2);
  const { engine } = tf.backend() as LabBackend;
  const own = engine.kernels;
  const expected = products(k).map((t) => t.dataSync());
  const { library, line } = await leaveProductsToBlas("auto");
  if (library === undefined) return console.log(`nothing to compare: ${line}`);
  const actual = products(k).map((t) => t.dataSync());
  engine.kernels = own;
  let different = 0;
  expected.forEach((values, i) =>
    values.forEach((v, j) => {
      const allowed = 32 * k * EPS * Math.max(1, Math.abs(v));
      assert(
        Math.abs(actual[i][j] - v) <= allowed,
        `product ${i}[${j}]: ${actual[i][j]}, not ${v}`,
      );
      if (actual[i][j] !== v) different++;
    })
  );
  assert(different > 0, "the library was not called: not a bit differs");
});

test("a library that is no BLAS is named, and the engine goes on", ["read", "ffi"], async () => {
  await useBackend("lab", 1);
  assertMatch(
    (await leaveProductsToBlas("/nowhere/lib.so")).line,
    /^no BLAS is used: \/nowhere\/lib\.so/,
  );
  assertEquals((tf.backend() as LabBackend).engine.kernels.blas_nn, undefined);
});

Deno.test({
  name: "without the permission a line says so",
  permissions: { read: "inherit", ffi: false },
  async fn() {
    await useBackend("lab", 1);
    assertMatch((await leaveProductsToBlas("auto")).line, /^no BLAS is used: .*deno task native/);
  },
});
