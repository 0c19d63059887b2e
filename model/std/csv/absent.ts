/** Options of the originals that the stand-ins lack. @module */

/**
 * Refuses options that the original has and the stand-in has not.
 *
 * @throws {TypeError} naming the first of them
 */
export function refuse(options: object, absent: readonly string[]): void {
  const missing = absent.find((name) => Object.hasOwn(options, name));
  if (missing) throw new TypeError(`the stand-in for @std/csv has no option ${missing}`);
}
