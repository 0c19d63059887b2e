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
  const shortest = Math.min(split.train.length, split.val.length);
  if (shortest <= blockSize) {
    throw new UserError((nameOf) =>
      `${nameOf("blockSize")} ${blockSize} needs more than ${blockSize} characters in the ` +
      `training and in the validation part, and the shorter one has ${shortest}: ` +
      "choose a smaller block or a longer corpus"
    );
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
