/** The page without a browser: runs in turns, the address, the texts, the sources. @module */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  corpusFromBytes,
  type Stage,
  stages,
  useBackend,
  UserError,
  withLineFeeds,
} from "@hugo-lab/model";
import { Lab, type Progress } from "../scripts/lib/page/lab.ts";
import { look, write } from "../scripts/lib/page/look.ts";
import {
  changed,
  fieldsOf,
  headsFit,
  noAddress,
  readAddress,
  resumption,
  writeAddress,
} from "../scripts/lib/page/settings.ts";
import { sourceOf } from "../scripts/lib/page/source.ts";
import { en } from "../scripts/lib/page/texts/en.ts";
import { fr } from "../scripts/lib/page/texts/fr.ts";
import { readText, Training } from "../scripts/lib/page/training.ts";
import { test } from "./lib/needs.ts";
import { inFolder, task } from "./lib/tasks.ts";

const NAMES = Object.keys(en.stages) as (keyof typeof en.stages)[];
const CORPUS = "data/practice_corpus.txt";

/** A short run on the practice corpus. */
async function short(name: "bigram" | "multi_head" | "blocks_norm", iters: number) {
  await useBackend("lab", 1);
  const bytes = await Deno.readFile(new URL(`../${CORPUS}`, import.meta.url));
  const corpus = await corpusFromBytes("practice_corpus", bytes);
  const stage: Stage = {
    ...stages[name],
    training: { ...stages[name].training, iters, evalInterval: 10, evalIters: 2, sampleLength: 40 },
  };
  return { stage, text: readText(corpus, stage) };
}

/** A run's files at its end, in turns of so many iterations. */
async function filesOf(training: Training, most: number): Promise<string[]> {
  while (!training.isFinished) await training.turn(0, most);
  const files = [
    JSON.stringify(training.table("losses").rows),
    JSON.stringify(training.table("samples").rows),
    (await training.weights()).toHex(),
  ];
  training.dispose();
  return files;
}

for (const name of ["bigram", "multi_head", "blocks_norm"] as const) {
  test(`${name} is the same in turns of any length, looked into or taken up again`, [
    "read",
  ], async () => {
    const { stage, text } = await short(name, 24);
    const expected = await filesOf(new Training(stage, text), 1);
    assertEquals(await filesOf(new Training(stage, text), 7), expected);

    const seen = new Training(stage, text);
    while (!seen.isFinished) {
      await seen.turn(0, 3);
      await look(seen, "La mer");
      await write(seen, { prompt: "La", length: 12, seed: 1, temperature: 0.8, topK: 5 });
    }
    assertEquals(await filesOf(seen, 1), expected);

    let kept: Uint8Array | undefined;
    for (let stop = 1; stop <= 40; stop++) { // a new run at every turn
      const next = new Training(stage, text);
      if (kept) next.restore(kept);
      await next.turn(0, 3);
      if (next.isFinished) {
        const [losses, , weights] = await filesOf(next, 1);
        assertEquals([losses, weights], [expected[0], expected[2]]);
        return;
      }
      kept = await next.checkpoint();
      next.dispose();
    }
    throw new Error("the run does not end");
  });
}

for (const name of ["bigram", "multi_head"] as const) {
  test(`a run of ${name} on the page has the task's files, and its checkpoint goes on there`, [
    "read",
    "write",
    "run",
  ], () =>
    inFolder(async (folder) => {
      const { stage, text } = await short(name, 24);
      const flags = [
        ...["--quiet", "--threads=1", "--iters=24", "--eval-interval=10", "--eval-iters=2"],
        ...["--sample-length=40", `--corpus=${CORPUS}`],
      ];
      const whole = await task(name, ...flags, `--results=${folder}/whole`);
      assertEquals([whole.code, whole.err], [0, ""]);
      const [losses, samples, weights] = await filesOf(new Training(stage, text), 5);
      const csv = async (file: string) =>
        await Deno.readTextFile(`${folder}/whole/${name}/${file}.csv`);
      for (const [step, train, val] of JSON.parse(losses)) {
        assert((await csv("losses")).includes(`${step},${train},${val}`));
      }
      assert((await csv("samples")).includes(JSON.parse(samples)[0][2].split("\n").at(-1)));
      const final = (where: string) =>
        Deno.readFile(`${folder}/${where}/${name}/final.safetensors`);
      assertEquals((await final("whole")).toHex(), weights);

      const begun = new Training(stage, text);
      while (begun.iteration < 13) await begun.turn(0, 1);
      await Deno.mkdir(`${folder}/on/${name}`, { recursive: true });
      await Deno.writeFile(
        `${folder}/on/${name}/checkpoint.safetensors`,
        await begun.checkpoint(),
      );
      begun.dispose();
      const on = await task(name, ...flags, "--resume", `--results=${folder}/on`);
      assertEquals([on.code, on.err], [0, ""]);
      assertEquals((await final("on")).toHex(), weights);
    }));
}

test("a text without the usual prompt has its first character for one", ["read"], async () => {
  const { stage } = await short("multi_head", 2);
  const corpus = await corpusFromBytes("x", new TextEncoder().encode("abcdefgh ".repeat(40)));
  const run = new Training(stage, readText(corpus, stage));
  while (!run.isFinished) await run.turn(0);
  assertEquals([run.prompt, run.sample![0], run.table("samples").rows[0][1]], ["a", "a", "a"]);
  run.dispose();
});

test("what needs too much memory is refused in one line", ["read"], async () => {
  const { stage, text } = await short("multi_head", 2);
  const large = { ...stage, training: { ...stage.training, batchSize: 1e7 } };
  assertThrows(() => new Training(large, text), UserError, "GiB of memory");
});

for (const name of ["bigram", "blocks_norm", "gpt"] as const) {
  test(`the command that the page names goes on with its checkpoint of ${name}`, [
    "read",
    "write",
    "run",
  ], () =>
    inFolder(async (folder) => {
      const lab = new Lab();
      const { stages: all, texts } = await lab.begin(undefined, () => {}, () => {});
      const stage = changed(all[name], { iters: 3, seed: 9, batchSize: 2, nLayer: 1 });
      await lab.open(stage, "practice");
      await lab.step();
      const [, , checkpoint] = await lab.files();
      await lab.train();
      const [, , , final] = await lab.files();
      const { folder: where, command } = resumption(stage, all[name], texts[0]);
      const place = where.replace("results/practice_corpus", folder);
      await Deno.mkdir(place, { recursive: true });
      await Deno.writeFile(`${place}/checkpoint.safetensors`, checkpoint.bytes);
      // Git may have changed the line ends of the one in data/.
      const text = await Deno.readTextFile(new URL(`../${CORPUS}`, import.meta.url));
      await Deno.writeTextFile(`${folder}/practice_corpus.txt`, withLineFeeds(text));
      const words = command.replace("data/practice", `${folder}/practice`).split(" ").slice(2);
      const { code, err } = await task(...words, "--quiet", "--threads=1", `--results=${folder}`);
      assertEquals([code, err], [0, ""]);
      const bytes = await Deno.readFile(`${place}/final.safetensors`);
      assertEquals(bytes.toHex(), final.bytes.toHex());
    }));
}

test("a checkpoint of another run is refused, and the run stays", ["read"], async () => {
  const { stage, text } = await short("multi_head", 24);
  const run = new Training(stage, text);
  const checkpoint = await run.checkpoint();
  const other = { ...stage, training: { ...stage.training, seed: 1 } };
  const another = new Training(other, text);
  await another.turn(0, 1); // the evaluation
  assertThrows(() => another.restore(checkpoint), UserError, "seed was 2023, is 1");
  assertEquals(another.evaluations.length, 1);
  run.dispose();
  another.dispose();
});

test("the lab behind the page trains, pauses, tells errors and saves", ["read"], async () => {
  const lab = new Lab();
  const told: Progress[] = [];
  const failures: string[] = [];
  const { stages: all, texts } = await lab.begin(
    undefined,
    (now) => told.push(now),
    (line) => failures.push(line),
  );
  assertEquals(texts.map(({ choice }) => choice), ["practice"]);
  const stage = changed(all.multi_head, { iters: 40, seed: 3 });
  await lab.open(stage, "practice");
  const training = lab.train();
  await lab.pause();
  await training;
  assert(["paused", "finished"].includes(told.at(-1)!.status));
  await lab.train();
  assertEquals([told.at(-1)!.status, told.at(-1)!.iteration], ["finished", 40]);
  const { heads, next, characters } = await lab.look("La mer et le vent du soir");
  assertEquals([heads.length, characters.join("")], [4, "vent du soir".slice(-8)]);
  assert(Math.abs(next.reduce((sum, { probability }) => sum + probability, 0) - 1) < 1e-5);
  for (const [i, row] of heads[0].weights.entries()) {
    assert(Math.abs(row.reduce((a, b) => a + b, 0) - 1) < 1e-5);
    assert(row.slice(i + 1).every((weight) => weight === 0), "no head sees the future");
  }
  const [, , checkpoint, final] = await lab.files();
  assertEquals(
    await lab.load("c", checkpoint.bytes, "practice").then(({ stage }) => stage),
    "multi_head",
  );
  assertEquals(told.at(-1)!.iteration, 40);
  await lab.load("final.safetensors", final.bytes, "practice");
  assertEquals(told.at(-1)!.status, "file");
  const error = await lab.write({ prompt: "漢", length: 1, seed: 1 }).catch(({ message }) =>
    message
  );
  assertMatch(error, /"漢" is not among the \d+ of the corpus/);

  await lab.open(changed(all.multi_head, { iters: 5, learningRate: 1 }), "practice");
  const wild = changed(all.multi_head, { iters: 5 });
  await lab.open({ ...wild, training: { ...wild.training, learningRate: 1e30 } }, "practice");
  await lab.train();
  assertMatch(failures.join(), /the loss became NaN at iteration \d: try a smaller learning rate/);
});

Deno.test("an address holds what is not as in the lab, and nothing else is believed", () => {
  const address = {
    ...noAddress,
    stage: "blocks_norm" as const,
    changes: { seed: 7, dropout: 0.1 },
    prompt: "Où & quand?",
    temperature: 0.8,
    topK: 5,
    language: "fr",
    text: "practice" as const,
  };
  assertEquals(readAddress(writeAddress(address), NAMES), address);
  assertEquals(writeAddress(noAddress), "?stage=bigram");
  const wrong = "?stage=x&seed=-1&iters=1.5&nHead=99&dropout=2&text=no&temperature=9&topK=-2";
  assertEquals(readAddress(wrong, NAMES), { ...noAddress, language: undefined });
});

Deno.test("a stage has the settings that do something to it", () => {
  assertEquals(fieldsOf(stages.bigram).includes("nEmbd"), false);
  assertEquals(fieldsOf(stages.single_head).includes("nHead"), false);
  assertEquals(fieldsOf(stages.multi_head).includes("nLayer"), false);
  assertEquals(fieldsOf(stages.blocks_norm).includes("dropout"), true);
  assertEquals(changed(stages.multi_head, { nHead: 8 }).model.nHead, 8);
  assertEquals(changed(stages.bigram, { iters: 500 }).training.evalInterval, 50);
  assertEquals(headsFit(changed(stages.multi_head, { nHead: 5 })), false);
});

Deno.test("each stage shows the class that it trains, without the exercises' marks", () => {
  for (const name of NAMES) {
    const { text } = sourceOf(name);
    assertMatch(text, /^\/\*\*[^]*\nexport class \w+ extends \w+ \{\n[^]*\n\}$/);
    assert(!/\/\/ (exercise|end$)/m.test(text), name);
  }
  assertMatch(sourceOf("single_head").text, /headSize \*\* -0\.5/);
});

Deno.test("both languages say as much, with the figures of the run", () => {
  const figures = {
    step: "4999",
    train: "2.1561",
    val: "2.1703",
    first: "4.5397",
    guess: "4.6151",
    parameters: "10949",
    notebook: "2.1703",
    gap: "0.0142",
  };
  for (const { stages } of [en, fr]) {
    for (const name of NAMES) {
      const { adds, notice, question, answer } = stages[name];
      assert(adds.length > 0 && notice.length > 1 && question.endsWith("?"), name);
      assert(answer(figures).includes("2.1703") && !answer(figures).includes("undefined"), name);
    }
  }
  NAMES.forEach((name) => {
    assertEquals(en.stages[name].adds.length, fr.stages[name].adds.length, name);
    assertEquals(en.stages[name].notice.length, fr.stages[name].notice.length, name);
  });
});
