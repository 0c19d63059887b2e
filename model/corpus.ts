/**
 * Finding, reading and checking the text to learn from.
 *
 * @module
 */
import { UserError } from "./errors.ts";
import practice from "../data/practice_corpus.txt" with { type: "text" };
import { withLineFeeds, writeAtomically } from "./files.ts";
import { basename, fileURLToPath } from "./platform.ts";

const HUGO_NAME = "hugo_contemplations";
/** Where Hugo's text lies once it is here. */
export const HUGO_PATH: URL = new URL(`../data/${HUGO_NAME}.txt`, import.meta.url);
const HUGO_SOURCE =
  "https://raw.githubusercontent.com/zakarya-elmimouni/nlp-lab-language-models/6524717eee7175001d79937538d57091292d739c/data/hugo_contemplations.txt";
/** Of the text's bytes: what is no other text's. */
export const HUGO_SHA256 = "94702262826207ec0cdd185b49f73c0020a64e4da80367b611057e65b9e5346c";
const DOWNLOAD_LIMIT_MS = 20_000;
const PRACTICE_NAME = "practice_corpus";
const practiceBytes = new TextEncoder().encode(withLineFeeds(practice));
/** How much of a file's name and of its sha256 names its results. */
const NAME_CHARACTERS = 40;
const NAME_DIGITS = 8;

/** A text to learn from. */
export interface Corpus {
  /**
   * What its results' folder may be called on every system, and no other text's is: Hugo's text is
   * "hugo_contemplations" and the practice corpus "practice_corpus" wherever they lie, others have
   * their file's name and the first digits of their sha256.
   */
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
 * where there is no network, the practice corpus, which it says through `warn`. So it does where a
 * file with the name of Hugo's text has another text.
 *
 * @throws {UserError} if the file that was asked for cannot be used
 */
export async function loadCorpus(
  path: string | undefined,
  warn: (line: string) => void,
): Promise<Corpus> {
  if (path !== undefined) return await readCorpus(path, warn);
  try {
    return await readCorpus(fileURLToPath(HUGO_PATH), warn);
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
    return await corpusFromBytes(PRACTICE_NAME, practiceBytes);
  }
  return await readCorpus(fileURLToPath(HUGO_PATH), warn);
}

/**
 * Downloads Hugo's text to {@linkcode HUGO_PATH}, checked and in one piece.
 *
 * @throws {UserError} if it cannot be had or is not the text that was expected
 */
export async function downloadHugo(say: (line: string) => void): Promise<void> {
  say("downloading Les Contemplations to data/hugo_contemplations.txt");
  await saveHugo(await fetchBytes(HUGO_SOURCE), "the download");
}

/**
 * Copies Hugo's text from a file to {@linkcode HUGO_PATH}, checked and in one piece.
 *
 * @throws {UserError} if the file cannot be read or is not the text that was expected
 */
export async function copyHugo(path: string): Promise<void> {
  await saveHugo(await readBytes(path, "give --from the path of Hugo's text"), path);
}

async function saveHugo(bytes: Uint8Array, source: string): Promise<void> {
  const sha256 = await hashOf(bytes);
  if (sha256 !== HUGO_SHA256) {
    throw new UserError(
      `${source} is not Hugo's text as the notebook has it (sha256 ${sha256}, ` +
        `expected ${HUGO_SHA256}): get the file ${HUGO_SOURCE}`,
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

async function readCorpus(path: string, warn: (line: string) => void): Promise<Corpus> {
  const bytes = await readBytes(path, "give --corpus the path of a text file");
  // Either slash parts folders, on every system: what a name keeps of it would make a folder.
  const name = basename(path.replaceAll("\\", "/")).replace(/(?<=.)\.[^.]*$/, "");
  const corpus = await corpusFromBytes(name, bytes, path);
  if (name.toLowerCase() === HUGO_NAME && !corpus.isHugo) {
    warn(
      `${path} is not Hugo's text as the notebook has it (sha256 ${corpus.sha256}, ` +
        `expected ${HUGO_SHA256}): figures will differ from the notebook's, and without ` +
        `--results they go to results/${corpus.name}`,
    );
  }
  return corpus;
}

/** A file's bytes; an error tells what to do. */
async function readBytes(path: string, remedy: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error instanceof Deno.errors.NotFound) {
      throw new MissingCorpus(`there is no corpus ${path}: ${remedy}`);
    }
    const reason = error.message.replace(/: readfile.*$/, "");
    throw new UserError(`the corpus ${path} cannot be read (${reason}): ${remedy}`);
  }
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
  const sha256 = await hashOf(bytes);
  const isHugo = sha256 === HUGO_SHA256;
  return { name: await folderName(name, sha256), characters, sha256, isHugo };
}

async function hashOf(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", Uint8Array.from(bytes));
  return new Uint8Array(digest).toHex();
}

/** See {@linkcode Corpus.name}. */
async function folderName(name: string, sha256: string): Promise<string> {
  if (sha256 === HUGO_SHA256) return HUGO_NAME;
  if (sha256 === await hashOf(practiceBytes)) return PRACTICE_NAME;
  const safe = name.normalize("NFC").replace(/[^\p{L}\p{M}\p{N}_-]+/gu, "_");
  return `${[...safe].slice(0, NAME_CHARACTERS).join("")}-${sha256.slice(0, NAME_DIGITS)}`;
}
