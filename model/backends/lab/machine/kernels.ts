/**
 * The kernels' parameters and types: made by `deno task build_kernels` from the kernels' sources,
 * not written by hand.
 *
 * @module
 */

/** Where something lies in the engine's memory, in bytes from its start. */
export type Address = number;

/** Each kernel's parameters, in order. */
export const parameters = {
  adamw: {
    p: "address",
    g: "address",
    m: "address",
    v: "address",
    factors: "address",
    epsilon: "number",
    begin: "number",
    end: "number",
  },
  add: {
    a: "address",
    b: "address",
    c: "address",
    begin: "number",
    end: "number",
  },
  add_rows: {
    a: "address",
    b: "address",
    c: "address",
    columns: "number",
    begin: "number",
    end: "number",
  },
  bernoulli: {
    seed: "address",
    mask: "address",
    p: "number",
    begin: "number",
    end: "number",
  },
  copy_columns: {
    from: "address",
    to: "address",
    fromColumns: "number",
    fromOffset: "number",
    toColumns: "number",
    toOffset: "number",
    width: "number",
    begin: "number",
    end: "number",
  },
  cross_entropy: {
    logits: "address",
    targets: "address",
    losses: "address",
    probs: "address",
    columns: "number",
    begin: "number",
    end: "number",
  },
  cross_entropy_backward: {
    probs: "address",
    targets: "address",
    dloss: "address",
    dlogits: "address",
    rows: "number",
    columns: "number",
    begin: "number",
    end: "number",
  },
  dropout: {
    x: "address",
    mask: "address",
    y: "address",
    s: "number",
    begin: "number",
    end: "number",
  },
  embedding: {
    indices: "address",
    table: "address",
    y: "address",
    size: "number",
    begin: "number",
    end: "number",
  },
  embedding_backward: {
    indices: "address",
    dy: "address",
    dtable: "address",
    count: "number",
    n: "number",
    size: "number",
    begin: "number",
    end: "number",
  },
  gelu: {
    x: "address",
    y: "address",
    begin: "number",
    end: "number",
  },
  gelu_backward: {
    x: "address",
    dy: "address",
    dx: "address",
    begin: "number",
    end: "number",
  },
  gemm_nn: {
    a: "address",
    b: "address",
    c: "address",
    bias: "address",
    batch: "number",
    m: "number",
    n: "number",
    k: "number",
    aStride: "number",
    bStride: "number",
    cStride: "number",
    scratch: "address",
    begin: "number",
    end: "number",
  },
  gemm_nt: {
    a: "address",
    b: "address",
    c: "address",
    bias: "address",
    batch: "number",
    m: "number",
    n: "number",
    k: "number",
    aStride: "number",
    bStride: "number",
    cStride: "number",
    scratch: "address",
    begin: "number",
    end: "number",
  },
  gemm_scratch_bytes: {
    m: "number",
  },
  gemm_tn: {
    a: "address",
    b: "address",
    c: "address",
    bias: "address",
    batch: "number",
    m: "number",
    n: "number",
    k: "number",
    aStride: "number",
    bStride: "number",
    cStride: "number",
    scratch: "address",
    begin: "number",
    end: "number",
  },
  layer_norm: {
    x: "address",
    weight: "address",
    bias: "address",
    y: "address",
    means: "address",
    rstds: "address",
    columns: "number",
    epsilon: "number",
    begin: "number",
    end: "number",
  },
  layer_norm_backward: {
    x: "address",
    weight: "address",
    means: "address",
    rstds: "address",
    dy: "address",
    dx: "address",
    columns: "number",
    begin: "number",
    end: "number",
  },
  layer_norm_weight: {
    x: "address",
    means: "address",
    rstds: "address",
    dy: "address",
    dweight: "address",
    rows: "number",
    columns: "number",
    begin: "number",
    end: "number",
  },
  mask_future: {
    x: "address",
    y: "address",
    size: "number",
    fill: "number",
    begin: "number",
    end: "number",
  },
  mean: {
    x: "address",
    y: "address",
    n: "number",
  },
  multinomial: {
    probs: "address",
    seed: "address",
    chosen: "address",
    n: "number",
    begin: "number",
    end: "number",
  },
  multiply: {
    a: "address",
    b: "address",
    c: "address",
    begin: "number",
    end: "number",
  },
  relu: {
    x: "address",
    y: "address",
    begin: "number",
    end: "number",
  },
  relu_backward: {
    x: "address",
    dy: "address",
    dx: "address",
    begin: "number",
    end: "number",
  },
  rounds_once: {
    x: "address",
  },
  scale: {
    x: "address",
    s: "address",
    y: "address",
    begin: "number",
    end: "number",
  },
  softmax: {
    x: "address",
    y: "address",
    columns: "number",
    begin: "number",
    end: "number",
  },
  softmax_backward: {
    y: "address",
    dy: "address",
    dx: "address",
    columns: "number",
    begin: "number",
    end: "number",
  },
  sum_rows: {
    x: "address",
    y: "address",
    rows: "number",
    columns: "number",
    begin: "number",
    end: "number",
  },
} as const;

/** The kernels as the module exports them. */
export interface Kernels {
  adamw(
    p: Address,
    g: Address,
    m: Address,
    v: Address,
    factors: Address,
    epsilon: number,
    begin: number,
    end: number,
  ): void;
  add(a: Address, b: Address, c: Address, begin: number, end: number): void;
  add_rows(a: Address, b: Address, c: Address, columns: number, begin: number, end: number): void;
  bernoulli(seed: Address, mask: Address, p: number, begin: number, end: number): void;
  copy_columns(
    from: Address,
    to: Address,
    fromColumns: number,
    fromOffset: number,
    toColumns: number,
    toOffset: number,
    width: number,
    begin: number,
    end: number,
  ): void;
  cross_entropy(
    logits: Address,
    targets: Address,
    losses: Address,
    probs: Address,
    columns: number,
    begin: number,
    end: number,
  ): void;
  cross_entropy_backward(
    probs: Address,
    targets: Address,
    dloss: Address,
    dlogits: Address,
    rows: number,
    columns: number,
    begin: number,
    end: number,
  ): void;
  dropout(x: Address, mask: Address, y: Address, s: number, begin: number, end: number): void;
  embedding(
    indices: Address,
    table: Address,
    y: Address,
    size: number,
    begin: number,
    end: number,
  ): void;
  embedding_backward(
    indices: Address,
    dy: Address,
    dtable: Address,
    count: number,
    n: number,
    size: number,
    begin: number,
    end: number,
  ): void;
  gelu(x: Address, y: Address, begin: number, end: number): void;
  gelu_backward(x: Address, dy: Address, dx: Address, begin: number, end: number): void;
  gemm_nn(
    a: Address,
    b: Address,
    c: Address,
    bias: Address,
    batch: number,
    m: number,
    n: number,
    k: number,
    aStride: number,
    bStride: number,
    cStride: number,
    scratch: Address,
    begin: number,
    end: number,
  ): void;
  gemm_nt(
    a: Address,
    b: Address,
    c: Address,
    bias: Address,
    batch: number,
    m: number,
    n: number,
    k: number,
    aStride: number,
    bStride: number,
    cStride: number,
    scratch: Address,
    begin: number,
    end: number,
  ): void;
  gemm_scratch_bytes(m: number): number;
  gemm_tn(
    a: Address,
    b: Address,
    c: Address,
    bias: Address,
    batch: number,
    m: number,
    n: number,
    k: number,
    aStride: number,
    bStride: number,
    cStride: number,
    scratch: Address,
    begin: number,
    end: number,
  ): void;
  layer_norm(
    x: Address,
    weight: Address,
    bias: Address,
    y: Address,
    means: Address,
    rstds: Address,
    columns: number,
    epsilon: number,
    begin: number,
    end: number,
  ): void;
  layer_norm_backward(
    x: Address,
    weight: Address,
    means: Address,
    rstds: Address,
    dy: Address,
    dx: Address,
    columns: number,
    begin: number,
    end: number,
  ): void;
  layer_norm_weight(
    x: Address,
    means: Address,
    rstds: Address,
    dy: Address,
    dweight: Address,
    rows: number,
    columns: number,
    begin: number,
    end: number,
  ): void;
  mask_future(x: Address, y: Address, size: number, fill: number, begin: number, end: number): void;
  mean(x: Address, y: Address, n: number): void;
  multinomial(
    probs: Address,
    seed: Address,
    chosen: Address,
    n: number,
    begin: number,
    end: number,
  ): void;
  multiply(a: Address, b: Address, c: Address, begin: number, end: number): void;
  relu(x: Address, y: Address, begin: number, end: number): void;
  relu_backward(x: Address, dy: Address, dx: Address, begin: number, end: number): void;
  rounds_once(x: Address): number;
  scale(x: Address, s: Address, y: Address, begin: number, end: number): void;
  softmax(x: Address, y: Address, columns: number, begin: number, end: number): void;
  softmax_backward(
    y: Address,
    dy: Address,
    dx: Address,
    columns: number,
    begin: number,
    end: number,
  ): void;
  sum_rows(x: Address, y: Address, rows: number, columns: number, begin: number, end: number): void;
}
