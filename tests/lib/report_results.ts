/** Results folders to make reports of: every stage in miniature, and one that means harm. @module */
import {
  buildModel,
  corpusFromBytes,
  encodeModel,
  Generator,
  modelTensors,
  type StageName,
  stages,
  useBackend,
  Vocabulary,
} from "@hugo-lab/model";
import { stringify } from "@std/csv";

/** The decimals that tasks write. */
const DECIMALS: Record<string, number> = { train_loss: 6, val_loss: 6, weight: 6, seconds: 3 };

/** Writes a CSV file of a task, its numbers with the decimals that the tasks give them. */
export async function writeCsv(
  folder: string,
  path: string,
  columns: string[],
  rows: unknown[][],
): Promise<void> {
  await Deno.mkdir(`${folder}/${path.split("/")[0]}`, { recursive: true });
  const written = rows.map((row) =>
    row.map((cell, i) => {
      const decimals = DECIMALS[columns[i]];
      return typeof cell === "number" && decimals ? cell.toFixed(decimals) : cell;
    })
  );
  await Deno.writeTextFile(`${folder}/${path}.csv`, stringify([columns, ...written]));
}

/** A stage's run of so many evaluations, with weights as drawn, not trained. */
export async function writeRun(
  folder: string,
  name: StageName,
  { evaluations = 3, sample = "\nun texte", letters = "", model = stages[name].model } = {},
): Promise<void> {
  const extra = name === "bigram" ? ["iterations"] : [];
  const length = 100 * (evaluations - 1) + 1;
  const cell = extra.map(() => length);
  const steps = Array.from({ length: evaluations }, (_, i) => 100 * i);
  const losses = steps.map((step, i) => [step, 4.5 / (i + 1), 4.6 / (i + 1), ...cell]);
  await writeCsv(folder, `${name}/losses`, ["step", "train_loss", "val_loss", ...extra], losses);
  const timings = steps.map((step, i) => [step, i + 0.5, ...cell]);
  await writeCsv(folder, `${name}/timings`, ["step", "seconds", ...extra], timings);
  const samples = [[steps.at(-1), "\n", sample, ...cell]];
  await writeCsv(folder, `${name}/samples`, ["step", "prompt", "text", ...extra], samples);
  if (letters === "") return;
  await useBackend("cpu");
  const vocabulary = [...new Set(letters)];
  const built = buildModel(vocabulary.length, { ...model, dropout: 0 }).initialize(
    new Generator(1),
  );
  const bytes = encodeModel(await modelTensors(built), { stage: name, config: model, vocabulary });
  await Deno.writeFile(`${folder}/${name}/final.safetensors`, bytes);
  built.dispose();
}

/** The scaled model's parts, small enough to draw in a test. */
const smallScaled = { ...stages.scaled.model, nEmbd: 12, nHead: 2, nLayer: 2, blockSize: 16 };

/** Every stage, with weights that belong to the text. */
export async function writeAll(folder: string, text: string): Promise<void> {
  const corpus = await corpusFromBytes("text", new TextEncoder().encode(text));
  const characters = [...corpus.text];
  const vocabulary = Vocabulary.of(characters, "code point");
  const counts = vocabulary.characters
    .map((c): [string, number] => [c, characters.filter((d) => c === d).length])
    .sort(([, a], [, b]) => b - a);
  await writeCsv(folder, "stats/counts", ["character", "count"], counts);
  await writeCsv(folder, "split/split", ["set", "characters"], [["train", 90], ["val", 10]]);
  const contexts = [[characters.slice(0, 3).join(""), characters[3]]];
  await writeCsv(folder, "split/context", ["context", "target"], contexts);
  const cells = [[0, 0, 1], [0, 1, 0], [1, 0, 0.25], [1, 1, 0.75]];
  await writeCsv(folder, "attention/weights", ["row", "column", "weight"], cells);
  for (const name of Object.keys(stages) as StageName[]) {
    const model = name === "scaled" ? smallScaled : stages[name].model;
    await writeRun(folder, name, { letters: text, model });
  }
}
