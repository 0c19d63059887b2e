/**
 * What the report says of each part of the lab whatever the figures are: what it adds and why, the
 * questions, and where the notebook's code is not what its text says.
 *
 * @module
 */
import type { StageName } from "@hugo-lab/model";

/** A part's words. */
export interface Story {
  /** The argument, as a heading. */
  argument: string;
  /** What it adds, and why. */
  adds: string;
  /** What the lab asks to write, in our words. */
  tasks: string[];
  /** What it asks to answer. */
  questions: string[];
}

/** A stage's words, and what to look at in the model module. */
export interface StageStory extends Story {
  /** In the ladder. */
  what: string;
  /** The classes that it brings. */
  classes: string[];
  /** What is to be known beside the diagram. */
  besideDiagram?: string;
}

/** The parts before the models. */
export const parts: Record<"text" | "attention" | "gpt2", Story> = {
  text: {
    argument: "what there is to learn from",
    adds: "A model of characters reads nothing but numbers: each character of the text gets one. " +
      "The first nine tenths are for training; the last tenth is kept aside, so that the loss on " +
      "it tells what was learned and not what was remembered.",
    tasks: [
      "Count the characters of the text, and number them.",
      "Cut the numbers into the first 90 % and the rest.",
      "Draw a batch: windows that begin at random places, and the same windows moved on by one.",
    ],
    questions: [
      "How many different characters has the text, and how often does each occur? Which ones " +
      "will a model hardly ever see?",
      "Why are the two parts cut in order, and not by lines drawn at random?",
      "A window of T characters gives T examples, not one. Why must the target be the window " +
      "moved on by one character?",
    ],
  },
  attention: {
    argument: "looking back, never ahead",
    adds: "Attention lets a position take in what stands before it: each row of weights says how " +
      "much of every character it takes. What comes later is masked, since it is what the model " +
      "is to predict; the softmax then makes each row sum to 1.",
    tasks: [
      "Make the triangle of equal weights twice: by dividing, and by masking before a softmax.",
      "Compute one head on random numbers: keys, queries and values by linear layers, the scaled products, the mask, the softmax, and the weighted sum of the values.",
    ],
    questions: [
      "Masking with −∞ before a softmax over equal scores: does it give the same triangle as " +
      "dividing each row of ones by its sum?",
      "Along which axis does the softmax go? What would the columns' sums be then, and what the " +
      "rows'?",
    ],
  },
  gpt2: {
    argument: "the same parts, larger",
    adds: "What separates the lab's models from the published ones is size: of the context, of " +
      "the vectors, of the number of blocks, and of the text.",
    tasks: [],
    questions: [
      "Which of these numbers grows most from the lab's models to GPT-2? Which part of the model " +
      "holds most of the parameters at each size?",
    ],
  },
};

/** The stages. */
export const stories: Record<StageName, StageStory> = {
  bigram: {
    what: "a table of what follows what",
    argument: "the next character from the last one alone",
    adds: "The simplest model that can be trained: a table with a row of scores for each " +
      "character. It remembers nothing but the character just read, so it sets the mark that " +
      "every model with a memory has to beat.",
    tasks: [
      "Write the model: the table as an embedding, the scores of a batch, and the cross entropy with the targets.",
      "Let it write 100 characters from a line's end on, before and after training.",
    ],
    questions: [
      "How does the text look before training, and after 100, 1,000 and 10,000 iterations? Note " +
      "the losses and the texts. What has the model learned first?",
      "Before training the loss should be near that of guessing. Is it, and why is it a little " +
      "higher?",
    ],
    classes: ["BigramLanguageModel"],
  },
  single_head: {
    what: "one attention head",
    argument: "a memory: one head looks back",
    adds: "Each position asks with a query, each one before it answers with a key, and what the " +
      "answers carry, their values, is added up by how well question and answer agree. The " +
      "division by √C keeps the scores small, so that the softmax does not pick one character " +
      "from the start.",
    tasks: ["Write the head: its three layers, and what it does with x. Train the model."],
    questions: [
      "What are the training and the validation loss? Does the text look better than bigram's?",
    ],
    classes: ["Head"],
  },
  multi_head: {
    what: "several heads side by side",
    argument: "several heads, several things to look for",
    adds:
      "One head has one way of looking. Several smaller ones, side by side, may each look for " +
      "something else at no greater cost; a projection then mixes what they found.",
    tasks: [
      "Write the heads in a list, put their results side by side and project them. Train the model.",
    ],
    questions: [
      "How many parameters has the model, and which layer accounts for the difference from one " +
      "head? Note the losses.",
    ],
    classes: ["MultiHeadAttention"],
    besideDiagram: "The lab's text expects 9,893 parameters here, as many as with one head: it " +
      "leaves out the projection, which its code has (32 · 32 weights and 32 biases, 1,056).",
  },
  feed_forward: {
    what: "heads, then a computation layer",
    argument: "after looking, thinking",
    adds: "Attention only adds up what was found. A layer with a bend in it, the ReLU, works on " +
      "each position's sum by itself.",
    tasks: ["Write the computation layer, put it behind the heads, and train the model."],
    questions: [
      "How many parameters has the model now? Note the losses: what did the layer bring?",
    ],
    classes: ["FeedForward"],
    besideDiagram: "The lab's text expects 10,949 parameters: again without the projection. The " +
      "layer itself is the same 1,056.",
  },
  blocks: {
    what: "three blocks in a row",
    argument: "deeper is not yet better",
    adds: "A block is attention followed by computation; three of them in a row can work on what " +
      "the one before has worked out. But the signal, and the gradient on its way back, have to " +
      "pass every layer.",
    tasks: ["Write the block, put three of them in a row, and train the model."],
    questions: [
      "How many parameters has the model? Its losses are no lower than with one block: what may " +
      "be the reason?",
    ],
    classes: ["Block"],
    besideDiagram:
      "In the diagram each block's attention ends in a computation layer of its own, " +
      "before the block's: so it is in the notebook's code, whose model has 25,541 parameters. Its " +
      "text expects 19,205: 3 · 1,056 less for these layers, and 3 · 1,056 for the projections.",
  },
  blocks_norm: {
    what: "skip connections, LayerNorm, dropout",
    argument: "a way around every layer",
    adds: "A skip connection adds a layer's input to its output, so that the gradient has a way " +
      "around it. LayerNorm keeps the numbers in one range. Dropout switches values off at random " +
      "while training, so that the model relies on none of them.",
    tasks: [
      "Add the skip connections, a LayerNorm before each part and one behind the last block, and dropout in three places. Train the model.",
    ],
    questions: [
      "How many parameters do the LayerNorms add? Note the losses, and compare them with those of " +
      "the blocks without skip connections.",
      "The loss on the training part is measured without dropout. Why may it be no lower than the " +
      "one on the validation part?",
    ],
    classes: ["Block"],
    besideDiagram: "In the diagram the way around starts behind the LayerNorm: x = ln1(x), then " +
      "x + sa(x). So it is in the notebook's code; its text has x + sa(ln1(x)), as GPT-2, where " +
      "the way around stays free of every layer. Dropout stands before the projection, not " +
      "behind it. The text expects 19,653 parameters, for the reasons given with the blocks.",
  },
  scaled: {
    what: "the same, larger",
    argument: "the same parts, many more numbers",
    adds:
      "More and wider blocks and a longer context are enough to learn words, lines and rhymes; " +
      "where the model is large beside the text, also to learn the training part by heart. The " +
      "notebook's has six blocks, 384 numbers a position and a context of 256 characters.",
    tasks: [],
    questions: [
      "Compare the losses on the two parts. At which step should the training have been stopped?",
    ],
    classes: ["AttentionLanguageModel"],
  },
};
