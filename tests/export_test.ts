/** `deno task export`, as far as it goes without a Python; the rest is in pytorch_test.ts. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  buildModel,
  decodeCheckpoint,
  encodeSafetensors,
  Generator,
  loadWeights,
  readSafetensors,
  useBackend,
} from "@hugo-lab/model";
import { test } from "./lib/needs.ts";
import { inFolder, task } from "./lib/tasks.ts";

const needs = ["read", "write", "run"] as const;
const FILES = [
  ...["checkpoint.py", "checkpoint.safetensors", "config.json", "model.py", "train.py"],
  ...["vocabulary.json", "weights.safetensors"],
];

async function train(stage: string, results: string, ...more: string[]): Promise<void> {
  const flags = ["--corpus=data/practice_corpus.txt", "--quiet", "--iters=4"];
  const short = ["--eval-interval=2", "--eval-iters=1", "--sample-length=0"];
  const { code, err } = await task(stage, ...flags, ...short, `--results=${results}`, ...more);
  assertEquals([code, err], [0, ""]);
}

const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
const readJson = async (path: string) => JSON.parse(await Deno.readTextFile(path));

for (const stage of ["bigram", "blocks_norm"]) {
  test(
    `${stage}: an exported folder is all that its model needs`,
    [...needs],
    () =>
      inFolder(async (folder) => {
        await train(stage, folder);
        const [from, to] = [`${folder}/${stage}`, `${folder}/py`];
        assertEquals((await task("export", stage, `--results=${folder}`, `--to=${to}`)).code, 0);
        assertEquals(names(to), FILES.toSorted());
        assertEquals(
          await Deno.readFile(`${to}/checkpoint.safetensors`),
          await Deno.readFile(`${from}/checkpoint.safetensors`),
        );
        const config = await readJson(`${to}/config.json`);
        const vocabulary = await readJson(`${to}/vocabulary.json`);
        assertEquals([config.stage, config.weights, config.training.iteration], [stage, "last", 4]);
        const weights = await readSafetensors(`${to}/weights.safetensors`);
        assertEquals(weights, await readSafetensors(`${from}/final.safetensors`));
        await useBackend("cpu");
        const model = buildModel(vocabulary.length, config.model, new Generator(0));
        loadWeights(model, weights.tensors);
        assertEquals([...model.namedParameters()].length, weights.tensors.size);
        model.dispose();
      }),
  );
}

test(
  "the best weights are exported with a checkpoint in which training has yet to begin",
  [...needs],
  () =>
    inFolder(async (folder) => {
      await train("multi_head", folder);
      const best = await readSafetensors(`${folder}/multi_head/best.safetensors`);
      const to = `${folder}/py/multi_head`;
      const args = ["multi_head", `--results=${folder}`, `--to=${to}`, "--best"];
      assertEquals((await task("export", ...args)).code, 0);
      assertEquals(await readSafetensors(`${to}/weights.safetensors`), best);
      const file = await readSafetensors(`${to}/checkpoint.safetensors`);
      const { run, drawn } = decodeCheckpoint(file);
      assertEquals([run.iteration, run.iters, drawn.updates], [0, 4, 0]);
      for (const [name, { data }] of best.tensors) {
        assertEquals(file.tensors.get(name)!.data, data);
        assert(file.tensors.get(`adamw.m.${name}`)!.data.every((v) => v === 0));
        assert(file.tensors.get(`adamw.v.${name}`)!.data.every((v) => v === 0));
      }
      await train("multi_head", `${folder}/py`, "--resume");
      assertStringIncludes(await Deno.readTextFile(`${to}/losses.csv`), "\n0,");
    }),
);

test(
  "export refuses what it cannot do in one line and writes nothing",
  [...needs],
  () =>
    inFolder(async (folder) => {
      await train("multi_head", folder);
      const from = `--results=${folder}`;
      const to = `--to=${folder}/py`;
      await Deno.mkdir(`${folder}/damaged/multi_head`, { recursive: true });
      const bytes = await Deno.readFile(`${folder}/multi_head/checkpoint.safetensors`);
      await Deno.writeFile(
        `${folder}/damaged/multi_head/checkpoint.safetensors`,
        bytes.with(-9, 1),
      );
      await Deno.mkdir(`${folder}/other/multi_head`, { recursive: true });
      await Deno.writeFile(`${folder}/other/multi_head/checkpoint.safetensors`, bytes);
      const other = encodeSafetensors([["a", { shape: [1], data: Float32Array.of(1) }]]);
      await Deno.writeFile(`${folder}/other/multi_head/best.safetensors`, other);
      const mistakes: [args: string[], message: string][] = [
        [[to], 'export needs the name of one stage, got "": give one of bigram, '],
        [["gpt5", to], "export needs the name of one stage"],
        [["multi_head"], "--to DIR"],
        [["multi_head", to, "--worst"], "no flag --worst"],
        [["blocks", from, to], "train the stage first"],
        [["multi_head", from, `--to=${folder}/multi_head`], "choose another with --to"],
        [["multi_head", from, "--to=deno.json"], "choose another with --to"],
        [["multi_head", `--results=${folder}/damaged`, to], "it was altered or damaged"],
        [["multi_head", `--results=${folder}/other`, to, "--best"], "is not there, expected F32"],
      ];
      for (const [args, message] of mistakes) {
        const { code, out, err } = await task("export", ...args);
        assertEquals([code, out], [2, ""], args.join(" "));
        assertMatch(err, /^error: .*\n$/);
        assertStringIncludes(err, message);
      }
      assertEquals(names(folder), ["damaged", "multi_head", "other"]);
    }),
);
