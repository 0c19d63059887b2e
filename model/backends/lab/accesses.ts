/**
 * Which memory a share of a kernel's work reads and writes: what threads must wait for follows from
 * it.
 *
 * @module
 */
import type { Argument, Buffer, Call } from "./trace.ts";

/** Part of a buffer, in bytes from its start. */
export interface Access {
  buffer: Buffer;
  from: number;
  to: number;
  writes: boolean;
}

/**
 * For each of a kernel's buffers: r reads, w writes, u does both to its share alone; the bytes a
 * unit of work follow where the buffer's padding is worked on too. R goes over the whole buffer. p
 * and P read and write, elements of its own, in equal parts of the buffer; the number is the
 * argument that says how many units a part has. A product's factor with a stride of 0 is read whole.
 */
const patterns: Record<string, string> = {
  adamw: "u16 r16 u16 u16 R",
  add: "r16 r16 w16",
  add_rows: "r R w",
  bernoulli: "R w16",
  copy_columns: "r w",
  cross_entropy: "r r w w",
  cross_entropy_backward: "r r R w",
  dropout: "r16 r4 w16",
  embedding: "r R w",
  embedding_backward: "p5 p5 P5",
  fill: "w16",
  gelu: "r16 w16",
  gelu_backward: "r16 r16 w16",
  gemm_nn: "r p5 w R",
  gemm_nt: "r p5 w R",
  gemm_tn: "p5 p5 w R",
  layer_norm: "r R R w w w",
  layer_norm_backward: "r R r r r w",
  layer_norm_weight: "p6 p6 p6 p6 w",
  mask_future: "r w",
  multinomial: "r R w",
  multiply: "r16 r16 w16",
  relu: "r16 w16",
  relu_backward: "r16 r16 w16",
  scale: "r16 R w16",
  softmax: "r w",
  softmax_backward: "r r w",
  sum_rows: "p3 w",
};

/** Whether several threads may share the kernel's work. */
export function isDivisible(kernel: string): boolean {
  return kernel in patterns;
}

/** What the share of a call's units from `begin` to `end` touches. */
export function accessesOf(call: Call, begin: number, end: number): Access[] {
  const pattern = patterns[call.kernel]?.split(" ") ?? [];
  const accesses: Access[] = [];
  // Numbers among the arguments count as positions too: a product without a bias has one there.
  call.args.forEach((arg, i) => {
    if (typeof arg === "number" || !("bytes" in arg)) return;
    const how = pattern[i] ?? "W";
    const [from, to] = range(how, arg, i, call, begin, end);
    accesses.push({ buffer: arg, from, to, writes: "wuPW".includes(how[0]) });
  });
  return accesses;
}

function range(
  pattern: string,
  { bytes }: Buffer,
  position: number,
  { kernel, args }: Call,
  begin: number,
  end: number,
): [number, number] {
  const [letter, number] = [pattern[0], Number(pattern.slice(1))];
  if (letter === "R" || letter === "W" || isSharedFactor(kernel, args, position)) return [0, bytes];
  const units = args.at(-1) as number;
  if (letter === "p" || letter === "P") {
    const perPart = args[number] as number;
    const part = bytes / (units / perPart);
    return [Math.floor(begin / perPart) * part, Math.ceil(end / perPart) * part];
  }
  const unit = number || bytes / units;
  return [begin * unit, end * unit];
}

/** Whether all of a batch's products use the same matrix here. */
function isSharedFactor(kernel: string, args: Argument[], position: number): boolean {
  if (!kernel.startsWith("gemm") || position > 1) return false;
  const [batch, stride] = [args[4], args[8 + position]];
  return stride === 0 && (batch as number) > 1;
}
