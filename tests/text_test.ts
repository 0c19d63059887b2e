/** Vocabulary, split, batches and corpus. */
import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import {
  checkBlockSize,
  corpusFromBytes,
  countCharacters,
  Generator,
  getBatch,
  splitData,
  UserError,
  Vocabulary,
  withLineFeeds,
} from "@hugo-lab/model";
import practiceText from "../data/practice_corpus.txt" with { type: "text" };

const practice = withLineFeeds(practiceText);

Deno.test("the practice corpus has at least 40,000 characters", () => {
  assert([...practice].length >= 40_000, `${[...practice].length}`);
});

Deno.test("a vocabulary numbers code points in either order", () => {
  const text = [..."b\n😀aé"];
  assertEquals(Vocabulary.of(text, "first appearance").characters, text);
  assertEquals(Vocabulary.of(text, "code point").characters, ["\n", "a", "b", "é", "😀"]);
});

Deno.test("decoding gives back what was encoded", () => {
  const vocabulary = Vocabulary.of([...practice], "code point");
  assertEquals(vocabulary.decode(vocabulary.encode(practice)), practice);
});

Deno.test("encoding names the character that is unknown", () => {
  const vocabulary = new Vocabulary(["a", "b"]);
  assertThrows(() => vocabulary.encode("abc"), UserError, '"c"');
});

Deno.test("characters are counted, most frequent first", () => {
  assertEquals([...countCharacters([..."abcbb"])], [["b", 3], ["a", 1], ["c", 1]]);
});

Deno.test("the split is 90/10 in order", () => {
  const { train, val } = splitData(Int32Array.from({ length: 15 }, (_, i) => i));
  assertEquals([[...train], [...val]], [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [13, 14]]);
});

Deno.test("a batch's targets are the characters that follow", () => {
  const data = Int32Array.from({ length: 50 }, (_, i) => i);
  const { x, y, shape } = getBatch(data, 3, 5, new Generator(1));
  assertEquals([shape, x.length], [[3, 5], 15]);
  x.forEach((value, i) => assertEquals(y[i], value + 1));
});

Deno.test("a block as long as the validation part is refused", () => {
  const split = splitData(new Int32Array(100));
  checkBlockSize(split, 9);
  assertThrows(() => checkBlockSize(split, 10), UserError, "blockSize 10");
});

Deno.test("a byte order mark is a character, and its file is read as it is", async () => {
  const corpus = await corpusFromBytes("x", new TextEncoder().encode("\ufeffab"));
  assertEquals([...corpus.text], ["\ufeff", "a", "b"]);
});

Deno.test("a corpus has a name that is a folder's on every system, and no other text's", async () => {
  const nameOf = async (name: string, text: string) =>
    (await corpusFromBytes(name, new TextEncoder().encode(text))).name;
  for (
    const name of ["", ".", "..", "../up", "a:b?*", "con", "-rf", "multi_head", "x".repeat(300)]
  ) {
    assertMatch(await nameOf(name, "ab"), /^[\p{L}\p{N}_-]{0,40}-[0-9a-f]{8}$/u);
  }
  assertMatch(await nameOf("été 1", "ab"), /^été_1-/);
  assert(await nameOf("a", "ab") !== await nameOf("a", "abc"));
  assertMatch(await nameOf("hugo_contemplations", "ab"), /^hugo_contemplations-/);
  assertEquals(await nameOf("elsewhere", practice), "practice_corpus");
});

Deno.test("bytes that are no UTF-8 text are refused", async () => {
  await assertRejects(() => corpusFromBytes("x", new Uint8Array([0xff])), UserError, "UTF-8");
});
