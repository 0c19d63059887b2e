/** The page without a browser: runs in turns, the address, the texts, the sources. @module */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { parse as parseCsv } from "@std/csv";
import {
  type Corpus,
  corpusFromBytes,
  encodeSafetensors,
  presets,
  type Stage,
  stages,
  useBackend,
  UserError,
  Vocabulary,
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
import type { Texts } from "../scripts/lib/page/texts/texts.ts";
import { readText, type RunFiles, Training } from "../scripts/lib/page/training.ts";
import type { Trouble } from "../scripts/lib/page/trouble.ts";
import { suite, test } from "./lib/needs.ts";
import { inFolder, task } from "./lib/tasks.ts";

const NAMES = Object.keys(en.stages) as (keyof typeof en.stages)[];
const CORPUS = "data/practice_corpus.txt";

async function practice(): Promise<Corpus> {
  const bytes = await Deno.readFile(new URL(`../${CORPUS}`, import.meta.url));
  return await corpusFromBytes("practice_corpus", bytes);
}

/** A short run on the practice corpus. */
async function short(name: "bigram" | "multi_head" | "blocks_norm", iters: number) {
  await useBackend("lab", 1);
  const corpus = await practice();
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

    let kept: RunFiles | undefined;
    for (let stop = 1; stop <= 40; stop++) { // a new run at every turn
      const next = new Training(stage, text);
      if (kept) next.restore(kept);
      await next.turn(0, 3);
      if (next.isFinished) {
        const [losses, , weights] = await filesOf(next, 1);
        assertEquals([losses, weights], [expected[0], expected[2]]);
        return;
      }
      kept = await next.files();
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
        (await begun.files()).checkpoint,
      );
      begun.dispose();
      const on = await task(name, ...flags, "--resume", `--results=${folder}/on`);
      assertEquals([on.code, on.err], [0, ""]);
      assertEquals((await final("on")).toHex(), weights);
    }));
}

for (const name of ["multi_head", "blocks_norm"] as const) {
  test(`more iterations extend a run of ${name} to what a longer run is`, ["read"], async () => {
    const { stage, text } = await short(name, 24);
    const longer = { ...stage, training: { ...stage.training, iters: 37 } };
    const expected = await filesOf(new Training(longer, text), 5);
    for (const stop of [11, 23, 24]) { // on its way, before its last evaluation, at its end
      const run = new Training(stage, text);
      while (stop === 24 ? !run.isFinished : run.iteration < stop) await run.turn(0, 1);
      if (stop === 23) await run.turn(0, 1); // the evaluation
      const extended = new Training(longer, text);
      extended.restore(await run.files());
      run.dispose();
      assertEquals(await filesOf(extended, 5), expected);
    }
    const over = new Training(longer, text);
    while (!over.isFinished) await over.turn(0);
    const shorter = new Training(stage, text);
    const files = await over.files();
    assertThrows(() => shorter.restore(files), UserError, "it is at iteration 37 already");
    over.dispose();
    shorter.dispose();
  });
}

test("an evaluation that is left is made anew, with the same draws", ["read"], async () => {
  const { stage, text } = await short("multi_head", 24);
  const expected = await filesOf(new Training(stage, text), 5);
  const run = new Training(stage, text);
  let asked = 0;
  while (!run.isFinished) {
    await run.turn(-1, 5, () => Promise.resolve(++asked % 3 === 0 && asked < 12));
  }
  assert(asked > 12);
  assertEquals(await filesOf(run, 5), expected);
});

test("the small GPT is the task's preset quick, its best weights' text too", [
  "read",
  "write",
  "run",
], () =>
  inFolder(async (folder) => {
    await useBackend("lab", 1);
    const corpus = await practice();
    const changes = {
      iters: 6,
      batchSize: 4,
      learningRate: 0.5,
      evalInterval: 2,
      sampleLength: 30,
    };
    const stage = { ...presets.quick, training: { ...presets.quick.training, ...changes } };
    const [losses, samples, weights] = await filesOf(
      new Training(stage, readText(corpus, stage)),
      5,
    );
    const flags = Object.entries(changes).map(([key, value]) =>
      `--${key.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}=${value}`
    );
    const common = ["--quiet", "--threads=1", `--corpus=${CORPUS}`, `--results=${folder}`];
    const { code } = await task("scaled", "--preset=quick", ...flags, ...common);
    assertEquals(code, 0);
    const read = async (name: string) => {
      const [, ...rows] = parseCsv(await Deno.readTextFile(`${folder}/scaled/${name}.csv`));
      return JSON.stringify(rows);
    };
    assertEquals([losses, samples], [await read("losses"), await read("samples")]);
    assertEquals(JSON.parse(samples).length, 2);
    assertEquals((await Deno.readFile(`${folder}/scaled/final.safetensors`)).toHex(), weights);
  }));

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
  const files = await run.files();
  const other = { ...stage, training: { ...stage.training, seed: 1 } };
  const another = new Training(other, text);
  await another.turn(0, 1); // the evaluation
  assertThrows(() => another.restore(files), UserError, "seed was 2023, is 1");
  assertEquals(another.evaluations.length, 1);
  run.dispose();
  another.dispose();
});

test("the lab behind the page trains, pauses, tells errors and saves", ["read"], async () => {
  const lab = new Lab();
  const told: Progress[] = [];
  const failures: Trouble[] = [];
  const { stages: all, texts } = await lab.begin(
    undefined,
    (now) => told.push(now),
    (trouble) => failures.push(trouble),
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
    await lab.load(checkpoint.bytes, "practice").then(({ stage }) => stage),
    "multi_head",
  );
  assertEquals(told.at(-1)!.iteration, 40);
  await lab.load(final.bytes, "practice");
  assertEquals(told.at(-1)!.status, "file");
  const error = await lab.write({ prompt: "漢", length: 1, seed: 1 }).catch((error) => error);
  const { size } = Vocabulary.of((await practice()).text, "code point");
  assertEquals(error, { kind: "unknown character", character: "漢", size });

  await lab.open(changed(all.multi_head, { iters: 5, learningRate: 1 }), "practice");
  const wild = changed(all.multi_head, { iters: 5 });
  await lab.open({ ...wild, training: { ...wild.training, learningRate: 1e30 } }, "practice");
  await lab.train();
  assertEquals(failures.map(({ kind }) => kind), ["diverged"]);
});

test("what a file may be that is no text or none of the lab's is told by its kind", [
  "read",
], async () => {
  const lab = new Lab();
  const { stages: all } = await lab.begin(undefined, () => {}, () => {});
  await lab.open(changed(all.multi_head, { iters: 5 }), "practice");
  const kindOf = (work: Promise<unknown>) => work.then(() => "none", ({ kind }) => kind);
  const text = (...bytes: number[]) => kindOf(lab.useText("x.txt", Uint8Array.from(bytes)));
  assertEquals(await text(), "empty text");
  assertEquals(await text(97, 97), "one character");
  assertEquals(await text(0x80, 0x81), "no UTF-8 text");
  assertEquals(await text(0xff, 0xfe, 97, 0), "UTF-16 text");
  const model = (bytes: Uint8Array) => kindOf(lab.load(bytes, "practice"));
  assertEquals(await model(new TextEncoder().encode("no tensors at all")), "no safetensors");
  assertEquals(await model(encodeSafetensors(new Map(), { format: "pt" })), "foreign file");
  const final = (await lab.files()).at(-1)!.bytes;
  assertEquals(await model(final.with(final.length - 1, final.at(-1)! ^ 1)), "damaged file");
  await lab.useText("x.txt", new TextEncoder().encode("abcd"));
  assertEquals(await kindOf(lab.open(all.multi_head, "own")), "short part");
  const large = { ...all.multi_head, training: { ...all.multi_head.training, batchSize: 1e7 } };
  assertEquals(await kindOf(lab.open(large, "practice")), "memory");
});

Deno.test("each language says what went wrong, without a word of the module's", () => {
  const troubles: Trouble[] = [
    { kind: "diverged", iteration: 1234, learningRate: 0.5 },
    { kind: "unknown character", character: "\n", size: 101 },
    { kind: "short part", blockSize: 8, characters: 3 },
    { kind: "empty text" },
    { kind: "no UTF-8 text" },
    { kind: "UTF-16 text" },
    { kind: "one character", character: "a" },
    { kind: "memory", needs: 12.34, has: 4 },
    { kind: "no safetensors" },
    { kind: "damaged file" },
    { kind: "foreign file" },
    { kind: "heads" },
    { kind: "no run" },
    { kind: "range", field: "learningRate", low: 1e-6, high: 1 },
    { kind: "large file", limit: 1 },
    { kind: "browser", message: "x" },
    { kind: "other", message: "x" },
  ];
  const said = ({ errors }: Texts) =>
    troubles.map((trouble) => (errors[trouble.kind] as (trouble: Trouble) => string)(trouble));
  assertEquals(troubles.map(({ kind }) => kind).sort(), Object.keys(en.errors).sort());
  said(en).forEach((text, i) => {
    const french = said(fr)[i];
    assert(text && french && (text !== french || troubles[i].kind === "other"), text);
    assert(!/undefined|NaN|object/.test(text + french), text + french);
  });
  const [diverged, unknown] = said(fr);
  assertMatch(diverged, /l’itération 1\s234\s: .* que 0,5,/);
  assertMatch(unknown, /^«\s↵\s» n’est pas parmi les 101 caractères/);
});

await suite("the diagrams of the page", [], new URL("page/diagram.ts", import.meta.url));

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
