/**
 * The split into training and validation text, and random batches of either.
 *
 * @module
 */
import { UserError } from "./errors.ts";
import type { Generator } from "./random.ts";
import type { Numbers } from "./text.ts";

/** The encoded text in order: the first 90 % to train on, the rest to validate. */
export interface Split {
  /** To learn from. */
  train: Numbers;
  /** To watch the learning with. */
  val: Numbers;
  /** What no choice has seen: the end of what would be learned from, where it is left out. */
  test?: Numbers;
}

/** B windows of T characters, flattened, and for each position the character that follows. */
export interface Batch {
  /** The characters' numbers. */
  x: Int32Array; // (B, T)
  /** The number of the character that follows each. */
  y: Int32Array; // (B, T)
  /** B and T. */
  shape: [batchSize: number, blockSize: number];
}

/** The split whose training part has its last tenth taken out as the test part. */
export function withTestPart({ train, val }: Split): Split {
  const end = Math.floor(0.9 * train.length);
  return { train: train.subarray(0, end), val, test: train.subarray(end) };
}

/** Splits an encoded text in order, nothing shuffled. */
export function splitData(data: Numbers): Split {
  // exercise split: the first 90 % to train on, rounded down, and the rest, in order
  const end = Math.floor(0.9 * data.length);
  return { train: data.subarray(0, end), val: data.subarray(end) };
  // end
}

/**
 * Checks that both parts are long enough.
 *
 * @throws {UserError} if a part is too short to take a window of blockSize characters from
 */
export function checkBlockSize(split: Split, blockSize: number): void {
  const parts = [split.train, split.val, split.test ?? split.val];
  const shortest = Math.min(...parts.map(({ length }) => length));
  if (shortest <= blockSize) {
    throw new UserError((nameOf) =>
      `${nameOf("blockSize")} ${blockSize} needs more than ${blockSize} characters in the ` +
      `training and in the validation part, and the shorter one has ${shortest}: ` +
      "choose a smaller block or a longer corpus"
    ).saying({ kind: "short part", blockSize, characters: shortest });
  }
}

/** Draws a batch of windows as the notebook does: all starting points, then their characters. */
export function getBatch(
  data: Numbers,
  batchSize: number,
  blockSize: number,
  generator: Generator,
): Batch {
  const x = new Int32Array(batchSize * blockSize);
  const y = new Int32Array(batchSize * blockSize);
  // exercise split: fill x with batchSize windows of data, and y with what follows each character
  for (let b = 0; b < batchSize; b++) {
    const start = generator.randint(data.length - blockSize);
    for (let t = 0; t < blockSize; t++) {
      x[b * blockSize + t] = data[start + t];
      y[b * blockSize + t] = data[start + t + 1];
    }
  }
  // end
  return { x, y, shape: [batchSize, blockSize] };
}

/**
 * Batches in which each position of a part is a target once, but for the first, which nothing
 * precedes: windows side by side, and a shorter one for the rest.
 */
export function wholeBatches(data: Numbers, batchSize: number, blockSize: number): Batch[] {
  const targets = data.length - 1;
  const count = Math.floor(targets / blockSize);
  const starts = Array.from({ length: count }, (_, i) => i * blockSize);
  const rest = targets % blockSize;
  return windowBatches(data, batchSize, blockSize, starts, rest, count * blockSize);
}

/**
 * Batches of as many windows as {@linkcode wholeBatches} makes of `length` numbers, spread evenly
 * over longer data.
 */
export function spreadBatches(
  data: Numbers,
  length: number,
  batchSize: number,
  blockSize: number,
): Batch[] {
  const count = Math.floor((length - 1) / blockSize);
  const rest = (length - 1) % blockSize;
  const last = data.length - 1 - blockSize;
  const steps = Math.max(1, count - (rest ? 0 : 1)); // the rest's window is one more
  const start = (i: number) => Math.floor(i * last / steps);
  const starts = Array.from({ length: count }, (_, i) => start(i));
  return windowBatches(data, batchSize, blockSize, starts, rest, start(count));
}

/** Windows from some places on, and one of another size, in batches. */
function windowBatches(
  data: Numbers,
  batchSize: number,
  blockSize: number,
  starts: number[],
  rest: number,
  restStart: number,
): Batch[] {
  const batches: Batch[] = [];
  for (let i = 0; i < starts.length; i += batchSize) {
    batches.push(windowsAt(data, starts.slice(i, i + batchSize), blockSize));
  }
  if (rest > 0) batches.push(windowsAt(data, [restStart], rest));
  return batches;
}

/** The windows that start at some places. */
function windowsAt(data: Numbers, starts: number[], blockSize: number): Batch {
  const x = new Int32Array(starts.length * blockSize);
  const y = new Int32Array(starts.length * blockSize);
  starts.forEach((start, b) => {
    x.set(data.subarray(start, start + blockSize), b * blockSize);
    y.set(data.subarray(start + 1, start + blockSize + 1), b * blockSize);
  });
  return { x, y, shape: [starts.length, blockSize] };
}

/** A batch's windows in so many equal parts, in order. */
export function partsOfBatch(
  { x, y, shape: [batchSize, blockSize] }: Batch,
  parts: number,
): Batch[] {
  const rows = batchSize / parts;
  return Array.from({ length: parts }, (_, i) => {
    const [begin, end] = [i * rows * blockSize, (i + 1) * rows * blockSize];
    return { x: x.subarray(begin, end), y: y.subarray(begin, end), shape: [rows, blockSize] };
  });
}
