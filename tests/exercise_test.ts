/** The exercises: the copies, the checks, and the sentences for typical mistakes. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { pathToFileURL } from "node:url";
import { type ExerciseName, exerciseNames } from "../scripts/lib/exercise/catalogue.ts";
import { checkExercise } from "../scripts/lib/exercise/check.ts";
import { exerciseText } from "../scripts/lib/exercise/copy.ts";
import { findTypeErrors } from "../scripts/lib/exercise/type_errors.ts";
import { test } from "./lib/needs.ts";

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

/** Other sound answers than the lab's own: lines of the solution, and what stands there instead. */
const others: [name: ExerciseName, what: string, ...lines: [line: string, other: string][]][] = [
  ["stats", "a new map, filled in order", [
    "return new Map([...counts].sort(([, a], [, b]) => b - a));",
    `const sorted = new Map<string, number>();
    for (const [c, n] of [...counts].toSorted((a, b) => b[1] - a[1])) sorted.set(c, n);
    return sorted;`,
  ]],
  ["split", "copies, and all starting points first", [
    "{ train: data.subarray(0, end), val: data.subarray(end) }",
    "{ train: data.slice(0, end), val: data.slice(end) }",
  ], [
    "for (let b = 0; b < batchSize; b++) {",
    `const starts = Array.from({ length: batchSize }, () =>
      generator.randint(data.length - blockSize));
    for (let b = 0; b < batchSize; b++) {`,
  ], [
    "const start = generator.randint(data.length - blockSize);",
    "const start = starts[b];",
  ]],
  ["bigram", "no casts", [" as tf.Tensor3D;", ";"], [
    "return crossEntropy(logits.reshape([-1, vocabSize]), targets.flatten());",
    `const rows = logits.reshape([-1, vocabSize]);
    return crossEntropy(rows, targets.flatten());`,
  ]],
  ["single_head", "no cast, and a division", [
    "softmax(maskFuture(scores) as tf.Tensor3D)",
    "softmax(maskFuture(scores))",
  ], [".mul(this.headSize ** -0.5)", ".div(Math.sqrt(this.headSize))"]],
  [
    "multi_head",
    "the notebook's lines, then dropout",
    [
      "this.heads.map((head) => head.forward(x, attend));",
      "this.heads.map((head) => head.forward(x));",
    ],
    [
      "if (this.options.dropoutBeforeProj) out = this.proj.forward(this.dropout.forward(out));",
      "",
    ],
    ["else out = this", "out = this"],
    ["return this.ffwd ? this.ffwd.forward(out) : out;", "return out;"],
  ],
  ["multi_head", "dropout before the projection", [
    "this.dropout.forward(this.proj.forward(out))",
    "this.proj.forward(this.dropout.forward(out))",
  ]],
  ["feed_forward", "the notebook's own layers", [
    "this.net = widening",
    `this.net = [new Linear(nEmbd, nEmbd), new ReLU()];
    if (nEmbd < 0) this.net = widening`,
  ]],
  ["blocks", "the notebook's lines", [
    "return this.ffwd.forward(this.sa.forward(x, attend));",
    `{
      x = this.sa.forward(x);
      x = this.ffwd.forward(x);
      return x;
    }`,
  ]],
  ["blocks_norm", "the notebook's printed lines", [
    'if (this.options.skip === "notebook") {',
    "if (x.rank === 9) {",
  ]],
];

function withLines(name: ExerciseName, lines: readonly (readonly [string, string])[]): string {
  return lines.reduce((text, [line, other]) => {
    assertStringIncludes(text, line);
    return text.replace(line, () => other);
  }, exerciseText(name, true));
}

for (const [name, what, ...lines] of others) {
  test(`${name}: ${what}: that is right too`, [...needs], async () => {
    assertEquals((await check(name, withLines(name, lines))).wrong, undefined);
  });
}

test("sound answers compile without the lab's casts", [...needs, "run"], async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const [i, [name, , ...lines]] of others.entries()) {
      await Deno.writeTextFile(`${folder}/${i}.ts`, withLines(name, lines));
    }
    assertEquals(await findTypeErrors(folder), undefined);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** A line of the solution, the wrong one in its place, and what the check says: six at least. */
type Wrong = [what: string, line: string, wrong: string, says: string];
const sort = "[...counts].sort(([, a], [, b]) => b - a)";
const count = "(counts.get(c) ?? 0) + 1";
const parts = "{ train: data.subarray(0, end), val: data.subarray(end) }";
const start = "generator.randint(data.length - blockSize)";
const loss = "crossEntropy(logits.reshape([-1, vocabSize]), targets.flatten())";
const weights = "softmax(maskFuture(scores) as tf.Tensor3D)";
const scale = ".mul(this.headSize ** -0.5)";
const dropped = "this.dropout.forward(this.weights(x))";
const concat = "tf.concat(heads, -1)";
const projected = "else out = this.dropout.forward(this.proj.forward(out))";
const made = "Array.from({ length: nHead }, () => new Head(nEmbd, headSize, options))";
const net = "[new Linear(nEmbd, nEmbd), activation, new Dropout(options)]";
const both = "return this.ffwd.forward(this.sa.forward(x, attend))";
const first = "x = x.add(this.sa.forward(this.ln1.forward(x), attend))";
const second = "return x.add(this.ffwd.forward(this.ln2.forward(x)));\n  }";
const zeroed = "return dropout(x, p, generator)";
const mistakes: Record<ExerciseName, Wrong[]> = {
  stats: [
    ["order of appearance", sort, "counts", "the most frequent comes first"],
    ["the rarest first", "b - a", "a - b", "the rarest comes first"],
    ["in the alphabet's order", sort, "[...counts].sort()", "sorted by character"],
    ["counts from 0", count, "(counts.get(c) ?? -1) + 1", "the first time counts as 1"],
    ["no count", count, "1", "every count is 1"],
    ["halves", "of characters)", 'of [...characters].join("").split(""))', "are cut in two"],
  ],
  split: [
    [
      "validation first",
      parts,
      "{ train: data.subarray(end), val: data.subarray(0, end) }",
      "these are swapped",
    ],
    [
      "the last part to train on",
      parts,
      "{ train: data.subarray(data.length - end), val: data.subarray(0, data.length - end) }",
      "the last 90 % are trained on",
    ],
    ["rounded up", "Math.floor", "Math.ceil", "is rounded up"],
    [
      "targets that are the inputs",
      "data[start + t + 1]",
      "data[start + t]",
      "each target is the character one further on",
    ],
    [
      "windows over the end",
      start,
      "generator.randint(data.length)",
      "one of data.length - blockSize places",
    ],
    [
      "the last window left out",
      start,
      "generator.randint(data.length - blockSize - 1)",
      "the last window is left out",
    ],
    [
      "Math.random()",
      start,
      "Math.floor(Math.random() * (data.length - blockSize))",
      "Math.random() was called",
    ],
  ],
  bigram: [
    [
      "the softmax in the loss",
      "crossEntropy(logits.reshape",
      "crossEntropy(tf.softmax(logits).reshape",
      "takes scores, not their softmax",
    ],
    ["a sum", loss, `${loss}.mul(targets.size)`, "the losses are added up"],
    ["another sign", loss, `${loss}.neg()`, "the sign is wrong"],
    [
      "its own input for a target",
      loss,
      loss.replace("targets", "idx"),
      "compare them with the targets",
    ],
    [
      "the last position alone",
      loss,
      "crossEntropy(logits.slice([0, logits.shape[1] - 1]).reshape([-1, vocabSize]), targets.slice([0, logits.shape[1] - 1]).flatten())",
      "of each window's last position only",
    ],
    [
      "a table of another size",
      "new Embedding(vocabSize, vocabSize)",
      "new Embedding(vocabSize, this.blockSize)",
      "embeddings.weight has the shape (11, 8), expected (11, 11)",
    ],
  ],
  single_head: [
    ["no scale", scale, "", "the scale headSize ** -0.5 is missing"],
    [
      "a scale behind the softmax",
      `return ${weights}`,
      "return softmax(maskFuture(tf.matMul(q, k, false, true))).mul(this.headSize ** -0.5)",
      "the scale comes before the softmax",
    ],
    [
      "the wrong axis",
      weights,
      "softmax(maskFuture(scores).transpose([0, 2, 1])).transpose([0, 2, 1])",
      "expected 1: the softmax is over the wrong axis",
    ],
    [
      "tf.softmax over the wrong axis",
      weights,
      "tf.softmax(maskFuture(scores) as tf.Tensor3D, 1)",
      "the softmax is over the wrong axis",
    ],
    ["no mask", weights, "softmax(scores as tf.Tensor3D)", "expected 0: the mask is missing"],
    [
      "zeros for a mask",
      weights,
      "softmax(tf.linalg.bandPart(scores, -1, 0))",
      "masked with zeros",
    ],
    [
      "no transposition",
      "tf.matMul(q, k, false, true)",
      "tf.matMul(q, k)",
      "the keys must be transposed",
    ],
    [
      "another size",
      "this.value = new Linear(nEmbd, headSize, { bias })",
      "this.value = new Linear(nEmbd, nEmbd, { bias })",
      "value.weight has the shape (32, 32), expected (16, 32)",
    ],
    [
      "biases",
      "this.key = new Linear(nEmbd, headSize, { bias })",
      "this.key = new Linear(nEmbd, headSize)",
      "a parameter too many: key.bias (16)",
    ],
    ["no dropout", dropped, "this.weights(x)", "dropout is missing"],
    [
      "dropout on the values",
      "tf.matMul(weights, v)",
      "this.dropout.forward(tf.matMul(this.weights(x), v))",
      "dropout 0.5 has the right shape",
    ],
  ],
  multi_head: [
    [
      "heads added",
      concat,
      "heads.reduce((a, b) => a.add(b))",
      "the heads are added; concatenate them",
    ],
    ["another axis", concat, "tf.concat(heads, 1)", "concatenated along axis 1"],
    [
      "no projection",
      "this.dropout.forward(this.proj.forward(out))",
      "this.dropout.forward(out)",
      "the projection is missing",
    ],
    [
      "one head in every place",
      made,
      "new Array(nHead).fill(new Head(nEmbd, headSize, options))",
      "it is one head, nHead times",
    ],
    [
      "one head asked",
      "head.forward(x, attend)",
      "(head, this.heads[0].forward(x, attend))",
      "the first head's answer is there nHead times",
    ],
    ["no dropout", projected, "else out = this.proj.forward(out)", "dropout is missing"],
    [
      "heads in reverse",
      concat,
      "tf.concat(heads.toReversed(), -1)",
      "the heads are in reverse order",
    ],
  ],
  feed_forward: [
    [
      "no ReLU",
      net,
      "[new Linear(nEmbd, nEmbd), new Dropout(options)]",
      "expected none: the ReLU is missing",
    ],
    [
      "the ReLU first",
      net,
      "[activation, new Linear(nEmbd, nEmbd)]",
      "has no parameter net.0.weight (32, 32), only net.1.weight",
    ],
    [
      "a ReLU more",
      net,
      "[new Linear(nEmbd, nEmbd), activation, new Linear(nEmbd, nEmbd), new ReLU()]",
      "a parameter too many: net.2.weight",
    ],
    [
      "no bias",
      net,
      "[new Linear(nEmbd, nEmbd, { bias: false }), activation]",
      "has no parameter net.0.bias",
    ],
    [
      "another size",
      net,
      "[new Linear(nEmbd, 4 * nEmbd), activation]",
      "net.0.weight has the shape (128, 32), expected (32, 32)",
    ],
    [
      "x left out",
      "this.net.reduce((y, layer) => layer.forward(y), x)",
      "this.net.reduce((_, layer) => layer.forward(x), x)",
      "some values are negative",
    ],
  ],
  blocks: [
    [
      "attention alone",
      both,
      "return this.sa.forward(x, attend)",
      "the computation, ffwd, is missing",
    ],
    ["computation alone", both, "return this.ffwd.forward(x)", "the attention, sa, is missing"],
    [
      "computation first",
      both,
      "return this.sa.forward(this.ffwd.forward(x))",
      "computation comes before attention",
    ],
    [
      "skip connections",
      both,
      "{ x = x.add(this.sa.forward(x)); return x.add(this.ffwd.forward(x)); }",
      "they come with blocks_norm",
    ],
    [
      "one head",
      "new MultiHeadAttention(nEmbd, nHead, options)",
      "new MultiHeadAttention(nEmbd, 1, options)",
      "has no parameter sa.heads.1",
    ],
    [
      "no computation made",
      "this.ffwd = new FeedForward(nEmbd, options);",
      "",
      "has no parameter ffwd.net.0.weight",
    ],
  ],
  blocks_norm: [
    [
      "no way around attention",
      first,
      "x = this.sa.forward(this.ln1.forward(x), attend)",
      "around attention is missing",
    ],
    [
      "no way around computation",
      second,
      second.replace(
        "x.add(this.ffwd.forward(this.ln2.forward(x)))",
        "this.ffwd.forward(this.ln2.forward(x))",
      ),
      "around the computation is missing",
    ],
    [
      "no LayerNorm",
      `${first};\n    ${second}`,
      "x = x.add(this.sa.forward(x));\n    return x.add(this.ffwd.forward(x));\n  }",
      "LayerNorm is missing",
    ],
    [
      "LayerNorm behind",
      `${first};\n    ${second}`,
      "x = this.ln1.forward(x.add(this.sa.forward(x)));\n    return this.ln2.forward(x.add(this.ffwd.forward(x)));\n  }",
      "LayerNorm comes before",
    ],
    ["ln1 twice", second, second.replace("ln2", "ln1"), "ln1 is used twice"],
    [
      "dropout in evaluation",
      "if (!this.training || p === 0) return x;",
      "",
      "dropout is on in evaluation",
    ],
    ["nothing zeroed", zeroed, "return x", "nothing is zeroed"],
    [
      "no scale",
      zeroed,
      "return dropout(x, p, generator).mul(1 - p)",
      "is not scaled by 1 / (1 - p)",
    ],
    [
      "Math.random()",
      zeroed,
      "return x.mul(tf.tensor(Array.from({ length: x.size }, () => Math.random() < p ? 0 : 1 / (1 - p)), x.shape))",
      "Math.random() was called",
    ],
  ],
};
for (const [name, wrongs] of Object.entries(mistakes) as [ExerciseName, Wrong[]][]) {
  for (const [what, line, wrong, says] of wrongs) {
    test(`${name}: ${what}: that is told`, [...needs], async () => {
      const solution = exerciseText(name, true);
      assertStringIncludes(solution, line);
      const { wrong: told } = await check(name, solution.replace(line, () => wrong));
      assertStringIncludes(told ?? "", says);
    });
  }
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
