/**
 * What is wrong with an answer, in a sentence about shapes and values.
 *
 * @module
 */
import type { Part, Seen } from "./probes.ts";

/** Float32's rounding in sums of a few hundred products is below a tenth of this. */
export const TOLERANCE = 1e-4;
const LONGEST = 120;

/** What differs between an answer and the right one; nothing if they agree. */
export function findDifference(what: string, actual: Seen, expected: Seen): string | undefined {
  if ("error" in actual) {
    const isGap = /^(your code here|this comes with)/.test(actual.error);
    return isGap ? `${what}: ${actual.error}` : `${what} threw: ${actual.error}`;
  }
  if ("error" in expected) return `${what} did not throw`;
  if ("text" in expected) {
    const text = "text" in actual ? actual.text : "a tensor";
    if (text === expected.text) return undefined;
    return `${what} gave ${shorten(text)}, expected ${shorten(expected.text)}`;
  }
  if ("text" in actual) return `${what} gave ${shorten(actual.text)}, expected a tensor`;
  const difference = nameDifference(what, actual.parts, expected.parts);
  if (difference) return difference;
  for (const find of [shapeDifference, valueDifference]) {
    for (const part of expected.parts) {
      const own = actual.parts.find(({ name }) => name === part.name)!;
      const difference = find(part.name ? `${what}: ${part.name}` : what, own, part);
      if (difference) return difference;
    }
  }
}

function shorten(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}

function nameDifference(what: string, actual: Part[], expected: Part[]): string | undefined {
  const names = actual.map(({ name }) => name);
  const missing = expected.find(({ name }) => !names.includes(name));
  if (missing) {
    return `${what} has no parameter ${missing.name} ${shown(missing.shape)}, only ` +
      (shorten(names.join(", ")) || "none at all");
  }
  const extra = actual.find(({ name }) => !expected.some((part) => part.name === name));
  if (extra) return `${what} has a parameter too many: ${extra.name} ${shown(extra.shape)}`;
}

function shapeDifference(what: string, actual: Part, expected: Part): string | undefined {
  const [own, right] = [shown(actual.shape), shown(expected.shape)];
  if (own === right) return undefined;
  return `${what} ${expected.name ? "has the shape" : "returned"} ${own}, expected ${right}`;
}

function valueDifference(what: string, actual: Part, expected: Part): string | undefined {
  let worst = -1;
  let largest = TOLERANCE;
  for (let i = 0; i < expected.values.length; i++) {
    const difference = Math.abs(actual.values[i] - expected.values[i]);
    if (difference <= largest || actual.values[i] === expected.values[i]) continue;
    worst = i;
    largest = difference;
    if (Number.isNaN(difference)) break;
  }
  if (worst < 0) return undefined;
  if (Number.isNaN(largest)) return `${what} is NaN at [${place(worst, expected.shape)}]`;
  if (expected.shape.length === 0) {
    return `${what} is ${number(actual.values[0])}, expected ${number(expected.values[0])}`;
  }
  return `${what} has the right shape ${shown(expected.shape)}, but its values differ by up to ` +
    `${largest.toPrecision(3)}: at [${place(worst, expected.shape)}] it is ` +
    `${number(actual.values[worst])}, expected ${number(expected.values[worst])}`;
}

const shown = (shape: number[]) => `(${shape.join(", ")})`;
const number = (value: number) => Number.isInteger(value) ? String(value) : value.toFixed(4);

function place(index: number, shape: number[]): string {
  const result: number[] = [];
  for (const size of shape.toReversed()) {
    result.unshift(index % size);
    index = Math.floor(index / size);
  }
  return result.join(", ");
}

/** What attention weights (B, T, T) of the right shape break: a row's sum of 1, or the mask. */
export function describeWeights(actual: Seen, expected: Seen): string | undefined {
  if (!("parts" in actual && "parts" in expected)) return undefined;
  const [{ shape, values }] = actual.parts;
  if (shown(shape) !== shown(expected.parts[0].shape)) return undefined;
  const T = shape[2];
  let [least, most] = [Infinity, -Infinity];
  for (let start = 0; start < values.length; start += T) {
    const sum = [...values.slice(start, start + T)].reduce((a, b) => a + b, 0);
    least = Math.min(least, sum);
    most = Math.max(most, sum);
  }
  if (!(least > 1 - TOLERANCE && most < 1 + TOLERANCE)) {
    const range = most - least < TOLERANCE
      ? most.toFixed(4)
      : `${least.toFixed(4)} to ${most.toFixed(4)}`;
    return `row sums of the attention weights are ${range}, expected 1`;
  }
  const ahead = [...values].findIndex((w, i) => i % T > Math.floor(i / T) % T && w > TOLERANCE);
  if (ahead < 0) return undefined;
  const [, row, column] = place(ahead, shape).split(", ");
  return `position ${row} attends to position ${column}, which comes after it, with weight ` +
    `${values[ahead].toFixed(4)}, expected 0`;
}

/** What gives away a missing ReLU. */
export function describeNegatives(actual: Seen, expected: Seen): string | undefined {
  if (!("parts" in actual && "parts" in expected)) return undefined;
  const least = (seen: { parts: Part[] }) => Math.min(...seen.parts[0].values);
  if (least(expected) < 0 || least(actual) >= 0) return undefined;
  return `some values are negative, the least ${least(actual).toFixed(4)}, expected none`;
}
