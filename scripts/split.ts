/** `deno task split`: encoding, the split, contexts with their targets, and one batch. @module */
import {
  checkBlockSize,
  type Corpus,
  CsvFile,
  Generator,
  getBatch,
  prepareFolder,
  type Split,
  splitData,
  UserError,
  Vocabulary,
} from "@hugo-lab/model";
import { withClosing } from "./lib/report/closing.ts";
import { corpusOf, resultsRoot } from "./lib/run/corpus.ts";
import { sharedFlags } from "./lib/run/flags.ts";
import { pick } from "./lib/task/arguments.ts";
import { main, task } from "./lib/task/task.ts";

/** The batch is printed: this many numbers take a second. */
const MOST_SHOWN = 1_000_000;
/** So many numbers fit into a terminal's line. */
const MOST_IN_LINE = 16;

/** The task. */
export const split = task({
  name: "split",
  about: "splits the text in two",
  flags: {
    seed: { ...sharedFlags.seed, default: 2023 },
    "batch-size": { ...sharedFlags["batch-size"], default: 4 },
    "block-size": { ...sharedFlags["block-size"], default: 8 },
    ...pick(sharedFlags, "corpus", "results", "quiet"),
  },
  others: sharedFlags,
  async run(values) {
    const { seed, "batch-size": batchSize, "block-size": blockSize } = values;
    if (batchSize * blockSize > MOST_SHOWN) {
      throw new UserError(
        `--batch-size ${batchSize} times --block-size ${blockSize} are more numbers than can be ` +
          `shown: choose at most ${MOST_SHOWN} together`,
      );
    }
    const corpus = await corpusOf(values);
    const vocabulary = Vocabulary.of(corpus.text, "first appearance");
    const encoded = vocabulary.encode(corpus.text);
    const data = splitData(encoded);
    checkBlockSize(data, blockSize);
    const folder = `${resultsRoot(values, corpus)}/split`;
    prepareFolder(folder);

    showRoundTrip(vocabulary, corpus);
    console.log(`Training data size: ${data.train.length}`);
    console.log(`Validation data size: ${data.val.length}`);
    new CsvFile(`${folder}/split.csv`, ["set", "characters"])
      .append(["train", data.train.length], ["val", data.val.length]);
    const drawn = new Generator(seed).randint(encoded.length - blockSize);
    const start = Math.min(drawn, data.train.length - blockSize - 1);
    const contexts = showContexts(vocabulary, data, start, blockSize);
    new CsvFile(`${folder}/context.csv`, ["context", "target"]).append(...contexts);
    showBatch(data, batchSize, blockSize, seed);
  },
});

/** Encodes a line and decodes it again. */
function showRoundTrip(vocabulary: Vocabulary, { text }: Corpus): void {
  const test = text.slice(0, 20);
  if (vocabulary.decode(vocabulary.encode(test)) !== test) {
    throw new UserError("decoding does not give back what was encoded");
  }
  console.log(`decode(encode(${JSON.stringify(test)})) gives the same text`);
  if (vocabulary.has("\n")) console.log(`encode("\\n") is [${vocabulary.encode("\n")}]`);
}

/** For each position of one window the context and what follows it. */
function showContexts(
  vocabulary: Vocabulary,
  { train }: Split,
  start: number,
  blockSize: number,
): [context: string, target: string][] {
  console.log(`starting at ${start}:`);
  return Array.from({ length: blockSize }, (_, t) => {
    const context = vocabulary.decode(train.subarray(start, start + t + 1));
    const target = vocabulary.decode(train.subarray(start + t + 1, start + t + 2));
    console.log(`context is >${context}< target is >${target}<`);
    return [context, target];
  });
}

/** The first training batch that the seed gives. */
function showBatch(data: Split, batchSize: number, blockSize: number, seed: number): void {
  const { x, y } = getBatch(data.train, batchSize, blockSize, new Generator(seed));
  for (const [name, values] of [["x", x], ["y", y]] as const) {
    console.log(`${name} (${batchSize}, ${blockSize}), seed ${seed}:`);
    for (let b = 0; b < batchSize; b++) {
      const row = [...values.subarray(b * blockSize, (b + 1) * blockSize)];
      for (let t = 0; t < blockSize; t += MOST_IN_LINE) {
        const numbers = row.slice(t, t + MOST_IN_LINE).map((i) => String(i).padStart(3));
        console.log("  " + numbers.join(" "));
      }
    }
  }
}

if (import.meta.main) await main(withClosing(split));
