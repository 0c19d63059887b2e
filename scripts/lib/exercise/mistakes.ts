/**
 * Typical wrong solutions, each with the sentence for whoever made the same mistake.
 *
 * An answer that equals the mistaken class's answer to the same question was made the same way.
 *
 * @module
 */
import * as tf from "@hugo-lab/model/tf";
import * as model from "@hugo-lab/model";
import type { ExerciseName } from "./catalogue.ts";
import type { Variant } from "./accepted.ts";

/** A mistake: a way to write something wrong, and the sentence for it. */
export interface Mistake extends Variant {
  /** The sentence. */
  says: string;
}

/** The mistakes of each exercise. */
export const mistakes: Record<ExerciseName, Mistake[]> = {
  stats: [
    {
      what: "countCharacters",
      says: "the characters come as they appear; the most frequent comes first",
      lab: { countCharacters: (characters) => counted(characters, () => 0) },
    },
    {
      what: "countCharacters",
      says: "the rarest comes first; sort the other way",
      lab: { countCharacters: (characters) => counted(characters, (a, b) => a - b) },
    },
    {
      what: "countCharacters",
      says: "sorted by character; sort by the counts",
      lab: {
        countCharacters: (characters) =>
          new Map([...counted(characters, () => 0)].sort(([a], [b]) => a < b ? -1 : 1)),
      },
    },
    {
      what: "countCharacters",
      says: "each count is one too few; the first time counts as 1",
      lab: { countCharacters: (characters) => changed(characters, (n) => n - 1) },
    },
    {
      what: "countCharacters",
      says: "every count is 1; add to what is there",
      lab: {
        countCharacters: (characters) => changed(counted(characters, () => 0).keys(), (n) => n),
      },
    },
    {
      what: "countCharacters of a random text",
      says:
        "characters are cut in two: some take two places in a string, so take them as they come",
      lab: {
        countCharacters: (characters) => model.countCharacters([...characters].join("").split("")),
      },
    },
  ],

  split: [
    {
      what: "splitData",
      says: "the first 90 % are to train on, the rest to validate: these are swapped",
      lab: {
        splitData: (data) => {
          const { train, val } = model.splitData(data);
          return { train: val, val: train };
        },
      },
    },
    {
      what: "splitData",
      says: "the last 90 % are trained on; take the first",
      lab: {
        splitData: (data) => {
          const start = data.length - Math.floor(0.9 * data.length);
          return { train: data.subarray(start), val: data.subarray(0, start) };
        },
      },
    },
    {
      what: "splitData",
      says: "90 % of 15 is rounded up; round it down",
      lab: {
        splitData: (data) => {
          const end = Math.ceil(0.9 * data.length);
          return { train: data.subarray(0, end), val: data.subarray(end) };
        },
      },
    },
    {
      what: "getBatch's y",
      says: "y is the same as x; each target is the character one further on",
      lab: {
        getBatch: (...args) => {
          const batch = model.getBatch(...args);
          return { ...batch, y: batch.x };
        },
      },
    },
    {
      what: "getBatch's x",
      says: "a window begins at one of data.length - blockSize places",
      lab: {
        getBatch: (data, B, T, generator) => {
          const longer = Int32Array.from({ length: data.length + T }, (_, i) => data[i] ?? 0);
          return model.getBatch(longer, B, T, generator);
        },
      },
    },
    {
      what: "getBatch's x",
      says:
        "the last window is left out: randint(n) draws from 0 to n - 1, and a window may begin " +
        "at any of data.length - blockSize places",
      lab: {
        getBatch: (data, ...sizes) => model.getBatch(data.subarray(0, -1), ...sizes),
      },
    },
    {
      what: "getBatch's x",
      says: "every window is the same; draw a starting point for each",
      lab: {
        getBatch: (data, B, T, generator) => {
          const { x, y } = model.getBatch(data, 1, T, generator);
          const repeat = (values: Int32Array) =>
            Int32Array.from({ length: B * T }, (_, i) => values[i % T]);
          return { x: repeat(x), y: repeat(y), shape: [B, T] };
        },
      },
    },
  ],

  bigram: [
    loss(
      "the losses are added up; take their mean",
      (logits, targets) => model.crossEntropy(logits, targets).mul(targets.size),
    ),
    loss(
      "cross entropy takes scores, not their softmax",
      (logits, targets) => model.crossEntropy(tf.softmax(logits), targets),
    ),
    loss(
      "the sign is wrong: the loss is minus the mean logarithm",
      (logits, targets) => model.crossEntropy(logits, targets).neg(),
    ),
    {
      what: "BigramLanguageModel.loss",
      says: "the loss is of each window's last position only; every position has a target",
      lab: {
        BigramLanguageModel: class extends model.BigramLanguageModel {
          override loss(idx: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
            const [B, T] = idx.shape;
            const last = (x: tf.Tensor2D) => x.slice([0, T - 1], [B, 1]); // (B, 1)
            return super.loss(last(idx), last(targets));
          }
        },
      },
    },
    {
      what: "BigramLanguageModel.loss",
      says: "the scores are compared with idx; compare them with the targets",
      lab: {
        BigramLanguageModel: class extends model.BigramLanguageModel {
          override loss(idx: tf.Tensor2D): tf.Scalar {
            return super.loss(idx, idx);
          }
        },
      },
    },
  ],

  single_head: [
    head(
      "the scale headSize ** -0.5 is missing",
      (q, k) => model.softmax(model.maskFuture(product(q, k))),
    ),
    head("the scale is that of nEmbd; it is headSize ** -0.5", (q, k, { key }) => {
      const [, nEmbd] = key.weight.shape;
      return model.softmax(model.maskFuture(product(q, k).mul(nEmbd ** -0.5)));
    }),
    head(
      "the scores are divided by headSize; by its square root",
      (q, k, { headSize }) => model.softmax(model.maskFuture(product(q, k).div(headSize))),
    ),
    head(
      "the softmax is over the wrong axis; take it over the last",
      (q, k, { headSize }) => softmaxOver1(model.maskFuture(scores(q, k, headSize))),
    ),
    head(
      "the softmax is over the wrong axis, and the scale is missing",
      (q, k) => softmaxOver1(model.maskFuture(product(q, k))),
    ),
    head(
      "the softmax is over the wrong axis; take it over the last",
      (q, k, { headSize }) => tf.softmax(model.maskFuture(scores(q, k, headSize)), 1),
    ),
    head(
      "the mask is missing: maskFuture() before the softmax",
      (q, k, { headSize }) => model.softmax(scores(q, k, headSize)),
    ),
    head("the mask and the scale are missing", (q, k) => model.softmax(product(q, k))),
    head(
      "the mask comes before the softmax, not behind it",
      (q, k, { headSize }) => tf.linalg.bandPart(model.softmax(scores(q, k, headSize)), -1, 0),
    ),
    head(
      "the scale comes before the softmax, not behind it",
      (q, k, { headSize }) => model.softmax(model.maskFuture(product(q, k))).mul(headSize ** -0.5),
    ),
    head(
      "the future is masked with zeros, and e to the 0 is 1; a score of -Infinity has the weight 0",
      (q, k, { headSize }) => model.softmax(tf.linalg.bandPart(scores(q, k, headSize), -1, 0)),
    ),
    head(
      "the softmax is missing",
      (q, k, { headSize }) => model.maskFuture(scores(q, k, headSize)),
    ),
    head(
      "query and key are swapped",
      (q, k, { headSize }) => model.softmax(model.maskFuture(scores(k, q, headSize))),
    ),
    head("the keys must be transposed: tf.matMul(q, k, false, true)", (q, k) => tf.matMul(q, k)),
    {
      what: "Head.forward",
      says: "the weights are of x itself; they multiply the values, this.value of x",
      lab: {
        Head: class extends model.Head {
          override forward(x: tf.Tensor3D): tf.Tensor3D {
            return tf.matMul(this.weights(x), x);
          }
        },
      },
    },
    dropping(
      "dropout is missing: it comes on the weights, before they multiply the values",
      (head, x) => tf.matMul(head.weights(x), head.value.forward(x)),
    ),
    dropping(
      "dropout is on what comes out; it comes on the weights, before they multiply the values",
      (head, x) => head.dropout.forward(tf.matMul(head.weights(x), head.value.forward(x))),
    ),
  ],

  multi_head: [
    {
      what: "new MultiHeadAttention",
      says: "it is one head, nHead times; each has weights of its own: make a new Head for each",
      lab: {
        MultiHeadAttention: class extends model.MultiHeadAttention {
          constructor(nEmbd: number, nHead: number, options: model.AttentionOptions) {
            super(nEmbd, nHead, options);
            this.heads.fill(this.heads[0]);
          }
        },
      },
    },
    {
      what: "MultiHeadAttention.forward",
      says: "the first head's answer is there nHead times; ask each head",
      lab: {
        MultiHeadAttention: class extends model.MultiHeadAttention {
          override forward(x: tf.Tensor3D): tf.Tensor3D {
            const answers = this.heads.map(() => this.heads[0].forward(x));
            return this.dropout.forward(this.proj.forward(tf.concat(answers, -1)));
          }
        },
      },
    },
    {
      what: "MultiHeadAttention.forward(x) in training",
      says: "dropout is missing, on what proj gives",
      lab: { MultiHeadAttention: attention((heads, proj) => proj.forward(tf.concat(heads, -1))) },
    },
    joined(
      "the heads are added; concatenate them along the last axis",
      (heads) => heads.reduce((sum, head) => sum.add(head)),
    ),
    joined(
      "the heads are concatenated along axis 1; along the last axis",
      (heads) => tf.concat(heads, 1),
    ),
    joined(
      "the heads are concatenated along axis 0; along the last axis",
      (heads) => tf.concat(heads, 0),
    ),
    joined("the heads are in reverse order", (heads) => tf.concat(heads.toReversed(), -1)),
    {
      what: "MultiHeadAttention.forward",
      says: "the heads are added; concatenate them along the last axis, then comes proj",
      lab: { MultiHeadAttention: attention((heads) => heads.reduce((sum, h) => sum.add(h))) },
    },
    {
      what: "MultiHeadAttention.forward",
      says: "the projection is missing: proj of the concatenated heads",
      lab: { MultiHeadAttention: attention((heads) => tf.concat(heads, -1)) },
    },
  ],

  feed_forward: [
    net(
      "the ReLU is missing behind Linear",
      (layers) => layers.filter((layer) => !(layer instanceof model.ReLU)),
    ),
    net("the ReLU comes before the first Linear; behind it", ([linear, relu, ...rest]) => [
      relu,
      linear,
      ...rest,
    ]),
    net("there is a ReLU at the end; it is only behind the first Linear", (layers) => [
      ...layers,
      new model.ReLU(),
    ]),
  ],

  blocks: [
    block("the computation, ffwd, is missing", (b, x) => b.sa.forward(x)),
    block("the attention, sa, is missing", (b, x) => b.ffwd.forward(x)),
    block(
      "computation comes before attention; behind it",
      (b, x) => b.sa.forward(b.ffwd.forward(x)),
    ),
    block("there are skip connections; they come with blocks_norm", (b, x) => {
      x = x.add(b.sa.forward(x));
      return x.add(b.ffwd.forward(x));
    }),
  ],

  blocks_norm: [
    dropout(
      "dropout is on in evaluation, where it leaves x as it is",
      (x, p, generator) => model.dropout(x, p, generator),
    ),
    dropout("nothing is zeroed", (x) => x),
    dropout(
      "what is left is not scaled by 1 / (1 - p)",
      (x, p, generator) => model.dropout(x, p, generator).mul(1 - p),
    ),
    block(
      "the skip connections are missing: x + …",
      (b, x) => b.ffwd.forward(b.ln2!.forward(b.sa.forward(b.ln1!.forward(x)))),
    ),
    block("the skip connection around attention is missing", (b, x) => {
      x = b.sa.forward(b.ln1!.forward(x));
      return x.add(b.ffwd.forward(b.ln2!.forward(x)));
    }),
    block("the skip connection around the computation is missing", (b, x) => {
      x = x.add(b.sa.forward(b.ln1!.forward(x)));
      return b.ffwd.forward(b.ln2!.forward(x));
    }),
    block("LayerNorm is missing: ln1 before attention, ln2 before the computation", (b, x) => {
      x = x.add(b.sa.forward(x));
      return x.add(b.ffwd.forward(x));
    }),
    block("LayerNorm comes before attention and computation, not behind them", (b, x) => {
      x = b.ln1!.forward(x.add(b.sa.forward(x)));
      return b.ln2!.forward(x.add(b.ffwd.forward(x)));
    }),
    block("ln1 is used twice; ln2 stands before the computation", (b, x) => {
      x = x.add(b.sa.forward(b.ln1!.forward(x)));
      return x.add(b.ffwd.forward(b.ln1!.forward(x)));
    }),
    block(
      "this is the notebook's block; here x itself is not normalized: x + sa(ln1(x))",
      (b, x) => {
        x = b.ln1!.forward(x);
        x = x.add(b.sa.forward(x));
        x = b.ln2!.forward(x);
        return x.add(b.ffwd.forward(x));
      },
    ),
  ],
};

function counted(
  characters: Iterable<string>,
  compare: (a: number, b: number) => number,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const c of characters) counts.set(c, (counts.get(c) ?? 0) + 1);
  return new Map([...counts].sort(([, a], [, b]) => compare(a, b)));
}

function changed(
  characters: Iterable<string>,
  change: (count: number) => number,
): Map<string, number> {
  return new Map([...model.countCharacters(characters)].map(([c, n]) => [c, change(n)]));
}

/** The product of queries and keys, unscaled. */
function product(q: tf.Tensor3D, k: tf.Tensor3D): tf.Tensor3D {
  return tf.matMul(q, k, false, true);
}

function scores(q: tf.Tensor3D, k: tf.Tensor3D, headSize: number): tf.Tensor3D {
  return product(q, k).mul(headSize ** -0.5);
}

function softmaxOver1(x: tf.Tensor3D): tf.Tensor3D {
  return model.softmax(x.transpose<tf.Tensor3D>([0, 2, 1])).transpose([0, 2, 1]);
}

function loss(
  says: string,
  of: (logits: tf.Tensor2D, targets: tf.Tensor1D) => tf.Tensor,
): Mistake {
  class Mistaken extends model.BigramLanguageModel {
    override loss(idx: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
      const logits = this.forward(idx);
      const rows = logits.reshape<tf.Tensor2D>([-1, logits.shape[2]]);
      return of(rows, targets.flatten()) as tf.Scalar;
    }
  }
  return { what: "BigramLanguageModel.loss", says, lab: { BigramLanguageModel: Mistaken } };
}

function head(
  says: string,
  weights: (q: tf.Tensor3D, k: tf.Tensor3D, head: model.Head) => tf.Tensor3D,
): Mistake {
  class Mistaken extends model.Head {
    override weights(x: tf.Tensor3D): tf.Tensor3D {
      return weights(this.query.forward(x), this.key.forward(x), this);
    }
  }
  return { what: "Head.weights", says, lab: { Head: Mistaken } };
}

function dropping(says: string, forward: (head: model.Head, x: tf.Tensor3D) => tf.Tensor3D) {
  class Mistaken extends model.Head {
    override forward(x: tf.Tensor3D): tf.Tensor3D {
      return forward(this, x);
    }
  }
  return { what: "Head.forward(x) in training", says, lab: { Head: Mistaken } };
}

function attention(forward: (heads: tf.Tensor3D[], proj: model.Linear) => tf.Tensor3D) {
  return class extends model.MultiHeadAttention {
    override forward(x: tf.Tensor3D): tf.Tensor3D {
      return forward(this.heads.map((head) => head.forward(x)), this.proj);
    }
  };
}

function joined(says: string, join: (heads: tf.Tensor3D[]) => tf.Tensor3D): Mistake {
  const Mistaken = attention((heads, proj) => proj.forward(join(heads)));
  return { what: "MultiHeadAttention.forward", says, lab: { MultiHeadAttention: Mistaken } };
}

type Layers = (model.Linear | model.ReLU | model.Dropout)[];

function net(says: string, change: (layers: Layers) => Layers): Mistake {
  class Mistaken extends model.FeedForward {
    override forward(x: tf.Tensor3D): tf.Tensor3D {
      return change(this.net).reduce((y, layer) => layer.forward(y), x);
    }
  }
  return { what: "FeedForward.forward", says, lab: { FeedForward: Mistaken } };
}

function block(
  says: string,
  forward: (block: model.Block, x: tf.Tensor3D) => tf.Tensor3D,
): Mistake {
  class Mistaken extends model.Block {
    override forward(x: tf.Tensor3D): tf.Tensor3D {
      return forward(this, x);
    }
  }
  return { what: "Block.forward", says, lab: { Block: Mistaken } };
}

function dropout(
  says: string,
  forward: (x: tf.Tensor, p: number, generator: model.Generator) => tf.Tensor,
): Mistake {
  class Mistaken extends model.Dropout {
    override forward<X extends tf.Tensor>(x: X): X {
      return forward(x, this.options.dropout, this.options.generator!) as X;
    }
  }
  return { what: "Dropout.forward", says, lab: { Dropout: Mistaken } };
}
