/** The builds of the kernels against each other: the wide one must not change a bit. */
import { assert, assertEquals } from "@std/assert";
import { Generator } from "@hugo-lab/model";
import { type Build, kernelsOf } from "../model/backends/lab/machine/builds.ts";
import { Engine } from "../model/backends/lab/machine/engine.ts";
import { test } from "./lib/needs.ts";

const engine = new Engine();
const generator = new Generator(7);
const forms = [
  ...["gemm_nt", "gemm_nn", "gemm_tn", "gemm_nn_added"] as const,
  ...["gemm_nt_lower", "gemm_nn_lower", "gemm_tn_lower"] as const,
];

/** Buffers large enough for every product here. */
const [A, B, C, BIAS] = [600_000, 600_000, 200_000, 400].map((n) => ({
  address: engine.allocate(4 * n),
  values: generator.normal(n),
}));
const scratch = engine.allocate(engine.kernels.gemm_scratch_bytes(400));
for (const { address, values } of [A, B, BIAS]) engine.floats(address, values.length).set(values);

/** The bits of a product by a build; its rows are taken from the end, in shares of so many. */
function bitsOf(
  build: Build,
  form: (typeof forms)[number],
  [batch, m, n, k]: number[],
  bias: number,
  share: number,
): Uint8Array {
  const kernels = kernelsOf(build, engine.memory);
  const size = batch * m * n;
  engine.floats(C.address, size + 16).fill(NaN);
  if (form === "gemm_nn_added") engine.floats(C.address, size).set(B.values.subarray(0, size));
  for (let end = batch * m; end > 0; end -= share) {
    kernels[form](
      ...[A.address, B.address, C.address, bias, batch, m, n, k, m * k, n * k, m * n] as const,
      ...[scratch, Math.max(0, end - share), end] as const,
    );
  }
  const behind = engine.floats(C.address + 4 * size, 16);
  assert(behind.every(Number.isNaN), "it wrote behind its result");
  const isAny = (i: number) => form === "gemm_nt_lower" && i % n > Math.floor(i / n) % n;
  engine.floats(C.address, size).forEach((v, i, all) => all[i] = isAny(i) ? 0 : v);
  return engine.bytes(C.address, 4 * size).slice();
}

test("softmax and what is elementwise has the same bits in both builds, in any share", [], () => {
  if (engine.build === "strict") return console.log("no multiply-add rounds once here");
  const [a, b, c] = [A.address, B.address, C.address];
  const columns = 37, rows = 2 * columns, vectors = 150;
  engine.floats(a, A.values.length).set(A.values);
  const bitsBy = (build: Build, at: number) => {
    const kernels = kernelsOf(build, engine.memory);
    const cut = (n: number, call: (begin: number, end: number) => void) => {
      engine.floats(c, rows * columns).fill(0);
      call(at, n);
      call(0, at);
      return engine.bytes(c, rows * columns * 4).slice();
    };
    return [
      cut(vectors, (...units) => kernels.add(a, b, c, ...units)),
      cut(vectors, (...units) => kernels.relu(a, c, ...units)),
      cut(vectors, (...units) => kernels.relu_backward(a, b, c, ...units)),
      cut(rows, (...units) => kernels.softmax(a, 0, c, columns, 0, ...units)),
      cut(rows, (...units) => kernels.softmax(a, b, c, columns, columns, ...units)),
      cut(rows, (...units) => kernels.softmax_backward(a, b, b, c, columns, columns, ...units)),
    ];
  };
  const narrow = bitsBy("narrow", 0);
  for (const at of [0, 1, 13, 50]) assertEquals(bitsBy("wide", at), narrow, `from ${at} on`);
});

for (const form of forms) {
  test(`${form} has the same bits in both builds, whole and in shares`, [], () => {
    if (engine.build === "strict") return console.log("no multiply-add rounds once here");
    for (let round = 0; round < 150; round++) {
      const batch = 1 + generator.randint(3);
      const m = 1 + generator.randint(40);
      const n = form === "gemm_nt_lower" ? m : 1 + generator.randint(round % 3 ? 48 : 300);
      const isLower = form === "gemm_nn_lower" || form === "gemm_tn_lower";
      const deepest = form === "gemm_nn_added" ? 512 : 1100;
      const k = isLower ? m : generator.randint(round % 10 === 0 ? deepest : 130);
      const isAbove = (i: number) => isLower && i % m > Math.floor(i / m) % m;
      engine.floats(A.address, batch * m * k)
        .set(A.values.subarray(0, batch * m * k).map((v, i) => isAbove(i) ? 0 : v));
      const bias = round % 2 && form !== "gemm_nn_added" ? BIAS.address : 0;
      const sizes = [batch, m, n, k];
      const narrow = bitsOf("narrow", form, sizes, bias, batch * m);
      const share = 1 + generator.randint(batch * m);
      assertEquals(bitsOf("wide", form, sizes, bias, batch * m), narrow, `${sizes}`);
      assertEquals(bitsOf("wide", form, sizes, bias, share), narrow, `${sizes} by ${share}`);
    }
  });
}
