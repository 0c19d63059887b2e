/** Texts of every kind and size as a corpus: how much memory they take, what is refused or told. */
import { fileURLToPath } from "node:url";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  corpusFromBytes,
  countCharacters,
  Generator,
  loadCorpus,
  Text,
  TextBuilder,
  UserError,
  Vocabulary,
} from "@hugo-lab/model";
import { test } from "./lib/needs.ts";
import type { Reading } from "./lib/read_corpus.ts";
import { inFolder, task } from "./lib/tasks.ts";

/** `deno task test tests/corpus_test.ts -- --text-bytes 1000000000` measures a larger text. */
const asked = Deno.args.indexOf("--text-bytes") + 1;
const TEXT_BYTES = asked > 0 ? Number(Deno.args[asked]) : 30_000_000;
const LIMIT_BYTES = 2 ** 30;
const encoder = new TextEncoder();

/** A text of so many different characters, each at least once, in an order drawn from a seed. */
function drawnText(length: number, different: number): string {
  const generator = new Generator(1);
  const codes = Array.from(
    { length },
    (_, i) => 0x20 + 3 * (i < different ? i : generator.randint(different)),
  );
  return codes.map((code) => String.fromCodePoint(code < 0xd800 ? code : code + 0x800)).join("");
}

for (const different of [2, 256, 257, 65536, 65537]) {
  Deno.test(`a text of ${different} different characters is numbers that give it back`, () => {
    const string = drawnText(different + 1000, different);
    const characters = [...string];
    const builder = new TextBuilder(0);
    for (let i = 0; i < characters.length; i += 999) {
      builder.add(characters.slice(i, i + 999).join(""));
    }
    const text = builder.finish();
    assertEquals([text.length, text.characters.length], [characters.length, different]);
    assertEquals([...text].join(""), string);
    assertEquals(text.slice(5, 50), characters.slice(5, 50).join(""));
    assertEquals(text.bytes / text.length, different <= 256 ? 1 : different <= 65536 ? 2 : 4);
    assertEquals([...text.countCharacters()], [...countCharacters(characters)]);
    for (const order of ["first appearance", "code point"] as const) {
      const vocabulary = Vocabulary.of(text, order);
      assertEquals(vocabulary.characters, Vocabulary.of(characters, order).characters);
      assertEquals([...vocabulary.encode(text)], [...vocabulary.encode(string)]);
    }
  });
}

Deno.test("a large text is renumbered where it is, and stays itself", () => {
  const string = drawnText(5000, 300);
  const text = Text.of(string);
  const first = Vocabulary.of(text, "first appearance").encode(text);
  const { characters } = Vocabulary.of(text, "code point");
  const numbers = text.renumbered([...characters].reverse(), 0);
  assertEquals(first.length, 0, "what was given out before is empty, not wrong");
  assertEquals([...numbers], [...string].map((c) => 299 - characters.indexOf(c)));
  assertEquals([...text].join(""), string);
  assertEquals([...text.countCharacters()], [...countCharacters(string)]);
  assertEquals([...Vocabulary.of(text, "first appearance").encode(text)].slice(0, 3), [0, 1, 2]);
});

Deno.test("half a pair of code units is a character too", () => {
  assertEquals([...Text.of("a\ud800b\udc00\ud83d\ude00")], [..."a\ud800b\udc00\ud83d\ude00"]);
});

test(
  "a text of many bytes takes little more memory than those",
  ["read", "write", "run"],
  () =>
    inFolder(async (folder) => {
      const path = `${folder}/text.txt`;
      const text = "Une élève écrit, mot à mot, ce qu’une machine devine déjà, 12 😀\n";
      const line = encoder.encode(text);
      const count = Math.floor(TEXT_BYTES / line.length);
      await writeRepeated(path, line, count);
      const [program, lock] = ["lib/read_corpus.ts", "../scripts/deno.lock"]
        .map((path) => fileURLToPath(new URL(path, import.meta.url)));
      const { stdout, code } = await new Deno.Command("deno", {
        args: ["run", `--lock=${lock}`, "--no-prompt", "--allow-read", program, path],
        stderr: "inherit",
      }).output();
      assertEquals(code, 0);
      const reading: Reading = JSON.parse(new TextDecoder().decode(stdout));
      const { seconds, bytes, characters, split } = reading;
      console.log(
        `${Math.round(TEXT_BYTES / 1e6)} MB: read and counted in ${seconds.toFixed(1)} s, ` +
          `with ${Math.round(bytes / 1e6)} MB of memory`,
      );
      const length = [...text].length;
      assertEquals(characters, [length * count, count]);
      assertEquals(split[0] + split[1], length * count);
      assert(bytes < 2.5 * TEXT_BYTES + 150e6, `${bytes}`);
    }),
);

async function writeRepeated(path: string, line: Uint8Array, count: number): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true });
  const many = 10_000;
  const block = new Uint8Array(many * line.length);
  for (let i = 0; i < many; i++) block.set(line, i * line.length);
  for (let left = count; left > 0; left -= many) {
    await file.write(block.subarray(0, Math.min(left, many) * line.length));
  }
}

test(
  "a file above the limit is refused at once",
  ["read", "write"],
  () =>
    inFolder(async (folder) => {
      const path = `${folder}/text.txt`;
      await Deno.writeTextFile(path, "ab");
      await Deno.truncate(path, LIMIT_BYTES + 1); // sparse
      const error = await assertRejects(() => loadCorpus(path, () => {}), UserError);
      assertStringIncludes(error.message, "at most 1 GiB are read");
    }),
);

test("a pipe is refused, not waited for", ["read", "write", "run", "signals"], async () => {
  const child = new Deno.Command("deno", {
    args: ["task", "--quiet", "stats", "--corpus=/dev/stdin"],
    cwd: new URL("..", import.meta.url),
    ...{ stdin: "piped", stdout: "null", stderr: "piped" },
  }).spawn();
  const err = await new Response(child.stderr).text();
  assertEquals((await child.status).code, 2);
  await child.stdin.close();
  assertMatch(err, /^error: the corpus \/dev\/stdin cannot be read \(.*\): give --corpus.*\n$/);
});

test("100,000 different characters are counted, and too many for bigram", [
  ...["read", "write", "run"] as const,
], () =>
  inFolder(async (folder) => {
    const count = 100_000;
    const characters = Array.from({ length: count }, (_, i) => String.fromCodePoint(0x20000 + i));
    await Deno.writeTextFile(`${folder}/text.txt`, characters.join("").repeat(2));
    const flags = [`--corpus=${folder}/text.txt`, `--results=${folder}`];
    const { code, out } = await task("stats", ...flags);
    assertEquals(code, 0);
    assertStringIncludes(out, `${count} different characters`);
    const lines = (await Deno.readTextFile(`${folder}/stats/counts.csv`)).split("\r\n");
    assertEquals(lines.length, 1 + count + 1);
    const { code: refused, err } = await task("bigram", ...flags);
    assertEquals(refused, 2);
    assertStringIncludes(err, "each of 100000 different characters: take a text that has fewer");
  }));

const utf16 = (string: string, littleEndian: boolean) => {
  const view = new DataView(new ArrayBuffer(2 * string.length));
  for (let i = 0; i < string.length; i++) view.setUint16(2 * i, string.charCodeAt(i), littleEndian);
  return new Uint8Array(view.buffer);
};

for (const mark of ["\ufeff", ""]) {
  for (const text of ["un été à la mer\n", "abc def\r\n", "привет мир\n"]) {
    for (const isLittle of [true, false]) {
      const what = `${isLittle ? "little" : "big"}-endian ${JSON.stringify(mark + text)}`;
      Deno.test(`UTF-16 is told as such: ${what}`, async () => {
        const bytes = utf16(mark + text.repeat(20), isLittle);
        const error = await assertRejects(() => corpusFromBytes("x", bytes), UserError);
        assertStringIncludes(error.message, "is in UTF-16");
        assertStringIncludes(error.message, "save it in UTF-8");
      });
    }
  }
}

Deno.test("bytes of a character that end with the file, or are none, are refused", async () => {
  const rejected = [[0x61, 0xc3], [0x61, 0xe2, 0x82], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf8]];
  for (const bytes of rejected) {
    await assertRejects(
      () => corpusFromBytes("x", Uint8Array.from([...bytes])),
      UserError,
      "no UTF-8 text",
    );
  }
});

for (
  const [what, content, told] of [
    ["CR alone", "abc\rdef\r", "carriage returns (\\r, CR), no line feed"],
    ["CRLF", "abc\r\ndef\r\n", "lines that end in \\r\\n (CRLF)"],
    ["a byte order mark", "\ufeffabc\n", "a byte order mark at its beginning"],
    ["NUL", "ab\0c\n", "NUL characters"],
  ] as const
) {
  test(
    `${what} in a corpus is told in one line`,
    ["read", "write"],
    () =>
      inFolder(async (folder) => {
        await Deno.writeTextFile(`${folder}/text.txt`, content);
        const lines: string[] = [];
        const { text } = await loadCorpus(`${folder}/text.txt`, (line) => lines.push(line));
        assertEquals([...text].join(""), content);
        assertEquals(lines.length, 1);
        assertStringIncludes(lines[0], told);
      }),
  );
}

Deno.test("accents in the other normal form are told as such", () => {
  const [composed, decomposed] = ["l’été\n", "l’e\u0301te\u0301\n"];
  const ofText = (text: string) => Vocabulary.of(text, "code point");
  assertThrows(() => ofText(decomposed).encode("été"), UserError, "decomposed (NFD)");
  assertThrows(() => ofText(composed).encode("te\u0301"), UserError, "composed (NFC)");
  const error = assertThrows(() => ofText("abc").encode("é"), UserError);
  assert(!error.message.includes("NF"), error.message);
});

test("a text without a line end is trained and continued by default", [
  ...["read", "write", "run"] as const,
], () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/text.txt`, "bonjour tout le monde ".repeat(20));
    const results = `--results=${folder}`;
    const flags = [`--corpus=${folder}/text.txt`, results, "--iters=1", "--eval-iters=1"];
    for (const name of ["bigram", "multi_head"]) {
      const { code, err } = await task(name, ...flags, "--sample-length=3");
      assertEquals(code, 0, err);
      assertStringIncludes(err, 'the text has no "\\n", the usual --prompt: taking "b"');
      assertMatch(await Deno.readTextFile(`${folder}/${name}/samples.csv`), /\r\n0,b,b.{3}/);
    }
    const { code, err } = await task("generate", "multi_head", results, "--length=3");
    assertEquals(code, 0, err);
    assertStringIncludes(err, 'the text has no "\\n"');
    const asked = await task("multi_head", ...flags, "--prompt=\\n");
    assertEquals(asked.code, 2);
    assertStringIncludes(asked.err, 'the character "\\n" is not among');
  }));
