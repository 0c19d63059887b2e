/** `deno task gpt2 FILE --ids …`: the lab's layers as GPT-2, with its published weights. @module */
import * as tf from "@hugo-lab/model/tf";
import {
  defaultBackend,
  type Gpt2Model,
  isGpt2Mask,
  loadGpt2,
  readSafetensors,
  softmax,
  type TensorFile,
  useBackend,
  UserError,
} from "@hugo-lab/model";
import { withFile } from "./lib/task/errors.ts";
import { main, task } from "./lib/task/task.ts";

/** So many of the most likely tokens are shown. */
const SHOWN = 5;

/** The task. */
const showNext = task({
  name: "gpt2",
  words: "FILE --ids N,N,…",
  about: `the lab's layers as GPT-2, with its published weights

FILE is a model.safetensors of GPT-2, which you bring; tokens are numbers, since GPT-2's tokenizer
is no part of the lab. Shown are the model's sizes and the likeliest next tokens.`,
  flags: {
    ids: { kind: "text", value: "N,N,…", help: "the tokens so far" },
    "n-head": {
      kind: "integer",
      min: 1,
      otherwise: "of 64 numbers each",
      help: "attention heads, which the file does not tell",
    },
  },
  async run(values, [path, ...others]) {
    if (!path || others.length > 0) throw new UserError("gpt2 needs one file: see --help");
    const ids = readIds(values.ids ?? "");
    const file = await readWeights(path);
    await useBackend(defaultBackend);
    const gpt2 = loadGpt2(file, { nHead: values["n-head"] });
    checkIds(ids, gpt2);
    const { model, vocabSize, config } = gpt2;
    console.log(
      `${model.countParameters() / 1e6} M parameters: ${config.nLayer} blocks of ${config.nHead} ` +
        `heads, ${config.nEmbd} numbers a position, ${config.blockSize} positions, ` +
        `${vocabSize} tokens`,
    );
    for (const [token, probability] of await likeliest(gpt2, ids)) {
      console.log(`${String(token).padStart(6)}  ${(100 * probability).toFixed(2)} %`);
    }
  },
});

function readIds(text: string): Int32Array {
  const ids = text.split(",").map((part) => /^\d{1,9}$/.test(part.trim()) ? Number(part) : NaN);
  if (!ids.some(Number.isNaN)) return Int32Array.from(ids);
  throw new UserError(`--ids must be whole numbers with commas between them, got "${text}"`);
}

async function readWeights(path: string): Promise<TensorFile> {
  try {
    return await withFile(path, () => readSafetensors(path, isGpt2Mask));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UserError(`there is no file ${path}: give the path of GPT-2's model.safetensors`);
  }
}

function checkIds(ids: Int32Array, { vocabSize, config: { blockSize } }: Gpt2Model): void {
  const unknown = ids.find((id) => id >= vocabSize);
  if (unknown !== undefined) {
    throw new UserError(`--ids has ${unknown}, and the model knows the tokens below ${vocabSize}`);
  }
  if (ids.length > blockSize) {
    throw new UserError(`--ids has ${ids.length} tokens, and the model takes ${blockSize}`);
  }
}

/** The likeliest next tokens and their probabilities. */
async function likeliest({ model }: Gpt2Model, ids: Int32Array): Promise<[number, number][]> {
  const probabilities = tf.tidy(() => {
    const last = tf.tensor2d([[ids.length - 1]], [1, 1], "int32");
    return softmax(model.next(tf.tensor2d(ids, [1, ids.length], "int32"), last));
  });
  const values = await probabilities.data<"float32">();
  probabilities.dispose();
  return [...values.entries()].sort(([, a], [, b]) => b - a).slice(0, SHOWN);
}

if (import.meta.main) await main(showNext);
