/** `deno task generate STAGE`: text from a stage's trained weights. @module */
import {
  buildModel,
  CsvFile,
  decodeModel,
  generate as generateText,
  Generator,
  type LanguageModel,
  loadWeights,
  type ModelFile,
  prepareFolder,
  readSafetensors,
  type StageName,
  stages,
  UserError,
  Vocabulary,
} from "@hugo-lab/model";
import { useBackendOf } from "./lib/run/backend.ts";
import { readIdentity, whyForeign } from "./lib/run/identity.ts";
import { sharedFlags } from "./lib/run/flags.ts";
import { choosePrompt } from "./lib/run/prompt.ts";
import { stageNamed } from "./lib/run/stage_name.ts";
import { pick, type Values } from "./lib/task/arguments.ts";
import { withFile } from "./lib/task/errors.ts";
import { countOf } from "./lib/task/lines.ts";
import { notify, space } from "./lib/task/notices.ts";
import { encodeFlag, encodePrompt } from "./lib/task/prompt.ts";
import { write } from "./lib/task/screen.ts";
import { Signals } from "./lib/task/signals.ts";
import { main, task } from "./lib/task/task.ts";

const USUAL_PROMPT = "\n";

const flags = {
  prompt: { ...sharedFlags.prompt, otherwise: JSON.stringify(USUAL_PROMPT) },
  length: { kind: "integer", min: 0, default: 500, help: "characters generated after the prompt" },
  temperature: {
    kind: "number",
    min: 0,
    default: 1,
    help: "below 1 the likely become likelier; 0: likeliest",
  },
  "top-k": { kind: "integer", min: 1, help: "only the N likeliest characters" },
  "top-p": {
    kind: "number",
    above: 0,
    max: 1,
    help: "only the likeliest that together have the probability N",
  },
  seed: { ...sharedFlags.seed, default: 2023 },
  stop: { kind: "text", value: "TEXT", escapes: true, help: "end behind this text" },
  count: { kind: "integer", min: 1, default: 1, help: "how many texts" },
  best: { kind: "switch", help: "the weights of the lowest validation loss, not the last ones" },
  results: { ...sharedFlags.results, default: "results" },
  ...pick(sharedFlags, "backend", "threads", "quiet"),
} as const;
type GenerateValues = Values<typeof flags>;

const columns = [
  ...["weights", "seed", "number", "temperature", "top_k", "top_p", "stop", "length"],
  ...["prompt", "text"],
];

/** The task. */
export const generate = task({
  name: "generate",
  words: "STAGE",
  about: `text from the weights of a stage

STAGE is one of ${Object.keys(stages).join(", ")}.`,
  flags,
  others: sharedFlags,
  async run(values, words) {
    using signals = new Signals();
    const stage = stageNamed(words.join(" "), "generate needs the name of one stage");
    const folder = `${values.results}/${stage}`;
    const { name, weights, model, vocabulary } = await findModel(folder, stage, values);
    const promptText = choosePrompt(vocabulary, {
      given: values.prompt,
      usual: USUAL_PROMPT,
      first: vocabulary.characters[0],
    }, notify(values));
    const prompt = encodePrompt(vocabulary, promptText);
    encodeFlag(vocabulary, "stop", values.stop ?? ""); // has it only what can come?
    prepareFolder(folder);
    (await useBackendOf(values))();
    loadWeights(model, weights);
    const file = new CsvFile(`${folder}/generations.csv`, columns, { keep: true });
    const half = file.mend();
    if (half !== undefined) {
      console.error(`${file.path} ended in half a row, which is taken away: ${excerpt(half)}`);
    }
    await signals.ready;
    if (!promptText.startsWith("\n")) space(values);
    const generator = new Generator(values.seed);
    for (let number = 1; number <= values.count; number++) {
      if (number > 1) console.log();
      const isAsked = () => signals.code !== undefined;
      const { text, drawn } = await writeText(
        model,
        generator,
        vocabulary,
        prompt,
        values,
        isAsked,
      );
      const { seed, temperature, "top-k": k, "top-p": p, stop } = values;
      const length = isAsked() ? drawn : values.length; // what is there is a shorter text, whole
      const settings = [name, seed, number, temperature, k, p, stop, length];
      file.append([...settings.map((value) => value ?? ""), promptText, text]);
      signals.throwIfAsked(
        `stopped in text ${number}: ${countOf(drawn, "character")} in ${file.path}`,
      );
    }
    space(values);
    model.dispose();
  },
});

/** The stage's model with its last or best weights; before a run's end, those of its checkpoint. */
async function findModel(folder: string, stage: StageName, values: GenerateValues) {
  const identity = await readIdentity(folder);
  for (const name of values.best ? ["best"] as const : ["final", "checkpoint"] as const) {
    const path = `${folder}/${name}.safetensors`;
    try {
      const file = await withFile(
        path,
        async () => decodeModel(await readSafetensors(path), stage),
      );
      const foreign = whyForeign(file.id, identity);
      if (foreign) {
        console.error(`${path} is not used: ${foreign}`);
        continue;
      }
      if (name === "checkpoint") notify(values)("the run has not ended: taking its checkpoint");
      return { name, ...modelOf(file) };
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  throw new UserError(
    `${folder} has no ${values.best ? "best" : "final"} weights of its last run: train them with ` +
      `deno task ${stage}, or ${await whereElse(values.results, stage)}`,
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
function modelOf({ weights, config, vocabulary: characters }: ModelFile) {
  const model = buildModel(characters.length, { ...config, dropout: 0 });
  return { weights, model, vocabulary: new Vocabulary(characters) };
}

/** The beginning of a text, in one line. */
function excerpt(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

/**
 * Prints a text while it is drawn, up to the stop and with it, or until it is asked to end.
 *
 * @returns the whole text, and how many characters were drawn
 */
async function writeText(
  model: LanguageModel,
  generator: Generator,
  vocabulary: Vocabulary,
  prompt: Int32Array,
  values: GenerateValues,
  isAsked: () => boolean,
): Promise<{ text: string; drawn: number }> {
  const { temperature, "top-k": topK, "top-p": topP } = values;
  const options = { temperature, topK, topP, cache: true };
  const start = vocabulary.decode(prompt);
  write(start);
  let text = "";
  let drawn = 0;
  for await (const n of generateText(model, generator, prompt, values.length, options)) {
    const character = vocabulary.decode([n]);
    text += character;
    drawn++;
    write(character);
    if (isAsked() || values.stop && text.endsWith(values.stop)) break;
  }
  write("\n");
  return { text: start + text, drawn };
}

if (import.meta.main) await main(generate);
