/** Whether two values are equal in all that they hold. @module */

type Compare = (a: unknown, b: unknown) => boolean;

const TypedArray: new () => ArrayLike<unknown> = Object.getPrototypeOf(Uint8Array);

/**
 * Whether two values are equal in all that they hold: NaN equals itself, 0 equals -0, and objects
 * have equal keys and values and the same prototype, where that of `{}` equals none.
 */
export function equal(a: unknown, b: unknown): boolean {
  const begun = new Map<unknown, unknown>(); // circles end where they began
  const compare: Compare = (a, b) => {
    if (same(a, b)) return true;
    if (!isObject(a) || !isObject(b)) return false;
    if (a instanceof Date && b instanceof Date) return Object.is(a.getTime(), b.getTime());
    if (!samePrototype(a, b)) return false;
    if (a instanceof WeakMap || a instanceof WeakSet) {
      throw new TypeError("what a WeakMap or WeakSet holds cannot be compared");
    }
    if (a instanceof WeakRef) return compare(a.deref(), (b as WeakRef<object>).deref());
    if (a instanceof TypedArray) return sameItems(a, b as typeof a);
    if (a instanceof ArrayBuffer || a instanceof SharedArrayBuffer) {
      return sameItems(new Uint8Array(a), new Uint8Array(b as ArrayBuffer));
    }
    if (begun.get(a) === b) return true;
    if (Object.keys(a).length !== Object.keys(b).length) return false;
    begun.set(a, b);
    if (a instanceof Map) return equalMaps(a, b as typeof a, compare);
    if (a instanceof Set) {
      return equalMaps(new Map(a.entries()), new Map((b as typeof a).entries()), compare);
    }
    if (a instanceof RegExp || a instanceof URL || a instanceof URLSearchParams) {
      return String(a) === String(b);
    }
    return equalProperties(a, b, compare);
  };
  return compare(a, b);
}

const same: Compare = (a, b) => a === b || Object.is(a, b);

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function samePrototype(a: object, b: object): boolean {
  const [p, q] = [a, b].map((object) => Object.getPrototypeOf(object) ?? Object.prototype);
  return p === q;
}

function sameItems(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!same(a[i], b[i])) return false;
  return true;
}

/** Maps in any order, whose keys may be objects that are equal. */
function equalMaps(
  a: Map<unknown, unknown>,
  b: Map<unknown, unknown>,
  compare: Compare,
): boolean {
  if (a.size !== b.size) return false;
  const find = (key: unknown, value: unknown) =>
    [...b].some(([other, its]) => compare(key, other) && compare(value, its));
  return [...a].every(([key, value]) =>
    isObject(key) ? find(key, value) : b.has(key) && compare(value, b.get(key))
  );
}

function equalProperties(a: object, b: object, compare: Compare): boolean {
  const keys = new Set([...keysOf(a), ...keysOf(b)]);
  return [...keys].every((key) =>
    key in a === key in b && compare(a[key as keyof typeof a], b[key as keyof typeof b])
  );
}

/** An object's keys; those of a class's instances with what its classes have, getters too. */
function keysOf(object: object): PropertyKey[] {
  const keys: PropertyKey[] = [];
  const common: unknown[] = [null, Object.prototype, Array.prototype];
  for (let at = object; !common.includes(at); at = Object.getPrototypeOf(at)) {
    keys.push(...Reflect.ownKeys(at));
  }
  return keys;
}
