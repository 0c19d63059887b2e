/**
 * Calls that are one: what one call leaves for another alone is computed by a kernel that does both,
 * or not at all where nobody reads it. The bits stay.
 *
 * @module
 */
import { touches } from "../ops/mod.ts";
import { LARGEST_ADDED_DEPTH } from "../ops/product.ts";
import type { Access } from "../ops/touches.ts";
import { type Argument, type Buffer, type Call, memoryOf } from "./trace.ts";

/** Joins what can be joined; the calls' arguments are changed in place. */
export function join(calls: Call[], output: Buffer): Call[] {
  const list = new CallList(calls, output);
  for (const call of calls) if (call.kernel === "softmax") dropMask(list, call);
  for (const call of calls) if (call.kernel === "softmax") takeScale(list, call);
  for (const call of calls) if (call.kernel === "scale") giveScale(list, call);
  for (const call of calls) if (call.kernel === "add") addByProduct(list, call);
  for (const call of calls) if (call.kernel === "gemm_nt") computeLower(list, call);
  for (const call of calls) writeInPlace(list, call);
  return list.left();
}

/** Softmax takes what is above a diagonal for -infinity, whatever is there. */
function dropMask(list: CallList, softmax: Call): void {
  const mask = list.only(softmax, "x", "mask_future");
  if (!mask || softmax.args.size !== mask.args.size) return;
  list.replace(softmax, "x", mask.args.x);
  list.drop(mask);
}

/** Scores times a number, then their softmax. */
function takeScale(list: CallList, softmax: Call): void {
  const scale = softmax.args.s === 0 && list.only(softmax, "x", "scale");
  if (!scale) return;
  list.replace(softmax, "x", scale.args.x);
  list.replace(softmax, "s", scale.args.s);
  list.drop(scale);
}

/** Softmax's gradient, then times a number. */
function giveScale(list: CallList, scale: Call): void {
  const backward = list.only(scale, "x", "softmax_backward");
  if (backward?.args.s !== 0) return;
  list.replace(backward, "s", scale.args.s);
  list.replace(backward, "dx", scale.args.y);
  list.drop(scale);
}

/** A sum and a product, which is added to the sum where that lies. */
function addByProduct(list: CallList, add: Call): void {
  for (const [own, other] of [["b", "a"], ["a", "b"]]) {
    const product = list.only(add, own, "gemm_nn");
    const sum = add.args[other] as Buffer;
    if (!product || product.args.bias !== 0 || product.args.c === sum) continue;
    if (product.args.k as number > LARGEST_ADDED_DEPTH) continue;
    const result = add.args.c as Buffer;
    if (!list.isOnlyReadBy(sum, add) || !list.isWrittenBefore(sum, product)) continue;
    if (!list.isOwn(result)) continue;
    product.kernel = "gemm_nn_added";
    list.replace(product, "c", sum);
    list.drop(add);
    return list.rename(result, sum);
  }
}

/** Where a number stands of which only those below the diagonal, and on it, are looked at. */
const below: Partial<Record<Call["kernel"], string>> = {
  softmax: "x",
  softmax_backward: "dy",
  dropout_lower: "x",
};

/** A product of which only what is below the diagonal is looked at. */
function computeLower(list: CallList, product: Call): void {
  const { c, m, n } = product.args;
  const readers = list.readersOf(c as Buffer);
  const isLower = m === n && readers.length > 0 && readers.every(({ kernel, args }) => {
    const name = below[kernel];
    const others = Object.entries(args).filter(([other]) => other !== name);
    return name && args.size === n && others.every(([, arg]) => arg !== c);
  });
  if (!isLower) return;
  product.kernel = "gemm_nt_lower";
  product.work! /= 2;
}

/** Kernels whose numbers depend on those at the same place, or in the same row, of the first of these. */
const placed: Partial<Record<Call["kernel"], [from: string, to: string]>> = {
  add: ["a", "c"],
  dropout: ["x", "y"],
  dropout_lower: ["x", "y"],
  relu: ["x", "y"],
  relu_backward: ["dy", "dx"],
  scale: ["x", "y"],
  softmax: ["x", "y"],
  softmax_backward: ["dy", "dx"],
};

/** A result in the place of what nobody else reads: memory that lies in the cache. */
function writeInPlace(list: CallList, call: Call): void {
  const [from, to] = placed[call.kernel] ?? [];
  if (!from || !to || !list.has(call)) return;
  const [input, result] = [call.args[from], call.args[to]] as Buffer[];
  if (!list.isOnlyReadBy(input, call) || !list.isOwn(result)) return;
  const isElsewhere = Object.entries(call.args).some(([n, arg]) => n !== from && arg === input);
  if (!isElsewhere && input.bytes === result.bytes) list.rename(result, input);
}

/** Calls in order, and which of them read and write each buffer that is a trace's own. */
class CallList {
  readonly #order: Map<Call, number>;
  readonly #readers = new Map<Buffer, Set<Call>>();
  readonly #writers = new Map<Buffer, Set<Call>>();

  constructor(calls: Call[], readonly output: Buffer) {
    this.#order = new Map(calls.map((call, i) => [call, i]));
    for (const call of calls) this.#note(call);
  }

  #note(call: Call): void {
    for (const [name, arg] of Object.entries(call.args)) {
      if (isBuffer(arg)) setOf(this.#usersBy(call, name), arg).add(call);
    }
  }

  #forget(call: Call): void {
    for (const buffer of memoryOf(call).filter(isBuffer)) {
      this.#readers.get(buffer)?.delete(call);
      this.#writers.get(buffer)?.delete(call);
    }
  }

  #usersBy({ kernel }: Call, name: string): Map<Buffer, Set<Call>> {
    const accesses = touches[kernel] as Record<string, Access> | undefined;
    return accesses?.[name]?.writes ? this.#writers : this.#readers;
  }

  /** The calls that are left. */
  left(): Call[] {
    return [...this.#order.keys()];
  }

  /** What computed an argument for this call and nothing else, if it is a call of the kernel. */
  only(call: Call, name: string, kernel: Call["kernel"]): Call | undefined {
    const buffer = call.args[name] as Buffer;
    if (!this.has(call) || !this.isOnlyReadBy(buffer, call)) return undefined;
    const [writer, another] = this.#writers.get(buffer) ?? [];
    return !another && writer?.kernel === kernel ? writer : undefined;
  }

  /** Whether a buffer of the trace is read by no other call and is no result. */
  isOnlyReadBy(buffer: Buffer, call: Call): boolean {
    const readers = this.readersOf(buffer);
    return this.isOwn(buffer) && readers.length === 1 && readers[0] === call;
  }

  /** Whether a buffer is the trace's, and not its result. */
  isOwn(buffer: Buffer): boolean {
    return buffer.address === undefined && buffer !== this.output;
  }

  /** Whether a call is still there. */
  has(call: Call): boolean {
    return this.#order.has(call);
  }

  /** The calls that read a buffer; none if it is not the trace's own. */
  readersOf(buffer: Buffer): Call[] {
    if (!this.isOwn(buffer)) return [];
    return [...this.#readers.get(buffer) ?? []];
  }

  /** Whether all that writes into a buffer comes before a call. */
  isWrittenBefore(buffer: Buffer, call: Call): boolean {
    const writers = [...this.#writers.get(buffer) ?? []];
    return writers.every((writer) => this.#order.get(writer)! < this.#order.get(call)!);
  }

  /** Gives a call another argument. */
  replace(call: Call, name: string, arg: Argument): void {
    this.#forget(call);
    call.args[name] = arg;
    this.#note(call);
  }

  /** Leaves a call out. */
  drop(call: Call): void {
    this.#forget(call);
    this.#order.delete(call);
  }

  /** Has every call use another buffer in one's place. */
  rename(from: Buffer, to: Buffer): void {
    const users = new Set([...this.#readers.get(from) ?? [], ...this.#writers.get(from) ?? []]);
    for (const call of users) {
      this.#forget(call);
      for (const [name, arg] of Object.entries(call.args)) if (arg === from) call.args[name] = to;
      this.#note(call);
    }
  }
}

const isBuffer = (arg: Argument): arg is Buffer => typeof arg !== "number" && "bytes" in arg;

function setOf(map: Map<Buffer, Set<Call>>, buffer: Buffer): Set<Call> {
  let set = map.get(buffer);
  if (!set) map.set(buffer, set = new Set());
  return set;
}
