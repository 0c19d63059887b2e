/**
 * A text file from its bytes to its characters, block by block: what is no text is refused, and
 * what is odd in a text is told.
 *
 * @module
 */
import { firstLine, UserError } from "./errors.ts";
import { createSha256 } from "./platform.ts";
import { oddKind } from "./read_file.ts";
import { type Text, TextBuilder } from "./text.ts";

/** A larger file is refused: 1 GiB. */
export const CORPUS_LIMIT_BYTES: number = 2 ** 30;
const BLOCK_BYTES = 2 ** 20;

/** What a file holds. */
export interface TextFile {
  /** Its characters. */
  text: Text;
  /** Of its bytes, in hexadecimal. */
  sha256: string;
}

/** There is no such file. */
export class MissingFile extends UserError {}

/**
 * Reads a text file.
 *
 * @param remedy what to do if it cannot be used
 * @throws {UserError} if it is no file, too large, cannot be read, or is no UTF-8 text
 */
export async function readTextFile(path: string, remedy: string): Promise<TextFile> {
  try {
    const kind = await oddKind(path); // before it is opened
    if (kind) throw new UserError(`the corpus ${path} cannot be read (it is ${kind}): ${remedy}`);
    using file = await Deno.open(path);
    const { size } = await file.stat();
    checkSize(size, path);
    return await decode(blocksOf(file, path), size, path);
  } catch (error) {
    if (!(error instanceof Error) || error instanceof UserError) throw error;
    if (error instanceof Deno.errors.NotFound) {
      throw new MissingFile(`there is no corpus ${path}: ${remedy}`);
    }
    const reason = firstLine(error).replace(/: (open|stat|readfile|read) .*$/, "");
    throw new UserError(`the corpus ${path} cannot be read (${reason}): ${remedy}`);
  }
}

/** The same for bytes that are here already. */
export function decodeText(bytes: Uint8Array, path: string): Promise<TextFile> {
  return decode([bytes], bytes.length, path);
}

function checkSize(bytes: number, path: string): void {
  if (bytes <= CORPUS_LIMIT_BYTES) return;
  throw new UserError(
    `the corpus ${path} has ${(bytes / 2 ** 30).toFixed(2)} GiB, and at most ` +
      `${CORPUS_LIMIT_BYTES / 2 ** 30} GiB are read: give a part of it`,
  );
}

/** A file's bytes; a block is gone when the next is asked for. */
async function* blocksOf(file: Deno.FsFile, path: string): AsyncGenerator<Uint8Array> {
  const block = new Uint8Array(BLOCK_BYTES);
  let done = 0;
  for (let count = await file.read(block); count !== null; count = await file.read(block)) {
    checkSize(done += count, path); // it may be larger than it said, and grow
    yield block.subarray(0, count);
  }
}

async function decode(
  blocks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  size: number,
  path: string,
): Promise<TextFile> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const builder = new TextBuilder(size);
  const hash = createSha256();
  let beginning = new Uint8Array();
  let isText = true;
  const add = (part: Uint8Array, stream: boolean) => {
    try {
      return decoder.decode(part, { stream });
    } catch {
      isText = false;
      return "";
    }
  };
  for await (const block of blocks) {
    if (beginning.length === 0) beginning = block.slice(0, BLOCK_BYTES);
    hash.update(block);
    builder.add(add(block, true));
    if (!isText) break;
  }
  if (isText) builder.add(add(new Uint8Array(), false));
  refuseUtf16(beginning, path);
  if (!isText) {
    throw new UserError(`the corpus ${path} is no UTF-8 text: save it in UTF-8 and try again`)
      .saying({ kind: "no UTF-8 text" });
  }
  return { text: builder.finish(), sha256: hash.digest() };
}

/** In UTF-16 every second byte of most scripts is 0 or another small number. */
const SMALL = 8;
const MOST = 0.4;
const FEW = 0.1;
const SAMPLE_BYTES = 2 ** 16;

/** Tells UTF-16 by its mark, or by its bytes: without one it may well be valid UTF-8. */
function refuseUtf16(bytes: Uint8Array, path: string): void {
  const mark = bytes.length > 1 ? bytes[0] * 256 + bytes[1] : 0;
  const isMarked = mark === 0xfffe || mark === 0xfeff;
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  const small = [0, 0]; // at even and at odd places
  sample.forEach((byte, i) => void (byte <= SMALL && small[i % 2]++));
  const [fewer, more] = small.map((n) => 2 * n / sample.length).sort();
  if (!isMarked && !(more > MOST && fewer < FEW)) return;
  throw new UserError(
    `the corpus ${path} is in UTF-16${isMarked ? "" : ", as its bytes look"}: ` +
      "save it in UTF-8 and try again",
  ).saying({ kind: "UTF-16 text" });
}

/** What was found in a text that its reader may not expect, in one line, if anything was. */
export function oddities(text: Text): string | undefined {
  const has = new Set(text.characters);
  const found: string[] = [];
  if (text.at(0) === "\ufeff") found.push("a byte order mark at its beginning");
  if (has.has("\0")) found.push("NUL characters (\\0)");
  if (has.has("\r")) {
    const isCrlf = has.has("\n") && text.countPairs("\r", "\n") > 0;
    found.push(isCrlf ? "lines that end in \\r\\n (CRLF)" : "carriage returns (\\r, CR)");
  }
  if (found.length > 0 && !has.has("\n")) found.push("no line feed (\\n)");
  return found.length === 0
    ? undefined
    : `${found.join(", ")}: what is there counts as characters like any other, and is learned`;
}
