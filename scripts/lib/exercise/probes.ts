/**
 * What is looked at in an exercise: the same questions to a student's classes and to the lab's own.
 *
 * Here nothing is judged; that is in `diagnosis.ts`.
 *
 * @module
 */
import * as tf from "@hugo-lab/model/tf";
import { firstLine } from "@hugo-lab/model";
import type * as model from "@hugo-lab/model";
import type { ExerciseName } from "./catalogue.ts";

/** The model module, or one with some of its parts replaced by a student's. */
export type Lab = typeof model;

/** One question; asked in order, since later ones use what earlier ones built. */
export interface Probe {
  /** What is looked at, as a sentence begins. */
  what: string;
  /** Tensors by name, one tensor, or what JSON can say. */
  look(): unknown;
}

/** A tensor's values under its name, "" if it is the only one. */
export interface Part {
  name: string;
  shape: number[];
  values: Float32Array | Int32Array;
}

/** What came of a question; `random` if Math.random() was called for it. */
export type Seen = ({ parts: Part[] } | { text: string } | { error: string }) & {
  random?: boolean;
};

/** Asks a question. */
export async function see(probe: Probe): Promise<Seen> {
  try {
    const answer = await probe.look();
    if (answer instanceof tf.Tensor) return { parts: [await partOf("", answer)] };
    if (!(answer instanceof Map)) return { text: JSON.stringify(answer) ?? String(answer) };
    const parts: Part[] = [];
    for (const [name, tensor] of answer) parts.push(await partOf(name, tensor));
    return { parts };
  } catch (error) {
    return { error: firstLine(error) };
  }
}

async function partOf(name: string, tensor: tf.Tensor): Promise<Part> {
  const values = await tensor.data<"float32" | "int32">();
  return { name, shape: [...tensor.shape], values: values.slice() };
}

const [B, T, C, HEAD_SIZE, HEADS, VOCABULARY] = [4, 8, 32, 16, 4, 11];
const plain = { dropout: 0 };
/** Enough zeroes to see where dropout stands. */
const DROPOUT = 0.5;

/** The questions of an exercise, on numbers drawn from the seed. */
export function probesOf(name: ExerciseName, lab: Lab, seed: number): Probe[] {
  const draw = () => new lab.Generator(seed);
  const x = () => tf.tensor3d(draw().normal(B * T * C), [B, T, C]);
  return questions[name](lab, draw, x);
}

type Questions = (lab: Lab, draw: () => model.Generator, x: () => tf.Tensor3D) => Probe[];

const questions: Record<ExerciseName, Questions> = {
  stats: (lab, draw) => [
    ask('countCharacters([..."bcacc"])', () => [...lab.countCharacters([..."bcacc"])]),
    ask("countCharacters of a random text", () => {
      const g = draw();
      const text = Array.from({ length: 300 }, () => String.fromCodePoint(0x1f600 + g.randint(40)));
      return [...lab.countCharacters(text)];
    }),
  ],

  split: (lab, draw) => {
    const data = (length: number) => Int32Array.from({ length }, (_, i) => 100 + i);
    const batch = () => lab.getBatch(data(60), B, T, draw());
    return [
      ask("splitData of 100, 101, … 114", () => {
        const { train, val } = lab.splitData(data(15));
        return { train: [...train], val: [...val] };
      }),
      ask("getBatch's shape", () => batch().shape),
      ask("getBatch's x", () => tf.tensor2d(batch().x, [B, T], "int32")),
      ask("getBatch's y", () => tf.tensor2d(batch().y, [B, T], "int32")),
    ];
  },

  bigram: (lab, draw) => {
    const built = once(() => new lab.BigramLanguageModel(VOCABULARY, T).initialize(draw()));
    const indices = (g: model.Generator) =>
      tf.tensor2d(Array.from({ length: B * T }, () => g.randint(VOCABULARY)), [B, T], "int32");
    const g = draw();
    const [idx, targets] = [indices(g), indices(g)];
    return [
      ask(`new BigramLanguageModel(${VOCABULARY}, ${T})`, () => parametersOf(built())),
      ask("BigramLanguageModel.forward(idx)", () => built().forward(idx)),
      ask("BigramLanguageModel.loss(idx, targets)", () => built().loss(idx, targets)),
    ];
  },

  single_head: (lab, draw, x) => {
    const built = once(() => shaken(new lab.Head(C, HEAD_SIZE, plain), draw()));
    return [
      ask(`new Head(${C}, ${HEAD_SIZE}, options)`, () => parametersOf(built())),
      ask("Head.weights(x)", () => built().weights(x())),
      ask("Head.forward(x)", () => built().forward(x())),
      ask(`Head.forward(x) in training, dropout ${DROPOUT}`, () => {
        const generator = draw();
        const head = new lab.Head(C, HEAD_SIZE, { dropout: DROPOUT, generator });
        return shaken(head, generator).forward(x());
      }),
    ];
  },

  multi_head: (lab, draw, x) => {
    const built = once(() => shaken(new lab.MultiHeadAttention(C, HEADS, plain), draw()));
    return [
      ask(`new MultiHeadAttention(${C}, ${HEADS}, options)`, () => parametersOf(built())),
      ask("MultiHeadAttention.forward(x)", () => built().forward(x())),
      ask(`MultiHeadAttention.forward(x) in training, dropout ${DROPOUT}`, () => {
        const generator = draw();
        const heads = new lab.MultiHeadAttention(C, HEADS, { dropout: DROPOUT, generator });
        return shaken(heads, generator).forward(x());
      }),
    ];
  },

  feed_forward: (lab, draw, x) => {
    const built = once(() => shaken(new lab.FeedForward(C, plain), draw()));
    const wide = once(() => shaken(new lab.FeedForward(C, { ...plain, widening: 4 }), draw()));
    return [
      ask(`new FeedForward(${C}, options)`, () => parametersOf(built())),
      ask("FeedForward.forward(x)", () => built().forward(x())),
      ask(`new FeedForward(${C}, { widening: 4 })`, () => parametersOf(wide())),
      ask("FeedForward.forward(x), widened", () => wide().forward(x())),
    ];
  },

  blocks: (lab, draw, x) => blockQuestions(lab, draw, x, "none"),

  blocks_norm: (lab, draw, x) => {
    const dropout = (training: boolean) => {
      const layer = new lab.Dropout({ dropout: DROPOUT, generator: draw() }).train(training);
      return layer.forward(x());
    };
    return [
      ask("Dropout.forward(x) in evaluation", () => dropout(false)),
      ask("Dropout.forward(x) while training", () => dropout(true)),
      ...blockQuestions(lab, draw, x, "pre-norm"),
      ...blockQuestions(lab, draw, x, "notebook"),
    ];
  },
};

function blockQuestions(
  lab: Lab,
  draw: () => model.Generator,
  x: () => tf.Tensor3D,
  skip: model.BlockOptions["skip"],
): Probe[] {
  const built = once(() => shaken(new lab.Block(C, HEADS, { ...plain, skip }), draw()));
  return [
    ask(`new Block(${C}, ${HEADS}, { skip: "${skip}" })`, () => parametersOf(built())),
    ask(`Block.forward(x), skip "${skip}"`, () => built().forward(x())),
  ];
}

const ask = (what: string, look: () => unknown): Probe => ({ what, look });

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** The module, initialized and moved from there, so that no LayerNorm is left doing nothing. */
function shaken<M extends model.Module>(module: M, generator: model.Generator): M {
  module.initialize(generator);
  for (const [, parameter] of module.namedParameters()) {
    const initial = parameter.value.dataSync<"float32">();
    const moves = generator.uniform(parameter.size, -0.5, 0.5);
    parameter.set(initial.map((value, i) => value + moves[i]));
  }
  return module;
}

function parametersOf(module: model.Module): Map<string, tf.Tensor> {
  return new Map([...module.namedParameters()].map(([name, { value }]) => [name, value]));
}

/** A batch that PyTorch's figures belong to. */
export interface GoldenBatch {
  x: Int32Array;
  y: Int32Array;
  shape: [number, number];
}

/** Exercises that PyTorch's figures are kept for. */
export type GoldenName = Exclude<ExerciseName, "stats" | "split" | "bigram">;

/** Whether PyTorch's figures are kept for it. */
export const isGolden = (name: ExerciseName): name is GoldenName =>
  !["stats", "split", "bigram"].includes(name);

/** A stage's whole model, with the exercise's part in it; without values yet. */
export function modelWith(
  name: GoldenName,
  lab: Lab,
  vocabSize: number,
  generator: model.Generator,
): model.AttentionLanguageModel {
  const { model: config } = lab.stages[name];
  const { nEmbd, nHead, nLayer } = config;
  const options = { ...config, generator };
  const blocks = () => Array.from({ length: nLayer }, () => new lab.Block(nEmbd, nHead, options));
  const parts: Record<GoldenName, () => Partial<model.AttentionLanguageModel>> = {
    single_head: () => ({ saHead: new lab.Head(nEmbd, nEmbd, options) }),
    multi_head: () => ({ saHeads: new lab.MultiHeadAttention(nEmbd, nHead, options) }),
    feed_forward: () => ({ ffwd: new lab.FeedForward(nEmbd, options) }),
    blocks: () => ({ blocks: blocks() }),
    blocks_norm: () => ({ blocks: blocks() }),
  };
  const whole = new lab.AttentionLanguageModel(vocabSize, config, generator);
  return Object.assign(whole, parts[name]());
}

/** PyTorch's vocabulary is Hugo's, whose size is all that matters here. */
const HUGO_VOCABULARY = 101;

/** The whole model of the stage, with the exercise's part in it, at the first training step. */
export function goldenProbes(name: GoldenName, lab: Lab, batch: GoldenBatch): Probe[] {
  const { model: config, training } = lab.stages[name];
  const generator = new lab.Generator(training.seed);
  const built = once(() => modelWith(name, lab, HUGO_VOCABULARY, generator).initialize(generator));
  const [x, y] = [batch.x, batch.y].map((values) => tf.tensor2d(values, batch.shape, "int32"));
  const inspected = once(() => {
    const whole = built(); // first, since it draws
    const draws = training.batchSize * (2 * training.evalIters + 1); // the first evaluation's, too
    for (let i = 0; i < draws; i++) generator.uint32();
    return lab.inspectBatch(whole, x, y);
  });
  const probes = [
    ask(
      `the initial weights of ${name}'s model, seed ${training.seed}`,
      () => parametersOf(built()),
    ),
    ask(
      `the gradients of ${name}'s model in its first step`,
      async () => (await inspected()).gradients,
    ),
  ];
  if (config.dropout > 0) return probes;
  const logits = async () => (await inspected()).logits;
  return [...probes, ask(`the scores of ${name}'s model for its first batch`, logits)];
}
