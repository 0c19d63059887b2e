/** Calls that are one: what is joined, and what must not be. */
import { assertEquals } from "@std/assert";
import { join } from "../model/backends/lab/capture/join.ts";
import { type Buffer, Trace } from "../model/backends/lab/capture/trace.ts";

const SIZE = 8;
const MATRIX = SIZE * SIZE * 4;
const units = { begin: 0, end: SIZE };
const buffer = (bytes = MATRIX): Buffer => ({ bytes });
const factor: Buffer = { bytes: 4, address: 64 };

type Step = (trace: Trace, x: Buffer, y: Buffer) => void;

const product = (form: "gemm_nt" | "gemm_nn", k = SIZE): Step => (trace, x, y) =>
  trace.call(form, {
    ...{ a: x, b: x, c: y, bias: 0, batch: 1, m: SIZE, n: SIZE, k },
    ...{ aStride: 0, bStride: 0, cStride: 0, scratch: { scratch: 64 }, ...units },
  }, 64);
const scale: Step = (trace, x, y) => trace.call("scale", { x, s: factor, y, ...units });
const mask: Step = (trace, x, y) =>
  trace.call("mask_future", { x, y, size: SIZE, fill: -Infinity, ...units });
const softmax: Step = (trace, x, y) =>
  trace.call("softmax", { x, s: 0, y, columns: SIZE, size: SIZE, ...units });
const relu: Step = (trace, x, y) => trace.call("relu", { x, y, ...units });

/** A trace of steps, each of the one before's result; the buffers, the first step's input first. */
function chain(...steps: Step[]): { trace: Trace; buffers: Buffer[] } {
  const trace = new Trace();
  const buffers = [buffer(), ...steps.map(() => buffer())];
  steps.forEach((step, i) => step(trace, buffers[i], buffers[i + 1]));
  return { trace, buffers };
}

const kernelsOf = ({ calls }: Trace, output: Buffer) =>
  join(calls, output).map(({ kernel }) => kernel);

Deno.test("scores, their factor, mask and softmax are two calls, the first only below the diagonal", () => {
  const { trace, buffers } = chain(product("gemm_nt"), scale, mask, softmax, relu);
  const [lower, joined] = join(trace.calls, buffers[5]);
  assertEquals([lower.kernel, joined.kernel], ["gemm_nt_lower", "softmax"]);
  assertEquals([joined.args.x, joined.args.s], [lower.args.c, factor]);
  assertEquals(joined.args.y, lower.args.c, "in its place");
});

Deno.test("what another call reads too, or who asked, is computed as it was", () => {
  const steps = [product("gemm_nt"), scale, mask, softmax, relu];
  const kernels = ["gemm_nt", "scale", "mask_future", "softmax", "relu"];
  const readToo = (at: number) => {
    const { trace, buffers } = chain(...steps);
    const sum = buffer();
    trace.call("add", { a: buffers[at], b: buffers[5], c: sum, ...units });
    return kernelsOf(trace, sum);
  };
  assertEquals(readToo(1), ["gemm_nt", "softmax", "relu", "add"]); // the scores
  assertEquals(readToo(2), ["gemm_nt", "scale", "softmax", "relu", "add"]);
  assertEquals(readToo(3), [...kernels, "add"]);
  const { trace, buffers } = chain(...steps.slice(0, 4));
  assertEquals(kernelsOf(trace, buffers[3]), kernels.slice(0, 4)); // the mask's is the result
});

Deno.test("softmax's gradient is multiplied where it is computed", () => {
  const trace = new Trace();
  const [y, dy, dx, result] = [0, 0, 0, 0].map(() => buffer());
  const sizes = { columns: SIZE, size: SIZE, ...units };
  trace.call("softmax_backward", { y, dy, s: 0, dx, ...sizes });
  trace.call("scale", { x: dx, s: factor, y: result, ...units });
  const [joined, ...others] = join(trace.calls, result);
  assertEquals([others.length, joined.args.s, joined.args.dx], [0, factor, result]);
});

/** The sum of x and a product of a later call. */
function sumWithProduct(k: number, then?: (trace: Trace, x: Buffer, dx: Buffer) => void) {
  const trace = new Trace();
  const [x, dx, sum, result] = [0, 0, 0, 0].map(() => buffer());
  relu(trace, buffer(), x);
  product("gemm_nn", k)(trace, buffer(), dx);
  trace.call("add", { a: x, b: dx, c: sum, ...units });
  then?.(trace, x, dx);
  relu(trace, sum, result);
  return { x, calls: join(trace.calls, result) };
}

Deno.test("a product is added to a sum where that lies", () => {
  const { x, calls } = sumWithProduct(512);
  assertEquals(calls.map(({ kernel }) => kernel), ["relu", "gemm_nn_added", "relu"]);
  assertEquals([calls[1].args.c, calls[2].args.x], [x, x]);
});

Deno.test("a product is not added that is too deep, or needed by itself", () => {
  const whole = ["relu", "gemm_nn", "add", "relu"];
  const kernels = (...args: Parameters<typeof sumWithProduct>) =>
    sumWithProduct(...args).calls.map(({ kernel }) => kernel);
  assertEquals(kernels(513), whole);
  const also = ["relu", "gemm_nn", "add", "relu", "relu"];
  assertEquals(kernels(8, (trace, x) => relu(trace, x, buffer())), also);
  assertEquals(kernels(8, (trace, _, dx) => relu(trace, dx, buffer())), also);
});

Deno.test("a sum of two products that come in turn is one that grows", () => {
  const trace = new Trace();
  let sum = buffer();
  product("gemm_nn")(trace, buffer(), sum);
  for (let i = 0; i < 3; i++) {
    const [more, next] = [buffer(), buffer()];
    product("gemm_nn")(trace, buffer(), more);
    trace.call("add", { a: sum, b: more, c: next, ...units });
    sum = next;
  }
  const result = buffer();
  relu(trace, sum, result);
  const calls = join(trace.calls, result);
  const added = ["gemm_nn_added", "gemm_nn_added", "gemm_nn_added"];
  assertEquals(calls.map(({ kernel }) => kernel), ["gemm_nn", ...added, "relu"]);
  assertEquals(new Set(calls.slice(0, 4).map(({ args }) => args.c)).size, 1);
});
