/**
 * Finding, reading and checking the text to learn from.
 *
 * @module
 */
import { decodeText, MissingFile, oddities, readTextFile, type TextFile } from "./corpus_file.ts";
import { UserError } from "./errors.ts";
import practice from "../data/practice_corpus.txt" with { type: "text" };
import { withLineFeeds, writeAtomically } from "./files.ts";
import { basename, fileURLToPath } from "./platform.ts";
import { readBytes } from "./read_file.ts";
import type { Text } from "./text.ts";

const HUGO_NAME = "hugo_contemplations";
/** Where Hugo's text lies once it is here. */
export const HUGO_PATH: URL = new URL(`../data/${HUGO_NAME}.txt`, import.meta.url);
const HUGO_SOURCE =
  "https://raw.githubusercontent.com/zakarya-elmimouni/nlp-lab-language-models/6524717eee7175001d79937538d57091292d739c/data/hugo_contemplations.txt";
/** Of the text's bytes: what is no other text's. */
export const HUGO_SHA256 = "94702262826207ec0cdd185b49f73c0020a64e4da80367b611057e65b9e5346c";
/** How many characters it has, and how many different ones. */
export const hugoCounts = { characters: 285222, vocabulary: 101 } as const;
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
  /** Its characters. */
  text: Text;
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
    if (!(error instanceof MissingFile)) throw error;
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
  const { sha256 } = await readTextFile(path, "give --from the path of Hugo's text");
  checkHugo(sha256, path);
  await saveHugo(await readBytes(path), path);
}

/** Whether the text is here, and is Hugo's. */
export async function hasHugo(): Promise<boolean> {
  const bytes = await readBytes(HUGO_PATH).catch(() => undefined);
  return bytes !== undefined && await hashOf(bytes) === HUGO_SHA256;
}

async function saveHugo(bytes: Uint8Array, source: string): Promise<void> {
  checkHugo(await hashOf(bytes), source);
  await writeAtomically(HUGO_PATH, bytes);
}

function checkHugo(sha256: string, source: string): void {
  if (sha256 === HUGO_SHA256) return;
  throw new UserError(
    `${source} is not Hugo's text as the notebook has it (sha256 ${sha256}, ` +
      `expected ${HUGO_SHA256}): get the file ${HUGO_SOURCE}`,
  );
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

async function readCorpus(path: string, warn: (line: string) => void): Promise<Corpus> {
  const file = await readTextFile(path, "give --corpus the path of a text file");
  // Either slash parts folders, on every system: what a name keeps of it would make a folder.
  const name = basename(path.replaceAll("\\", "/")).replace(/(?<=.)\.[^.]*$/, "");
  const corpus = await corpusOfFile(name, file, path);
  if (name.toLowerCase() === HUGO_NAME && !corpus.isHugo) {
    warn(
      `${path} is not Hugo's text as the notebook has it (sha256 ${corpus.sha256}, ` +
        `expected ${HUGO_SHA256}): figures will differ from the notebook's, and without ` +
        `--results they go to results/${corpus.name}`,
    );
  }
  const found = oddities(corpus.text);
  if (found) warn(`the corpus ${path} has ${found}`);
  return corpus;
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
  return await corpusOfFile(name, await decodeText(bytes, path), path);
}

async function corpusOfFile(name: string, file: TextFile, path: string): Promise<Corpus> {
  const { characters } = file.text;
  if (characters.length === 0) {
    throw new UserError(`the corpus ${path} is empty: give a longer text`)
      .saying({ kind: "empty text" });
  }
  if (characters.length === 1) {
    throw new UserError(
      `the corpus ${path} has one character only, ${JSON.stringify(characters[0])}: ` +
        "give a text of at least two different ones",
    ).saying({ kind: "one character", character: characters[0] });
  }
  const isHugo = file.sha256 === HUGO_SHA256;
  return { name: await folderName(name, file.sha256), ...file, isHugo };
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
