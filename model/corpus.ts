/**
 * Finding, reading and checking the text to learn from.
 *
 * @module
 */
import { UserError } from "./errors.ts";
import practice from "../data/practice_corpus.txt" with { type: "text" };
import { writeAtomically } from "./files.ts";

/** Where Hugo's text lies once it is here. */
export const HUGO_PATH: URL = new URL("../data/hugo_contemplations.txt", import.meta.url);
const HUGO_SOURCE =
  "https://raw.githubusercontent.com/zakarya-elmimouni/nlp-lab-language-models/6524717eee7175001d79937538d57091292d739c/data/hugo_contemplations.txt";
const HUGO_SHA256 = "94702262826207ec0cdd185b49f73c0020a64e4da80367b611057e65b9e5346c";
const HUGO_CHARACTERS = 285222;
const DOWNLOAD_LIMIT_MS = 20_000;

/** A text to learn from. */
export interface Corpus {
  /** "hugo_contemplations" for Hugo's text wherever it lies, else the file's name without ending. */
  name: string;
  /** Its code points, one a string. */
  characters: readonly string[];
  /** Of the file's bytes, in hexadecimal. */
  sha256: string;
  /** Whether it is Hugo's text, to which the notebook's figures belong. */
  isHugo: boolean;
}

/**
 * Reads the corpus: the file that was asked for; else Hugo's text, downloaded on first use; else,
 * where there is no network, the practice corpus, which it says through `warn`.
 *
 * @throws {UserError} if the file that was asked for cannot be used
 */
export async function loadCorpus(
  path: string | undefined,
  warn: (line: string) => void,
): Promise<Corpus> {
  if (path !== undefined) return await readCorpus(path);
  try {
    return await readCorpus(HUGO_PATH);
  } catch (error) {
    if (!(error instanceof MissingCorpus)) throw error;
  }
  try {
    await downloadHugo(warn);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    warn(
      `${error.message}; using the practice corpus: ` +
        "not Hugo: figures will differ from the notebook's",
    );
    return await corpusFromBytes("practice_corpus", new TextEncoder().encode(practice));
  }
  return await readCorpus(HUGO_PATH);
}

/**
 * Downloads Hugo's text to {@linkcode HUGO_PATH}, checked and in one piece.
 *
 * @throws {UserError} if it cannot be had or is not the text that was expected
 */
export async function downloadHugo(say: (line: string) => void): Promise<void> {
  say("downloading Les Contemplations to data/hugo_contemplations.txt");
  const bytes = await fetchBytes(HUGO_SOURCE);
  const corpus = await corpusFromBytes("download", bytes);
  if (corpus.sha256 !== HUGO_SHA256 || corpus.characters.length !== HUGO_CHARACTERS) {
    throw new UserError(
      `the download is not the expected text (sha256 ${corpus.sha256}, expected ${HUGO_SHA256})`,
    );
  }
  await writeAtomically(HUGO_PATH, bytes);
}

async function fetchBytes(url: string): Promise<Uint8Array> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_LIMIT_MS) });
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new UserError(`Hugo's text could not be downloaded (${reason})`);
  }
}

class MissingCorpus extends UserError {}

async function readCorpus(path: string | URL): Promise<Corpus> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error instanceof Deno.errors.NotFound) {
      throw new MissingCorpus(`there is no corpus ${path}: give --corpus the path of a text file`);
    }
    const reason = error.message.replace(/: readfile.*$/, "");
    throw new UserError(`the corpus ${path} cannot be read (${reason}): give a text file's path`);
  }
  const name = String(path).replace(/^.*[\\/]/, "").replace(/\.[^.]+$/, "");
  return await corpusFromBytes(name, bytes, String(path));
}

/**
 * The corpus of a file's bytes.
 *
 * @throws {UserError} if the bytes are no UTF-8 text of at least two different characters
 */
export async function corpusFromBytes(
  name: string,
  bytes: Uint8Array,
  path = name,
): Promise<Corpus> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UserError(`the corpus ${path} is no UTF-8 text: save it in UTF-8 and try again`);
  }
  const characters = [...text];
  if (characters.length === 0) {
    throw new UserError(`the corpus ${path} is empty: give a longer text`);
  }
  if (characters.every((c) => c === characters[0])) {
    throw new UserError(
      `the corpus ${path} has one character only, ${JSON.stringify(characters[0])}: ` +
        "give a text of at least two different ones",
    );
  }
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from(bytes)));
  const sha256 = digest.toHex();
  const isHugo = sha256 === HUGO_SHA256;
  return { name: isHugo ? "hugo_contemplations" : name, characters, sha256, isHugo };
}
