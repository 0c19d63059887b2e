/**
 * Every kernel of the lab's engine against a naive one in double precision, over shapes that
 * include 1, odd sizes and sizes that are no multiple of a vector.
 *
 * Tolerances: a sum of n products of values of size s in float32 is off by at most n * s * 2^-24;
 * the naive sums are exact beside that. Elementwise results are off by a few units of 2^-24.
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { Generator } from "@hugo-lab/model";
import { type Buffer, Trace } from "../model/backends/lab/capture/trace.ts";
import { Engine } from "../model/backends/lab/machine/engine.ts";
import { type Kernels, parameters } from "../model/backends/lab/machine/kernels.ts";

const EPS = 2 ** -24;
const engine = new Engine();
/** The kernels that were called so far. */
const called = new Set<string>();
const kernels = noting(engine.kernels);
const generator = new Generator(11);

/** The kernels, each of which notes down that it was called. */
function noting(kernels: Kernels): Kernels {
  const entries = Object.entries(kernels).map(([name, kernel]) => [
    name,
    typeof kernel !== "function" ? kernel : (...args: number[]) => {
      called.add(name);
      return kernel(...args);
    },
  ]);
  return Object.fromEntries(entries);
}

/** A buffer with the values, or of the size. */
function put(values: Float32Array | Int32Array | number): number {
  if (typeof values === "number") return engine.allocate(values * 4);
  const address = engine.allocate(values.byteLength);
  if (values instanceof Float32Array) engine.floats(address, values.length).set(values);
  else engine.ints(address, values.length).set(values);
  return address;
}

function close(
  actual: Float32Array,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  assertEquals(actual.length, expected.length, what);
  for (let i = 0; i < actual.length; i++) {
    const allowed = tolerance * Math.max(1, Math.abs(expected[i]));
    const same = Object.is(actual[i], expected[i]) || Math.abs(actual[i] - expected[i]) <= allowed;
    assert(same, `${what}[${i}]: ${actual[i]}, expected ${expected[i]} within ${allowed}`);
  }
}

const matrix = (rows: number, columns: number) => generator.normal(rows * columns);

function naiveProduct(
  a: (i: number, p: number) => number,
  b: (p: number, j: number) => number,
  [m, n, k]: number[],
): Float64Array {
  const c = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) for (let p = 0; p < k; p++) c[i * n + j] += a(i, p) * b(p, j);
  }
  return c;
}

const sizes = [
  [1, 1, 1],
  [3, 5, 7],
  [8, 8, 8],
  [6, 9, 513],
  [25, 101, 32],
  [49, 130, 20],
  [9, 130, 101],
  [7, 300, 700],
  [70, 17, 1030],
  [0, 4, 4],
  [5, 3, 0],
];

for (const kernel of ["gemm_nt", "gemm_nn", "gemm_tn"] as const) {
  for (const [m, n, k] of sizes) {
    Deno.test(`${kernel} of ${m} x ${n} x ${k} is within k * 16 * 2^-24, whole or in parts`, () => {
      const [a, b, bias] = [matrix(m, k), matrix(k, n), generator.normal(n)];
      const at = (i: number, p: number) => kernel === "gemm_tn" ? a[p * m + i] : a[i * k + p];
      const bt = (p: number, j: number) => kernel === "gemm_nt" ? b[j * k + p] : b[p * n + j];
      const expected = naiveProduct(at, bt, [m, n, k]).map((v, i) => v + bias[i % n]);
      const [pa, pb, pbias, pc] = [put(a), put(b), put(bias), put(m * n)];
      const scratch = engine.allocate(kernels.gemm_scratch_bytes(m));
      const run = (from: number, to: number) =>
        kernels[kernel](pa, pb, pc, pbias, 1, m, n, k, m * k, k * n, m * n, scratch, from, to);
      run(0, m);
      const whole = engine.floats(pc, m * n).slice();
      close(whole, expected, Math.max(1, k) * 16 * EPS, kernel);
      engine.floats(pc, m * n).fill(NaN);
      for (let row = m - 1; row >= 0; row--) run(row, row + 1);
      assertEquals(engine.floats(pc, m * n), whole, "bits of the parts");
    });
  }
}

for (
  const [kernel, full] of [["gemm_nn_lower", "gemm_nn"], ["gemm_tn_lower", "gemm_tn"]] as const
) {
  Deno.test(`${kernel} has the bits of the product that multiplies by the zeros`, () => {
    for (const [m, n] of [[1, 1], [8, 8], [8, 64], [33, 17], [70, 30], [600, 20]]) {
      const [a, b] = [matrix(2 * m, m), matrix(2 * m, n)];
      a.forEach((v, i) => a[i] = i % m > Math.floor(i / m) % m ? 0 : v);
      const [pa, pb, pc] = [put(a), put(b), put(2 * m * n)];
      const scratch = engine.allocate(kernels.gemm_scratch_bytes(m));
      const args = [pa, pb, pc, 0, 2, m, n, m, m * m, m * n, m * n, scratch] as const;
      kernels[full](...args, 0, 2 * m);
      const expected = engine.floats(pc, 2 * m * n).slice();
      engine.floats(pc, 2 * m * n).fill(NaN);
      for (const [from, to] of [[0, m + 1], [m + 1, 2 * m]]) kernels[kernel](...args, from, to);
      assertEquals(engine.floats(pc, 2 * m * n), expected, `${m} x ${n}`);
      const at = (i: number, p: number) => kernel === "gemm_tn_lower" ? a[p * m + i] : a[i * m + p];
      const naive = naiveProduct(at, (p, j) => b[p * n + j], [m, n, m]);
      close(expected.subarray(0, m * n), naive, m * 16 * EPS, "first matrix");
    }
  });
}

Deno.test("gemm_nt_lower has the whole product's bits below the diagonal and on it", () => {
  for (const [m, k] of [[1, 3], [8, 8], [17, 64], [33, 20], [70, 30], [150, 5], [300, 600]]) {
    const [a, b] = [matrix(2 * m, k), matrix(2 * m, k)];
    const [pa, pb, pc] = [put(a), put(b), put(2 * m * m)];
    const scratch = engine.allocate(kernels.gemm_scratch_bytes(m));
    const args = [pa, pb, pc, 0, 2, m, m, k, m * k, m * k, m * m, scratch] as const;
    const lower = () =>
      engine.floats(pc, 2 * m * m).map((v, i) => i % m > Math.floor(i / m) % m ? 0 : v);
    kernels.gemm_nt(...args, 0, 2 * m);
    const expected = lower();
    for (const cuts of [[0, 2 * m], [0, 1, m + 1, 2 * m]]) {
      engine.floats(pc, 2 * m * m).fill(NaN);
      for (let i = 1; i < cuts.length; i++) kernels.gemm_nt_lower(...args, cuts[i - 1], cuts[i]);
      assertEquals(lower(), expected, `${m} x ${m} x ${k}`);
    }
    const naive = naiveProduct((i, p) => a[i * k + p], (p, j) => b[j * k + p], [m, m, k]);
    const isBelow = (i: number) => i % m <= Math.floor(i / m);
    close(
      expected.subarray(0, m * m),
      naive.map((v, i) => isBelow(i) ? v : 0),
      k * 16 * EPS,
      "first matrix",
    );
  }
});

Deno.test("gemm_nn_added adds the product to what is there", () => {
  for (const [m, n, k] of [[1, 1, 1], [3, 5, 7], [25, 101, 32], [70, 17, 512], [64, 384, 64]]) {
    const [a, b, old] = [matrix(m, k), matrix(k, n), matrix(m, n)];
    const [pa, pb, pc] = [put(a), put(b), put(m * n)];
    const scratch = engine.allocate(kernels.gemm_scratch_bytes(m));
    const args = [pa, pb, pc, 0, 1, m, n, k, m * k, k * n, m * n, scratch] as const;
    kernels.gemm_nn(...args, 0, m);
    const product = engine.floats(pc, m * n).slice();
    engine.floats(pc, m * n).set(old);
    for (const [from, to] of [[1, m], [0, 1]]) kernels.gemm_nn_added(...args, from, to);
    const sums = engine.floats(pc, m * n).slice();
    assertEquals(sums, old.map((v, i) => v + product[i]), `${m} x ${n} x ${k}`);
    const naive = naiveProduct((i, p) => a[i * k + p], (p, j) => b[p * n + j], [m, n, k]);
    close(sums, naive.map((v, i) => v + old[i]), k * 16 * EPS, "sum");
  }
});

Deno.test("batched products use each matrix's stride, 0 for a shared one", () => {
  const [batch, m, n, k] = [3, 5, 6, 4];
  const [a, b] = [matrix(batch * m, k), matrix(k, n)];
  const [pa, pb, pc] = [put(a), put(b), put(batch * m * n)];
  const scratch = engine.allocate(kernels.gemm_scratch_bytes(m));
  kernels.gemm_nn(pa, pb, pc, 0, batch, m, n, k, m * k, 0, m * n, scratch, 0, batch * m);
  const expected = naiveProduct((i, p) => a[i * k + p], (p, j) => b[p * n + j], [batch * m, n, k]);
  close(engine.floats(pc, batch * m * n), expected, k * 16 * EPS, "product");
});

for (const [rows, columns] of [[1, 1], [3, 2], [5, 8], [4, 101], [2, 259], [0, 3]]) {
  const shape = `${rows} x ${columns}`;
  const softmaxOf = (x: Float32Array) => {
    const y = new Float64Array(x.length);
    for (let r = 0; r < rows; r++) {
      const row = Array.from(x.subarray(r * columns, (r + 1) * columns));
      const max = Math.max(...row);
      const sum = row.reduce((s, v) => s + Math.exp(v - max), 0);
      row.forEach((v, j) => y[r * columns + j] = Math.exp(v - max) / sum);
    }
    return y;
  };

  Deno.test(`softmax of ${shape} and its gradient`, () => {
    const x = matrix(rows, columns).map((v) => v * 10);
    if (columns > 2) x[1] = -Infinity;
    const [px, py] = [put(x), put(x.length)];
    kernels.softmax(px, 0, py, columns, 0, 0, rows);
    const y = softmaxOf(x);
    close(engine.floats(py, x.length), y, (columns + 8) * EPS, "softmax");
    const dy = matrix(rows, columns);
    const [pdy, pdx] = [put(dy), put(x.length)];
    kernels.softmax_backward(py, pdy, 0, pdx, columns, 0, 0, rows);
    const expected = y.map((v, i) => {
      const r = Math.floor(i / columns) * columns;
      let sum = 0;
      for (let j = r; j < r + columns; j++) sum += y[j] * dy[j];
      return v * (dy[i] - sum);
    });
    close(engine.floats(pdx, x.length), expected, (columns + 8) * 8 * EPS, "gradient");
  });

  Deno.test(`cross entropy of ${shape} and its gradient`, () => {
    if (rows === 0) return; // a mean of nothing is not defined
    const x = matrix(rows, columns).map((v) => v * 5);
    const targets = Int32Array.from({ length: rows }, () => generator.randint(columns));
    const [px, pt, pl, pp, pmean] = [put(x), put(targets), put(rows), put(x.length), put(1)];
    kernels.cross_entropy(px, pt, pl, pp, columns, 0, rows);
    kernels.mean(pl, pmean, rows);
    const probs = softmaxOf(x);
    let loss = 0;
    targets.forEach((t, r) => loss -= Math.log(probs[r * columns + t]) / rows);
    close(engine.floats(pmean, 1), [loss], (columns + rows + 8) * 32 * EPS, "loss");
    const [pd, pdx] = [put(Float32Array.of(2)), put(x.length)];
    kernels.cross_entropy_backward(pp, pt, pd, pdx, rows, columns, 0, rows);
    const expected = probs.map((p, i) => {
      const hit = targets[Math.floor(i / columns)] === i % columns ? 1 : 0;
      return 2 * (p - hit) / rows;
    });
    close(engine.floats(pdx, x.length), expected, (columns + 8) * 2 * EPS, "gradient");
  });

  Deno.test(`layer norm of ${shape} and its gradients`, () => {
    const x = matrix(rows, columns);
    const [w, b, dy] = [
      generator.normal(columns),
      generator.normal(columns),
      matrix(rows, columns),
    ];
    const [px, pw, pb, pdy] = [put(x), put(w), put(b), put(dy)];
    const [py, pm, ps, pdx, pdw] = [
      put(x.length),
      put(rows),
      put(rows),
      put(x.length),
      put(columns),
    ];
    const epsilon = 1e-2; // large, so that a row of one value stays well conditioned
    kernels.layer_norm(px, pw, pb, py, pm, ps, columns, epsilon, 0, rows);
    kernels.layer_norm_backward(px, pw, pm, ps, pdy, pdx, columns, 0, rows);
    kernels.layer_norm_weight(px, pm, ps, pdy, pdw, rows, columns, 0, columns);
    const [y, dx, dw] = [
      new Float64Array(x.length),
      new Float64Array(x.length),
      new Float64Array(columns),
    ];
    for (let r = 0; r < rows; r++) {
      const row = Array.from(x.subarray(r * columns, (r + 1) * columns));
      const mean = row.reduce((s, v) => s + v, 0) / columns;
      const variance = row.reduce((s, v) => s + (v - mean) ** 2, 0) / columns;
      const rstd = 1 / Math.sqrt(variance + epsilon);
      const h = row.map((v) => (v - mean) * rstd);
      const g = row.map((_, j) => dy[r * columns + j] * w[j]);
      const meanG = g.reduce((s, v) => s + v, 0) / columns;
      const meanGh = g.reduce((s, v, j) => s + v * h[j], 0) / columns;
      h.forEach((v, j) => {
        y[r * columns + j] = v * w[j] + b[j];
        dx[r * columns + j] = rstd * (g[j] - meanG - v * meanGh);
        dw[j] += dy[r * columns + j] * v;
      });
    }
    const tolerance = (columns + rows + 8) * 64 * EPS;
    close(engine.floats(py, x.length), y, tolerance, "y");
    close(engine.floats(pdx, x.length), dx, tolerance, "dx");
    close(engine.floats(pdw, columns), dw, tolerance, "dweight");
  });

  Deno.test(`sum_rows, add_rows and copy_columns of ${shape}`, () => {
    const [x, b] = [matrix(rows, columns), generator.normal(columns)];
    const [px, pb, ps, pc, pd] = [put(x), put(b), put(columns), put(x.length), put(x.length * 2)];
    kernels.sum_rows(px, ps, rows, columns, 0, columns);
    const sums = new Float64Array(columns);
    x.forEach((v, i) => sums[i % columns] += v);
    close(engine.floats(ps, columns), sums, (rows + 1) * 8 * EPS, "sums");
    kernels.add_rows(px, pb, pc, columns, 0, rows);
    const added = Float32Array.from(x, (v, i) => v + b[i % columns]);
    close(engine.floats(pc, x.length), added, 0, "sum with a row");
    engine.floats(pd, x.length * 2).fill(7);
    kernels.copy_columns(px, pd, columns, 0, columns * 2, columns, columns, 0, rows);
    const doubled = engine.floats(pd, x.length * 2);
    doubled.forEach((v, i) => {
      const [r, j] = [Math.floor(i / (2 * columns)), i % (2 * columns)];
      assertEquals(v, j < columns ? 7 : x[r * columns + j - columns]);
    });
  });
}

for (const n of [1, 4, 5, 63, 64, 0]) {
  Deno.test(`elementwise kernels on ${n} values`, () => {
    const [a, b] = [generator.normal(n), generator.normal(n)];
    const [pa, pb, ps] = [put(a), put(b), put(Float32Array.of(0.3))];
    const s = Math.fround(0.3);
    const { add, multiply, scale, relu, relu_backward } = kernels;
    type Run = (to: number, begin: number, end: number) => void;
    const cases: [name: string, run: Run, expected: (x: number, y: number) => number][] = [
      ["add", (...to) => add(pa, pb, ...to), (x, y) => x + y],
      ["multiply", (...to) => multiply(pa, pb, ...to), (x, y) => x * y],
      ["scale", (...to) => scale(pa, ps, ...to), (x) => x * s],
      ["relu", (...to) => relu(pa, ...to), (x) => Math.max(x, 0)],
      ["relu_backward", (...to) => relu_backward(pa, pb, ...to), (x, y) => x > 0 ? y : 0],
    ];
    for (const [name, run, expected] of cases) {
      const pc = put(n);
      run(pc, 0, Math.ceil(n / 4));
      close(engine.floats(pc, n), Float32Array.from(a, (x, i) => expected(x, b[i])), 0, name);
    }
  });
}

Deno.test("gelu and its gradient are within 16 and 64 units of 2^-24, far out too", () => {
  // The sigmoid's exponent z is off by a few |z| 2^-24; weighed with x s (1 - s) that stays small.
  const x = Float32Array.of(...generator.normal(59).map((v) => 3 * v), 0, 60, -60, 1e4, -1e4);
  const dy = generator.normal(x.length);
  const [px, pdy, py, pdx] = [put(x), put(dy), put(x.length), put(x.length)];
  kernels.gelu(px, py, 0, x.length / 4);
  kernels.gelu_backward(px, pdy, pdx, 0, x.length / 4);
  const c = Math.sqrt(2 / Math.PI);
  const tanh = (v: number) => Math.tanh(c * (v + 0.044715 * v ** 3));
  close(engine.floats(py, x.length), Array.from(x, (v) => v * (1 + tanh(v)) / 2), 16 * EPS, "y");
  const slopes = Array.from(x, (v, i) => {
    const t = tanh(v);
    return dy[i] * ((1 + t) / 2 + v * (1 - t * t) * c * (1 + 3 * 0.044715 * v * v) / 2);
  });
  close(engine.floats(pdx, x.length), slopes, 64 * EPS, "dx");
});

Deno.test("embedding takes rows, and its gradient adds them up", () => {
  const [count, n, size] = [7, 4, 5];
  const indices = Int32Array.of(3, 0, 0, 2, 3, 3, 0);
  const [table, dy] = [matrix(n, size), matrix(count, size)];
  const [pi, pt, py, pdy, pd] = [
    put(indices),
    put(table),
    put(count * size),
    put(dy),
    put(n * size),
  ];
  kernels.embedding(pi, pt, py, size, 0, count);
  const rows = Float32Array.from(
    { length: count * size },
    (_, i) => table[indices[Math.floor(i / size)] * size + i % size],
  );
  close(engine.floats(py, count * size), rows, 0, "rows");
  kernels.embedding_backward(pi, pdy, pd, count, n, size, 0, size);
  const sums = new Float64Array(n * size);
  dy.forEach((v, i) => sums[indices[Math.floor(i / size)] * size + i % size] += v);
  close(engine.floats(pd, n * size), sums, count * 4 * EPS, "gradient");
});

Deno.test("sums over rows take each part by itself, whole or in shares of columns", () => {
  const [parts, rows, columns, n] = [3, 5, 19, 4];
  const [x, dy] = [matrix(parts * rows, columns), matrix(parts * rows, columns)];
  const [means, rstds] = [generator.normal(parts * rows), generator.normal(parts * rows)];
  const indices = Int32Array.from({ length: parts * rows }, () => generator.randint(n));
  const [px, pdy, pm, ps, pi] = [put(x), put(dy), put(means), put(rstds), put(indices)];
  const [py, pw, pt] = [put(parts * columns), put(parts * columns), put(parts * n * columns)];
  const [sums, weights, table] = [
    new Float64Array(parts * columns),
    new Float64Array(parts * columns),
    new Float64Array(parts * n * columns),
  ];
  dy.forEach((v, i) => {
    const [row, j] = [Math.floor(i / columns), i % columns];
    const part = Math.floor(row / rows);
    sums[part * columns + j] += x[i];
    weights[part * columns + j] += v * (x[i] - means[row]) * rstds[row];
    table[(part * n + indices[row]) * columns + j] += v;
  });
  const units = parts * columns;
  for (const shares of [[0, units], [0, 7, 30, 31, units]]) {
    for (let i = 0; i + 1 < shares.length; i++) {
      const [from, to] = [shares[i], shares[i + 1]];
      kernels.sum_rows(px, py, rows, columns, from, to);
      kernels.layer_norm_weight(px, pm, ps, pdy, pw, rows, columns, from, to);
      kernels.embedding_backward(pi, pdy, pt, rows, n, columns, from, to);
    }
    close(engine.floats(py, units), sums, rows * 8 * EPS, "sum_rows");
    close(engine.floats(pw, units), weights, rows * 64 * EPS, "layer_norm_weight");
    close(engine.floats(pt, table.length), table, rows * 8 * EPS, "embedding_backward");
    for (const [address, size] of [[py, units], [pw, units], [pt, table.length]]) {
      engine.floats(address, size).fill(NaN);
    }
  }
});

for (const kernel of ["gemm_nt", "gemm_nn", "gemm_tn"] as const) {
  Deno.test(`${kernel} of 40 random sizes is within k * 16 * 2^-24`, () => {
    for (let round = 0; round < 40; round++) {
      const [batch, m, n] = [3, 40, 40].map((most) => 1 + generator.randint(most));
      const k = 1 + generator.randint(round % 8 === 0 ? 1200 : 60);
      const [a, b] = [matrix(batch * m, k), matrix(batch * k, n)];
      const [pa, pb, pc] = [put(a), put(b), put(batch * m * n)];
      const scratch = engine.allocate(kernels.gemm_scratch_bytes(m));
      kernels[kernel](
        ...[pa, pb, pc, 0, batch, m, n, k, m * k, k * n, m * n, scratch, 0, batch * m],
      );
      for (let i = 0; i < batch; i++) {
        const expected = naiveProduct(
          (row, p) => a[i * m * k + (kernel === "gemm_tn" ? p * m + row : row * k + p)],
          (p, column) => b[i * k * n + (kernel === "gemm_nt" ? column * k + p : p * n + column)],
          [m, n, k],
        );
        const c = engine.floats(pc + i * m * n * 4, m * n);
        close(c, expected, k * 16 * EPS, `${kernel} ${batch} x ${m} x ${n} x ${k}`);
      }
    }
  });
}

Deno.test("mask_future hides what is above the diagonal of each matrix", () => {
  const [batch, size] = [2, 3];
  const x = matrix(batch * size, size);
  const [px, py] = [put(x), put(x.length)];
  kernels.mask_future(px, py, size, -Infinity, 0, batch * size);
  engine.floats(py, x.length).forEach((v, i) => {
    const [row, column] = [Math.floor(i / size) % size, i % size];
    assertEquals(v, column > row ? -Infinity : x[i]);
  });
});

for (const size of [1, 3, 8, 13, 64]) {
  Deno.test(`softmax of masked ${size} x ${size} matrices has the bits of all rows' softmax`, () => {
    const rows = 3 * size;
    const x = matrix(rows, size).map((v, i) =>
      i % size > Math.floor(i / size) % size ? -Infinity : v * 9
    );
    const dy = matrix(rows, size);
    const [px, pdy] = [put(x), put(dy)];
    const results = [0, size].map((given) => {
      const [py, pdx] = [put(matrix(rows, size)), put(matrix(rows, size))];
      for (const [from, to] of [[1, rows], [0, 1]]) {
        kernels.softmax(px, 0, py, size, given, from, to);
        kernels.softmax_backward(py, pdy, 0, pdx, size, given, from, to);
      }
      return [py, pdx].map((at) => engine.floats(at, x.length).slice().map((v) => v + 0)); // -0 is 0
    });
    assertEquals(results[1], results[0]);
  });
}

Deno.test("softmax times a factor below the diagonal is what its three steps give", () => {
  for (const size of [1, 3, 8, 13, 64]) {
    const rows = 2 * size;
    const x = matrix(rows, size).map((v) => 9 * v);
    const [px, ps, py] = [put(x), put(Float32Array.of(0.3)), put(x.length)];
    kernels.scale(px, ps, py, 0, Math.ceil(x.length / 4));
    kernels.mask_future(py, py, size, -Infinity, 0, rows);
    kernels.softmax(py, 0, py, size, 0, 0, rows);
    const expected = engine.floats(py, x.length).slice();
    const isAbove = (i: number) => i % size > Math.floor(i / size) % size;
    engine.floats(px, x.length).forEach((v, i, all) => all[i] = isAbove(i) ? NaN : v);
    for (const [from, to] of [[1, rows], [0, 1]]) kernels.softmax(px, ps, px, size, size, from, to);
    assertEquals(engine.floats(px, x.length).slice(), expected, "softmax, where its input was");
    const [pdy, pdx] = [put(matrix(rows, size)), put(x.length)];
    kernels.softmax_backward(py, pdy, 0, pdx, size, size, 0, rows);
    kernels.scale(pdx, ps, pdx, 0, Math.ceil(x.length / 4));
    kernels.softmax_backward(py, pdy, ps, pdy, size, size, 0, rows);
    assertEquals(engine.floats(pdy, x.length), engine.floats(pdx, x.length), "its gradient");
  }
});

for (const size of [4, 12, 64]) {
  Deno.test(`dropout below the diagonal of ${size} x ${size} matrices draws what it would in all`, () => {
    const rows = 3 * size;
    const drawn = new Generator(5).bernoulli(rows * size, 0.8);
    const seed = put(Int32Array.of(new Generator(5).streamSeed()));
    const x = matrix(rows, size).map((v, i) => i % size > Math.floor(i / size) % size ? 0 : v);
    const [px, py, mask] = [put(x), put(matrix(rows, size)), put(matrix(rows, size / 4))];
    for (const [from, to] of [[3, rows], [0, 3]]) {
      kernels.bernoulli_lower(seed, mask, 0.8, size, from, to);
      kernels.dropout_lower(px, mask, py, 1.25, size, from, to);
    }
    close(engine.floats(py, x.length), x.map((v, i) => v * (drawn[i] ? 1.25 : 0)), 0, "dropout");
  });
}

Deno.test("put_row replaces one row of a table", () => {
  const [n, size] = [5, 13];
  const [table, row] = [generator.normal(n * size), generator.normal(size)];
  const [ptable, prow, at] = [put(table), put(row), put(Int32Array.of(3))];
  kernels.put_row(prow, at, ptable, size);
  table.set(row, 3 * size);
  assertEquals(engine.floats(ptable, n * size).slice(), table);
});

Deno.test("bernoulli gives the generator's stream from any group on; dropout uses it", () => {
  const n = 16 * 5000 + 3;
  const groups = Math.ceil(n / 16);
  const reference = new Generator(5).bernoulli(n, 0.8);
  const [seed, mask] = [put(Int32Array.of(new Generator(5).streamSeed())), put(groups * 4)];
  for (const [from, to] of [[3, groups], [0, 3]]) kernels.bernoulli(seed, mask, 0.8, from, to);
  assertEquals(engine.bytes(mask, n).slice(), reference);
  const x = generator.normal(n);
  const [px, py] = [put(x), put(n)];
  kernels.dropout(px, mask, py, 1.25, 0, Math.ceil(n / 4));
  const kept = Float32Array.from(x, (v, i) => v * (reference[i] ? 1.25 : 0));
  close(engine.floats(py, n), kept, 0, "dropout");
});

for (const [rows, n] of [[1, 1], [1, 101], [7, 6], [3, 50257], [0, 5]]) {
  Deno.test(`multinomial of ${rows} x ${n} draws what the generator draws, whole or in parts`, () => {
    const probs = generator.uniform(rows * n);
    if (n > 5) probs[2] = 0;
    const q = new Generator(8).exponential(rows * n);
    const quotients = probs.map((p, i) => p / q[i]);
    const expected = Float32Array.from({ length: rows }, (_, r) => {
      const row = quotients.subarray(r * n, (r + 1) * n);
      return row.indexOf(row.reduce((a, b) => Math.max(a, b)));
    });
    const seed = put(Int32Array.of(new Generator(8).streamSeed()));
    const [pp, pc] = [put(probs), put(rows)];
    kernels.multinomial(pp, seed, pc, n, 0, rows);
    assertEquals(engine.floats(pc, rows), expected);
    engine.floats(pc, rows).fill(NaN);
    for (let r = rows - 1; r >= 0; r--) kernels.multinomial(pp, seed, pc, n, r, r + 1);
    assertEquals(engine.floats(pc, rows), expected);
  });
}

Deno.test("multinomial's exponentials are the generator's in every bit", () => {
  // In a row of two that are divided by themselves the first wins, unless it comes out too small or
  // the second too large; moved by one, each has been both.
  const rows = 100_000;
  const q = new Generator(9).exponential(2 * rows + 2);
  const first = new Generator(9).streamSeed();
  const second = Number(BigInt(first) * 1132489760n % 2147483647n);
  const chosen = put(rows);
  for (const [moved, start] of [first, second].entries()) {
    const seed = put(Int32Array.of(start));
    kernels.multinomial(put(q.slice(moved, moved + 2 * rows)), seed, chosen, 2, 0, rows);
    assertEquals(engine.floats(chosen, rows).indexOf(1), -1);
  }
});

Deno.test("multinomial draws what the generator draws from probabilities of every size", () => {
  for (let round = 0; round < 2000; round++) {
    const sharpness = generator.randint(30);
    const powers = generator.normal(101).map((v) => Math.exp(v * sharpness / 3));
    const total = powers.reduce((sum, v) => sum + v, 0);
    const probs = powers.map((v) => v / total);
    const [pp, pc, seed] = [
      put(probs),
      put(1),
      put(Int32Array.of(new Generator(round).streamSeed())),
    ];
    kernels.multinomial(pp, seed, pc, probs.length, 0, 1);
    assertEquals(
      engine.floats(pc, 1)[0],
      new Generator(round).multinomial(probs),
      `round ${round}`,
    );
    engine.release(pp, 404);
  }
});

Deno.test("adamw follows PyTorch's formula within 8 * 2^-24", () => {
  const n = 9;
  const [p, g, m] = [generator.normal(n), generator.normal(n), generator.normal(n)];
  const v = generator.normal(n).map(Math.abs);
  const f = [0.99999, 0.1, 0.999, 0.001, 0.01, 0.5].map(Math.fround);
  const [pp, pg, pm, pv, pf] = [p, g, m, v, Float32Array.from(f)].map(put);
  kernels.adamw(pp, pg, pm, pv, pf, 1e-8, 0, Math.ceil(n / 4));
  const means = Array.from(m, (old, i) => old + (g[i] - old) * f[1]);
  const squares = Array.from(v, (old, i) => old * f[2] + f[3] * g[i] * g[i]);
  const updated = Array.from(
    p,
    (old, i) => old * f[0] - f[4] * (means[i] / (Math.sqrt(squares[i]) / f[5] + 1e-8)),
  );
  close(engine.floats(pm, n), means, 8 * EPS, "m");
  close(engine.floats(pv, n), squares, 8 * EPS, "v");
  close(engine.floats(pp, n), updated, 8 * EPS, "p");
});

for (const size of [1, 3, 4, 4095, 4096, 4097, 10000]) {
  Deno.test(`square_sums of ${size} numbers and clip_factor follow the norm within 4 * 2^-24`, () => {
    const x = generator.normal(size);
    const chunks = Math.ceil(size / 4096);
    const [px, py, pf] = [put(x), put(chunks), put(1)];
    // In parts, from the last on: each chunk is summed alone.
    for (let i = chunks - 1; i >= 0; i--) kernels.square_sums(px, py, size, i, i + 1);
    const squares = Float64Array.from(
      { length: chunks },
      (_, i) => x.subarray(4096 * i, 4096 * (i + 1)).reduce((sum, v) => sum + v * v, 0),
    );
    close(engine.floats(py, chunks), squares, EPS, "sums");
    const norm = Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
    for (const limit of [0.5 * norm, 2 * norm]) {
      kernels.clip_factor(py, pf, chunks, limit);
      close(engine.floats(pf, 1), [Math.min(1, limit / (norm + 1e-6))], 4 * EPS, "factor");
    }
  });
}

for (const [batch, places, half] of [[1, 1, 1], [3, 5, 2], [2, 7, 16], [4, 3, 9]]) {
  Deno.test(`rotary turns ${batch} x ${places} rows of ${2 * half}, and back`, () => {
    const rows = batch * places;
    const x = matrix(rows, 2 * half);
    const angles = generator.uniform(places * half, -3, 3);
    const turns = Float32Array.from({ length: places * 2 * half }, (_, i) => {
      const [row, j] = [Math.floor(i / (2 * half)), i % (2 * half)];
      const angle = angles[row * half + j % half];
      return j < half ? Math.cos(angle) : Math.sin(angle);
    });
    const [px, pt, py, pz] = [put(x), put(turns), put(x.length), put(x.length)];
    kernels.rotary(px, pt, py, half, places, 1, 0, rows);
    kernels.rotary(py, pt, pz, half, places, -1, 0, rows);
    const expected = x.map((_, i) => {
      const [row, j] = [Math.floor(i / (2 * half)), i % half];
      const turn = (row % places) * 2 * half + j;
      const [a, b] = [x[row * 2 * half + j], x[row * 2 * half + half + j]];
      const [c, s] = [turns[turn], turns[turn + half]];
      return i % (2 * half) < half ? a * c - b * s : a * s + b * c;
    });
    close(engine.floats(py, x.length), expected, 8 * EPS, "turned");
    close(engine.floats(pz, x.length), x, 16 * EPS, "turned back");
  });
}

Deno.test("a trace's plan never gives two living buffers the same memory", () => {
  const trace = new Trace();
  const buffers: Buffer[] = Array.from({ length: 40 }, () => ({
    bytes: 1 + generator.randint(400),
  }));
  const live = new Map<object, [number, number]>();
  for (let i = 0; i < 120; i++) {
    const [a, b] = [0, 1].map(() => buffers[generator.randint(buffers.length)]);
    trace.call("add", { a, b, c: b, begin: 0, end: 1 });
    for (const buffer of [a, b]) live.set(buffer, [live.get(buffer)?.[0] ?? i, i]);
  }
  const { addresses, bytes } = trace.plan([]);
  const placed = [...addresses];
  for (const [a, from] of placed) {
    assert(from + a.bytes <= bytes);
    for (const [b, other] of placed) {
      const [x, y] = [live.get(a)!, live.get(b)!];
      const together = x[0] <= y[1] && y[0] <= x[1];
      const overlap = from < other + b.bytes && other < from + a.bytes;
      assert(a === b || !(together && overlap));
    }
  }
});

Deno.test("rounds_once tells whether 2^-24 is lost in (1 + 2^-12)^2 - (1 + 2^-11)", () => {
  const at = put(Float32Array.of(1 + 2 ** -12, 1 + 2 ** -12, -(1 + 2 ** -11)));
  assertEquals(kernels.rounds_once(at) === 1, engine.build !== "strict");
});

Deno.test("memory beyond 4 GiB is refused with its size", () => {
  const other = new Engine();
  assertThrows(() => other.allocate(5 * 2 ** 30), RangeError, "5.0 GiB");
});

Deno.test("a kernel called with too few arguments, or an unknown one, does not compile", () => {
  // A number too few would be units from 0 to 0: nothing is computed, and no error tells so.
  const wrong = [
    // @ts-expect-error -- `end` is missing
    () => kernels.gelu(0, 0, 0),
    // @ts-expect-error -- there is no such kernel
    () => kernels.geluu(0, 0, 0, 0),
    // @ts-expect-error -- its last parameter is `end`, not `to`
    () => new Trace().call("gelu", { x: 0, y: 0, begin: 0, to: 0 }),
    // @ts-expect-error -- x is memory, not a number of something
    () => new Trace().call("gelu", { x: 1, y: 0, begin: 0, end: 0 }),
  ];
  assertEquals(wrong.length, 4);
});

Deno.test("every kernel was called by the tests above", () => {
  assertEquals([...called].sort(), Object.keys(parameters).sort());
});
