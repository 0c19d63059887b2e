/** The exercises: the copies, the checks, and the sentences for typical mistakes. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { pathToFileURL } from "node:url";
import { type ExerciseName, exerciseNames } from "../scripts/lib/exercise/catalogue.ts";
import { checkExercise, findTypeErrors } from "../scripts/lib/exercise/check.ts";
import { exerciseText } from "../scripts/lib/exercise/copy.ts";
import { test } from "./lib/needs.ts";
import { task } from "./lib/tasks.ts";

const needs = ["read", "write"] as const;
const SEED = 5;

/** A file with the text, in a folder that is gone after the test. */
async function withFile(text: string, fn: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/exercise.ts`, text);
    await fn(`${folder}/exercise.ts`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function check(name: ExerciseName, text: string, seconds = 60) {
  let verdict = { right: [] as string[], wrong: undefined as string | undefined };
  await withFile(text, async (path) => {
    verdict = {
      wrong: undefined,
      ...await checkExercise(name, pathToFileURL(path), { seed: SEED, seconds }),
    };
  });
  return verdict;
}

for (const name of exerciseNames) {
  test(`${name}: an untouched copy asks for code`, [...needs], async () => {
    const { wrong } = await check(name, exerciseText(name));
    assertStringIncludes(wrong ?? "", ": your code here: ");
  });

  test(`${name}: the solution is right`, [...needs], async () => {
    const { right, wrong } = await check(name, exerciseText(name, true));
    assertEquals(wrong, undefined);
    assert(right.length >= 2, `${right}`);
  });
}

test("no copy shows a solution", [], () => {
  for (const name of exerciseNames) {
    const text = exerciseText(name);
    assert(!/\/\/ (exercise|end)\b/.test(text), "marks are left");
    assertStringIncludes(text, "your code here: ");
    assert(text.length < exerciseText(name, true).length + 200);
  }
});

test("every copy compiles", [...needs, "run"], async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const name of exerciseNames) {
      await Deno.writeTextFile(`${folder}/${name}.ts`, exerciseText(name));
    }
    assertEquals(await findTypeErrors(folder), undefined);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** A line of the solution, the wrong one in its place, and what the check says. */
const mistakes: [name: ExerciseName, what: string, line: string, wrong: string, says: string][] = [
  [
    "stats",
    "counts in order of appearance",
    "[...counts].sort(([, a], [, b]) => b - a)",
    "counts",
    "the most frequent comes first",
  ],
  [
    "split",
    "validation text first",
    "{ train: data.subarray(0, end), val: data.subarray(end) }",
    "{ train: data.subarray(end), val: data.subarray(0, end) }",
    "these are swapped",
  ],
  [
    "split",
    "targets that are the inputs",
    "data[start + t + 1]",
    "data[start + t]",
    "each target is the character one further on",
  ],
  [
    "split",
    "windows over the end",
    "data.length - blockSize",
    "data.length",
    "one of data.length - blockSize places",
  ],
  [
    "bigram",
    "the softmax in the loss",
    "crossEntropy(logits.reshape",
    "crossEntropy(tf.softmax(logits).reshape",
    "takes scores, not their softmax",
  ],
  [
    "bigram",
    "a table of another size",
    "new Embedding(vocabSize, vocabSize)",
    "new Embedding(vocabSize, this.blockSize)",
    "embeddings.weight has the shape (11, 8), expected (11, 11)",
  ],
  [
    "single_head",
    "no scale",
    ".mul(this.headSize ** -0.5)",
    "",
    "the scale headSize ** -0.5 is missing",
  ],
  [
    "single_head",
    "the softmax over the wrong axis",
    "softmax(maskFuture(scores) as tf.Tensor3D)",
    "softmax(maskFuture(scores).transpose([0, 2, 1])).transpose([0, 2, 1])",
    "expected 1: the softmax is over the wrong axis",
  ],
  [
    "single_head",
    "tf.softmax over the wrong axis",
    "softmax(maskFuture(scores) as tf.Tensor3D)",
    "tf.softmax(maskFuture(scores) as tf.Tensor3D, 1)",
    "the softmax is over the wrong axis",
  ],
  [
    "single_head",
    "no mask",
    "softmax(maskFuture(scores) as tf.Tensor3D)",
    "softmax(scores as tf.Tensor3D)",
    "expected 0: the mask is missing",
  ],
  [
    "single_head",
    "no transposition",
    "tf.matMul(q, k, false, true)",
    "tf.matMul(q, k)",
    "the keys must be transposed",
  ],
  [
    "single_head",
    "a head of the wrong size",
    "this.value = new Linear(nEmbd, headSize, { bias })",
    "this.value = new Linear(nEmbd, nEmbd, { bias })",
    "value.weight has the shape (32, 32), expected (16, 32)",
  ],
  [
    "single_head",
    "biases",
    "this.key = new Linear(nEmbd, headSize, { bias })",
    "this.key = new Linear(nEmbd, headSize)",
    "a parameter too many: key.bias (16)",
  ],
  [
    "multi_head",
    "heads added",
    "tf.concat(heads, -1)",
    "heads.reduce((a, b) => a.add(b))",
    "the heads are added; concatenate them",
  ],
  [
    "multi_head",
    "no projection",
    "out = this.dropout.forward(this.proj.forward(out))",
    "out = this.dropout.forward(out)",
    "the projection is missing",
  ],
  [
    "feed_forward",
    "no ReLU",
    "new Linear(nEmbd, nEmbd), activation, ",
    "new Linear(nEmbd, nEmbd), ",
    "expected none: the ReLU is missing",
  ],
  [
    "blocks",
    "attention alone",
    "return this.ffwd.forward(this.sa.forward(x, attend))",
    "return this.sa.forward(x, attend)",
    "the computation, ffwd, is missing",
  ],
  [
    "blocks_norm",
    "no skip connection around attention",
    "x = x.add(this.sa.forward(this.ln1.forward(x), attend))",
    "x = this.sa.forward(this.ln1.forward(x), attend)",
    "the skip connection around attention is missing",
  ],
  [
    "blocks_norm",
    "dropout in evaluation",
    "if (!this.training || p === 0) return x;",
    "",
    "dropout is on in evaluation",
  ],
];
for (const [name, what, line, wrong, says] of mistakes) {
  test(`${name}: ${what} gets its own sentence`, [...needs], async () => {
    const solution = exerciseText(name, true);
    assertStringIncludes(solution, line);
    assertStringIncludes(
      (await check(name, solution.replace(line, () => wrong))).wrong ?? "",
      says,
    );
  });
}

test("an unforeseen mistake is told by shapes and values", [...needs], async () => {
  const solution = exerciseText("single_head", true);
  const scaled = await check("single_head", solution.replace("** -0.5", "** -0.4"));
  assertMatch(
    scaled.wrong ?? "",
    /^Head\.weights\(x\) has the right shape \(4, 8, 8\), but its values differ by up to 0\.\d+: at \[/,
  );
  const narrow = await check(
    "single_head",
    solution.replace("return tf.matMul(weights, v);", "return weights;"),
  );
  assertEquals(narrow.wrong, "Head.forward(x) returned (4, 8, 8), expected (4, 8, 16)");
});

test("a loop without an end is stopped", [...needs], async () => {
  const solution = exerciseText("stats", true);
  const { wrong } = await check(
    "stats",
    solution.replace("return new Map", "for (;;);\nreturn new Map"),
    3,
  );
  assertMatch(
    wrong ?? "",
    /^countCharacters.* took more than 3 s: is there a loop without an end\?$/,
  );
});

for (
  const [what, line, says] of [
    ["throws at its top level", "throw new Error('no');", "the file threw: no"],
    ["ends the program", "Deno.exit(0);", "the file threw: Deno.exit() was called"],
    [
      "throws later",
      "setTimeout(() => { throw new Error('no'); }); await new Promise(() => {});",
      "the file ended the check: Uncaught Error: no",
    ],
  ]
) {
  test(`a file that ${what} is told so`, [...needs], async () => {
    const solution = exerciseText("stats", true);
    assertStringIncludes((await check("stats", `${solution}\n${line}\n`)).wrong ?? "", says);
  });
}

test(
  "the lab's own class handed in, and a file without the class, are refused",
  [...needs],
  async () => {
    const own = await check("single_head", 'export { Head } from "@hugo-lab/model";\n');
    assertEquals(own.wrong, "Head is the lab's own: write yours");
    const empty = await check("single_head", "export {};\n");
    assertEquals(empty.wrong, "the file exports no Head");
  },
);

test(
  "what a student's file does to the lab's classes does not reach the check",
  [...needs],
  async () => {
    const wrong = exerciseText("single_head", true).replace("** -0.5", "** -0.4");
    const cheat = 'import * as lab from "@hugo-lab/model";\n' +
      "lab.Head.prototype.weights = function (x) { return Head.prototype.weights.call(this, x); };\n";
    assertStringIncludes((await check("single_head", wrong + cheat)).wrong ?? "", "values differ");
  },
);

const exercise = (...args: string[]) => task("exercise", ...args);

test("the task makes a copy once, and checks it", [...needs, "run"], async () => {
  const folder = await Deno.makeTempDir();
  try {
    assertEquals((await exercise("blocks", `--to=${folder}/mine`)).code, 0);
    const path = `${folder}/mine/blocks.ts`;
    const untouched = await exercise("check", "blocks", `--from=${folder}/mine`);
    assertEquals([untouched.code, untouched.err], [1, ""]);
    assertStringIncludes(untouched.out, "not yet: new Block");

    await Deno.writeTextFile(path, exerciseText("blocks", true));
    const solved = await exercise("check", "blocks", `--from=${folder}/mine`);
    assertEquals([solved.code, solved.err], [0, ""]);
    assertMatch(solved.out, /^right: new Block[^]*\nblocks is right\n$/);

    const again = await exercise("blocks", `--to=${folder}/mine`);
    assertEquals(again.code, 2);
    assertMatch(again.err, /^error: .* is there already: .*\n$/);
    assertEquals(await Deno.readTextFile(path), exerciseText("blocks", true));
    assertEquals((await exercise("blocks", `--to=${folder}/mine`, "--force")).code, 0);
    assertEquals(await Deno.readTextFile(path), exerciseText("blocks"));

    await Deno.writeTextFile(path, "export const Block: number = 'x';\n");
    const broken = await exercise("check", "blocks", `--from=${folder}/mine`);
    assertEquals([broken.code, broken.err], [1, ""]);
    assertStringIncludes(broken.out, "does not compile:\nTS2322");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

for (
  const [what, args, message] of [
    ["no exercise", [], "which exercise?"],
    ["an unknown exercise", ["scaled"], "there is no exercise scaled"],
    ["two exercises", ["stats", "split"], "one exercise at a time"],
    ["an unknown flag", ["stats", "--into=x"], "no flag --into"],
    ["a flag of the other form", ["check", "stats", "--to=x"], "no use for --to"],
    ["a wrong number", ["check", "stats", "--seconds=0"], "--seconds must be a whole number"],
    ["a copy that is not there", ["check", "stats", "--from=none"], "there is no none/stats.ts"],
    ["an unwritable folder", ["stats", "--to=deno.json"], "cannot be"],
  ] as [string, string[], string][]
) {
  test(`${what} ends exercise with one clear line and code 2`, [...needs, "run"], async () => {
    const { code, out, err } = await exercise(...args);
    assertEquals([code, out], [2, ""]);
    assertStringIncludes(err, message);
    assertMatch(err, /^error: .*\n$/);
  });
}
