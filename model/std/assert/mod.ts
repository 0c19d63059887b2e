/**
 * Stands in for `jsr:@std/assert` where JSR cannot be reached: the part of its interface that the
 * tests use, over node:assert.
 *
 * @module
 */
import nodeAssert from "node:assert/strict";

/** Throws unless the expression is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  nodeAssert.ok(expr, msg || "expected a truthy value");
}

/** Throws unless actual and expected are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  nodeAssert.deepStrictEqual(actual, expected, msg as string);
}

/** Throws unless the two numbers differ by at most the tolerance. */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance = Math.abs(expected) * 1e-7,
  msg = "",
): void {
  nodeAssert.ok(
    Object.is(actual, expected) || Math.abs(actual - expected) <= tolerance,
    `${msg ? msg + ": " : ""}expected ${expected} within ${tolerance}, got ${actual}`,
  );
}

/** Throws unless the string contains the expected part. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  nodeAssert.ok(actual.includes(expected), msg ?? `expected ${actual} to include ${expected}`);
}

/** Throws unless the string matches. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  nodeAssert.match(actual, expected, msg as string);
}

/** Throws unless fn throws an error of the class whose message includes the text; gives the error. */
export function assertThrows<E extends Error>(
  fn: () => unknown,
  // deno-lint-ignore no-explicit-any -- the upstream signature: any constructor's arguments
  ErrorClass: new (...args: any[]) => E,
  msgIncludes = "",
): E {
  try {
    fn();
  } catch (error) {
    nodeAssert.ok(error instanceof ErrorClass, `expected ${ErrorClass.name}, got ${error}`);
    assertStringIncludes(error.message, msgIncludes);
    return error;
  }
  throw new nodeAssert.AssertionError({
    message: `expected ${ErrorClass.name}, nothing was thrown`,
  });
}

/** The same for a function that returns a promise. */
export async function assertRejects<E extends Error>(
  fn: () => PromiseLike<unknown>,
  // deno-lint-ignore no-explicit-any -- the upstream signature: any constructor's arguments
  ErrorClass: new (...args: any[]) => E,
  msgIncludes = "",
): Promise<E> {
  let caught: unknown;
  try {
    await fn();
  } catch (error) {
    caught = error;
  }
  return assertThrows(
    () => {
      if (caught !== undefined) throw caught;
    },
    ErrorClass,
    msgIncludes,
  );
}
