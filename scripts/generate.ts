/** `deno task generate STAGE`: text from a stage's trained weights. @module */
import {
  buildModel,
  CsvFile,
  decodeModel,
  generate as generateText,
  type GenerateOptions,
  Generator,
  type LanguageModel,
  loadWeights,
  prepareFolder,
  readSafetensors,
  type StageName,
  stages,
  UserError,
  Vocabulary,
} from "@hugo-lab/model";
import { withFile } from "./lib/errors.ts";
import { type FlagName, type FlagValues, helpText, parseFlags, useBackendOf } from "./lib/flags.ts";
import { choosePrompt } from "./lib/prompt.ts";
import { encodeFlag, encodePrompt } from "./lib/stage.ts";
import { notify, runTask } from "./lib/task.ts";

const allowed: FlagName[] = [
  ...[
    "prompt",
    "length",
    "temperature",
    "top-k",
    "top-p",
    "seed",
    "stop",
    "count",
    "best",
  ] as const,
  ...["results", "backend", "threads", "quiet", "help"] as const,
];
const defaults: FlagValues = {
  prompt: "\n",
  length: 500,
  temperature: 1,
  seed: 2023,
  count: 1,
  results: "results",
  backend: "auto",
};
const columns = [
  ...["weights", "seed", "number", "temperature", "top_k", "top_p", "stop", "length"],
  ...["prompt", "text"],
];

/** The task. */
export async function generate(args: string[]): Promise<void> {
  const words: string[] = [];
  const given = parseFlags("generate", allowed, args, words);
  if (given.help) {
    const about = `text from the weights of a stage: ${Object.keys(stages).join(", ")}`;
    return console.log(helpText("generate STAGE", about, allowed, undefined, defaults));
  }
  const values: FlagValues = { ...defaults, ...given };
  const stage = readStage(words);
  const folder = `${values.results}/${stage}`;
  const { name, weights, model, vocabulary } = await findModel(folder, stage, values);
  values.prompt = choosePrompt(vocabulary, {
    given: given.prompt as string | undefined,
    usual: String(defaults.prompt),
    first: vocabulary.characters[0],
  }, notify(values));
  const prompt = encodePrompt(vocabulary, String(values.prompt));
  encodeFlag(vocabulary, "stop", String(values.stop ?? "")); // has it only what can come?
  prepareFolder(folder);
  (await useBackendOf(values))();
  loadWeights(model, weights);
  const file = new CsvFile(`${folder}/generations.csv`, columns, { keep: true });
  const generator = new Generator(Number(values.seed));
  for (let number = 1; number <= Number(values.count); number++) {
    if (number > 1) console.log();
    const text = await writeText(model, generator, vocabulary, prompt, values);
    const { seed, temperature, "top-k": k, "top-p": p, stop, length } = values;
    const settings = [name, seed, number, temperature, k, p, stop, length];
    file.append([...settings.map((value) => value ?? ""), values.prompt, text]);
  }
  model.dispose();
}

function readStage(words: string[]): StageName {
  if (words.length === 1 && Object.hasOwn(stages, words[0])) return words[0] as StageName;
  throw new UserError(
    `generate needs the name of one stage, got "${words.join(" ")}": ` +
      `give one of ${Object.keys(stages).join(", ")}`,
  );
}

/** The stage's model with its last or best weights; before a run's end, those of its checkpoint. */
async function findModel(folder: string, stage: StageName, values: FlagValues) {
  for (const name of values.best ? ["best"] as const : ["final", "checkpoint"] as const) {
    const path = `${folder}/${name}.safetensors`;
    try {
      const found = await withFile(path, () => readModel(path));
      if (name === "checkpoint") notify(values)("the run has not ended: taking its checkpoint");
      return { name, ...found };
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  throw new UserError(
    `${folder} has no ${values.best ? "best" : "final"} weights: train them with ` +
      `deno task ${stage}, or ${await whereElse(String(values.results), stage)}`,
  );
}

/** Runs on a text other than Hugo's have a folder of their own: which has this stage's weights? */
async function whereElse(results: string, stage: StageName): Promise<string> {
  try {
    for await (const { name, isDirectory } of Deno.readDir(results)) {
      const path = `${results}/${name}/${stage}/final.safetensors`;
      const isThere = isDirectory && await Deno.stat(path).then(() => true, () => false);
      if (isThere) return `take those of another run with --results ${results}/${name}`;
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return "tell with --results where they are";
}

/** A model without values yet, and the values that the file has for it. */
async function readModel(path: string) {
  const { weights, config, vocabulary: characters } = decodeModel(await readSafetensors(path));
  const model = buildModel(characters.length, { ...config, dropout: 0 });
  return { weights, model, vocabulary: new Vocabulary(characters) };
}

/** Prints a text while it is drawn, up to the stop and with it, and gives it whole. */
async function writeText(
  model: LanguageModel,
  generator: Generator,
  vocabulary: Vocabulary,
  prompt: Int32Array,
  values: FlagValues,
): Promise<string> {
  const options = {
    temperature: values.temperature,
    topK: values["top-k"],
    topP: values["top-p"],
    cache: true,
  } as GenerateOptions;
  const write = (part: string) => Deno.stdout.write(new TextEncoder().encode(part));
  const start = vocabulary.decode(prompt);
  await write(start);
  let text = "";
  for await (const n of generateText(model, generator, prompt, Number(values.length), options)) {
    const character = vocabulary.decode([n]);
    text += character;
    await write(character);
    if (values.stop && text.endsWith(String(values.stop))) break;
  }
  await write("\n");
  return start + text;
}

if (import.meta.main) await runTask(generate);
