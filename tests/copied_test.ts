/** What of a text stands in another, beside a naive search. */
import { assertEquals } from "@std/assert";
import { marksOf, matchLengths, passagesOf } from "../scripts/lib/report/copied.ts";

/** For each place the longest run of characters up to it that the source has, tried one by one. */
function naive(text: string[], source: string): number[] {
  return text.map((_, i) => {
    let length = 0;
    while (length <= i && source.includes(text.slice(i - length, i + 1).join(""))) length++;
    return length;
  });
}

Deno.test("matches are as long as a naive search finds them, in 2000 random texts", () => {
  let state = 1;
  const below = (n: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor(n * state / 2 ** 32);
  };
  for (let i = 0; i < 2000; i++) {
    const letters = ["a", "é", "🙂", "d"].slice(0, 2 + below(3));
    const random = (length: number) => Array.from({ length }, () => letters[below(letters.length)]);
    const [text, source] = [random(below(30)), random(below(60))];
    const expected = naive(text, source.join(""));
    assertEquals(matchLengths(text, source), expected, `${text.join("")} in ${source.join("")}`);
  }
});

Deno.test("a text that stands in the source is one passage, and so are two halves of it two", () => {
  const source = [..."le jour se lève et la mer s'éveille"];
  const of = (text: string) => passagesOf(matchLengths([...text], source), 8);
  assertEquals(of(source.join("")), [{ begin: 0, end: source.length }]);
  assertEquals(of("la mer s'XXle jour se"), [{ begin: 0, end: 9 }, { begin: 11, end: 21 }]);
  assertEquals(of("la mer X"), []);
  assertEquals(of(""), []);
});

Deno.test("marks are where a passage is, also where two of them overlap", () => {
  const marks = marksOf([{ begin: 1, end: 3 }, { begin: 2, end: 4 }], 6);
  assertEquals(marks, [false, true, true, true, false, false]);
});
