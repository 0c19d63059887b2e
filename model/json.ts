/**
 * JSON from files that others may have written: what `JSON.parse` lets pass is refused.
 *
 * @module
 */
import { shorten, UserError } from "./errors.ts";

/** Deeper than anything that the lab reads. */
const DEPTH = 20;

/**
 * The value of a JSON text whose objects have no key twice, of which `JSON.parse` keeps the last.
 *
 * @param depth how many brackets may be open
 * @throws {UserError} "has KEY twice" or "is nested deeper than …", to be told of what it is in
 * @throws {SyntaxError} if it is no JSON
 */
export function parseJson(text: string, depth = DEPTH): unknown {
  const open: Set<string>[] = []; // the keys of each bracket that is open
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === "{" || c === "[") open.push(new Set());
    else if (c === "}" || c === "]") open.pop();
    if (open.length > depth) throw new UserError(`is nested deeper than ${depth}`);
    if (c !== '"') continue;
    const start = i;
    for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === "\\") i++;
    if (!isKey(text, i + 1)) continue;
    const key = JSON.parse(text.slice(start, i + 1));
    if (open.at(-1)?.has(key)) throw new UserError(`has ${shorten(key)} twice`);
    open.at(-1)?.add(key);
  }
  return JSON.parse(text);
}

/** Whether a colon comes next. */
function isKey(text: string, i: number): boolean {
  while (text[i] === " " || text[i] === "\n" || text[i] === "\r" || text[i] === "\t") i++;
  return text[i] === ":";
}
