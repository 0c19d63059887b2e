/**
 * A process that reads the text at the path it is given, counts it and makes training data of it:
 * prints what that took.
 *
 * @module
 */
import { loadCorpus, splitData, Vocabulary } from "@hugo-lab/model";

/** What reading took. */
export interface Reading {
  /** Until the characters were counted. */
  seconds: number;
  /** The most memory that the process had at a time; where the system does not tell, at the end. */
  bytes: number;
  /** Characters, all and line feeds. */
  characters: [all: number, lineFeeds: number];
  /** Of both parts. */
  split: [train: number, val: number];
}

function peakBytes(): number {
  try {
    const [, kib] = /VmHWM:\s*(\d+) kB/.exec(Deno.readTextFileSync("/proc/self/status"))!;
    return Number(kib) * 1024;
  } catch {
    return Deno.memoryUsage().rss;
  }
}

if (import.meta.main) {
  const started = performance.now();
  const { text } = await loadCorpus(Deno.args[0], () => {});
  const counts = text.countCharacters();
  const seconds = (performance.now() - started) / 1000;
  const { train, val } = splitData(Vocabulary.of(text, "code point").encode(text));
  const reading: Reading = {
    seconds,
    bytes: peakBytes(),
    characters: [text.length, counts.get("\n")!],
    split: [train.length, val.length],
  };
  console.log(JSON.stringify(reading));
}
