/**
 * Stands in for `jsr:@std/assert` where JSR cannot be reached: the part of its interface that the
 * tests use. `tests/std_test.ts` compares it with what the original answers.
 *
 * @module
 */
import { AssertionError as Difference } from "node:assert";
import { equal } from "./equal.ts";

// deno-lint-ignore no-explicit-any -- the original's signature: any constructor's arguments
type Class<T> = abstract new (...args: any[]) => T;

/** What every function here throws. */
export class AssertionError extends Error {
  override name = "AssertionError";
}

/** Throws unless the expression is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** Throws unless actual and expected hold the same. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  const { message } = new Difference({ actual, expected, operator: "deepStrictEqual" });
  const difference = message.slice(message.indexOf("\n") + 1);
  fail("Values are not equal", msg, `\n${difference}`);
}

/** Throws if actual and expected hold the same. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!equal(actual, expected)) return;
  fail(`Expected actual: ${Deno.inspect(actual)} not to be: ${Deno.inspect(expected)}`, msg);
}

/** Throws unless the two numbers differ by at most the tolerance, else 1e-7 of the expected. */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance: number = Number.isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7,
  msg?: string,
): void {
  const delta = Math.abs(expected - actual);
  if (Object.is(actual, expected) || delta <= tolerance) return;
  const show = (n: number) => `"${Number.isInteger(n) ? n : n.toExponential()}"`;
  fail(
    `Expected actual: ${show(actual)} to be close to ${show(expected)}: ` +
      `delta ${show(delta)} is greater than ${show(tolerance)}`,
    msg,
  );
}

/** Throws unless actual is greater. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (actual > expected) return;
  throw new AssertionError(msg ?? `Expect ${Deno.inspect(actual)} > ${Deno.inspect(expected)}`);
}

/** Throws if the value is null or undefined. */
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  if (actual !== undefined && actual !== null) return;
  fail(`Expected actual: "${actual}" to not be null or undefined`, msg);
}

/** Throws unless the value is of the class. */
export function assertInstanceOf<T>(
  actual: unknown,
  expectedType: Class<T>,
  msg?: string,
): asserts actual is T {
  if (actual instanceof expectedType) return;
  const its = actual === null || typeof actual !== "object"
    ? String(actual === null ? null : typeof actual)
    : actual.constructor?.name ?? "Object";
  const but = its === "function" ? "was not an instanced object" : `was "${its}"`;
  const difference = its === expectedType.name ? "" : ` but ${but}`;
  fail(`Expected object to be an instance of "${expectedType.name}"${difference}`, msg);
}

/** Throws unless the string contains the expected part. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (!actual.includes(expected)) {
    fail(`Expected actual: "${actual}" to contain: "${expected}"`, msg);
  }
}

/** Throws unless the string matches. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (!expected.test(actual)) fail(`Expected actual: "${actual}" to match: "${expected}"`, msg);
}

/** Throws unless fn throws; with a class, an error of it whose message includes the text. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: Class<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  ...[what, msgIncludes, msg]: [(Class<Error> | string)?, string?, string?]
): unknown {
  try {
    fn();
  } catch (error) {
    if (what && typeof what !== "string") checkError(error, "thrown", what, msgIncludes, msg);
    return error;
  }
  fail("Expected function to throw", typeof what === "string" ? what : msg);
}

/** The same for a function that returns a promise. */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: Class<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  ...[what, msgIncludes, msg]: [(Class<Error> | string)?, string?, string?]
): Promise<unknown> {
  const suffix = typeof what === "string" ? what : msg;
  let promise: PromiseLike<unknown> | undefined;
  try {
    promise = fn();
  } catch {
    // no promise
  }
  if (typeof promise?.then !== "function") fail("Function throws when expected to reject", suffix);
  try {
    await promise;
  } catch (error) {
    if (what && typeof what !== "string") checkError(error, "rejected", what, msgIncludes, msg);
    return error;
  }
  fail("Expected function to reject", suffix);
}

function checkError(
  error: unknown,
  how: string,
  ErrorClass: Class<Error>,
  includes: string | undefined,
  msg: string | undefined,
): void {
  if (!(error instanceof Error)) fail(`A non-Error object was ${how}`, msg);
  if (!(error instanceof ErrorClass)) {
    const { name } = (error as Error).constructor;
    fail(`Expected error to be instance of "${ErrorClass.name}", but was "${name}"`, msg);
  }
  if (includes && !error.message.includes(includes)) {
    const [expected, actual] = [includes, error.message].map((text) => JSON.stringify(text));
    fail(`Expected error message to include ${expected}, but got ${actual}`, msg);
  }
}

function fail(what: string, msg: string | undefined, details = ""): never {
  throw new AssertionError(what + (msg ? `: ${msg}` : ".") + details);
}
