/** The page in English. @module */
import { englishWords } from "../../report/diagram_words.ts";
import { label } from "../../report/text.ts";
import type { Texts } from "./texts.ts";

/** The texts. */
export const en: Texts = {
  name: "English",
  locale: "en",
  title: "The Hugo lab",
  subtitle: "Learn how GPT-2 works by training it here, one part after the other.",
  privacy: "Everything is computed in this tab: no text leaves your computer.",
  stagesLabel: "Stages",
  languageLabel: "Language",
  stages: {
    bigram: {
      title: "Bigram",
      adds: [
        "The simplest language model: the next character depends on the current one alone. The " +
        "model is one table with a row for each character and in it a score for every character " +
        "that may follow.",
        "A softmax turns a row of scores into chances, and training moves the scores until the " +
        "characters that do follow have been likely. The loss is the mean of −log of the chance " +
        "that the right character had.",
      ],
      notice: [
        "At first the loss is a little above that of guessing all characters alike, since the " +
        "table is random.",
        "After training, the table is close to what counting the pairs gives at once: see both above.",
        "The text has the letters of French, but no words: the model forgets everything but one character.",
      ],
      question:
        "Which loss would a model have that guesses every character alike? What has it learned?",
      answer: ({ guess, first, val, step }) =>
        `Guessing alike costs the logarithm of the number of characters, ${guess}. The random table ` +
        `began at ${first}, and at step ${step} the validation loss is ${val}: which character ` +
        "follows which is learned, and nothing beyond.",
    },
    single_head: {
      title: "One attention head",
      adds: [
        "Now the model looks back. Each position sends out a query, what it looks for, and each " +
        "position before it has a key, what it offers. Their product, scaled and put through a " +
        "softmax, says how much of each earlier position's value is taken over.",
        "The future is masked, so a position sees itself and what came before. A second table " +
        "tells the model where a character stands.",
      ],
      notice: [
        "The picture of the head is a triangle: the upper half is the masked future. Each row adds up to 1.",
        "Words begin to have the length of French words, with spaces and apostrophes in their places.",
        "The validation loss ends above the training loss: the text's last tenth is not like the rest.",
      ],
      question:
        "What are the training and validation losses? Is the text better than the bigram model's?",
      answer: ({ train, val, step, parameters }) =>
        `At step ${step} this run has ${train} on the training part and ${val} on the validation ` +
        `part, with ${parameters} parameters. A context of eight characters gives syllables and ` +
        "line ends; sense would need more.",
    },
    multi_head: {
      title: "Several heads",
      adds: [
        "One head has one way of looking. Here several smaller ones look at the same time: one may " +
        "find the last vowel, another the beginning of the word. What they bring is laid side by " +
        "side, and a linear layer, the projection, mixes it.",
        "Four heads of 8 numbers have as many weights as one of 32; only the projection is new.",
      ],
      notice: [
        "The heads differ: compare their pictures for one prompt.",
        "The loss falls faster than with one head and ends lower, for a thousand parameters more.",
      ],
      question:
        "How many parameters are there, and which losses? What do the heads add at the same size?",
      answer: ({ parameters, train, val, step, notebook }) =>
        `${parameters} parameters; at step ${step} the losses are ${train} and ${val}` +
        (notebook ? ` (the notebook's run ends at ${notebook} on the validation part)` : "") +
        ". Several small views and their mixture are worth more than one large view.",
    },
    feed_forward: {
      title: "Computation",
      adds: [
        "Attention only gathers: its output is a mixture of values. The computation layer lets " +
        "each position think about what it has gathered: a linear layer and ReLU, which cuts off " +
        "what is negative.",
        "It works on each position by itself, with the same weights for all of them.",
      ],
      notice: [
        "ReLU is the first part that is not smooth: from here on the rounding of the last digit " +
        "grows in training, so figures leave the notebook's after some hundred steps.",
        "The gain over the heads alone is small here; deep models live by it.",
      ],
      question: "What does the layer after attention change in parameters and losses?",
      answer: ({ parameters, train, val, step }) =>
        `There are ${parameters} parameters, 1056 more than with the heads alone in the lab's ` +
        `sizes. At step ${step} the losses are ${train} and ${val}.`,
    },
    blocks: {
      title: "Three blocks",
      adds: [
        "Attention and computation make a block, and blocks are stacked: the second looks at what " +
        "the first has made of the text. That is all a deep language model is.",
        "Stacked plainly, the signal and its gradient go through many layers, and training gets slow.",
      ],
      notice: [
        "It has more than twice the parameters of the stage before, and its loss is higher.",
        "The curve lies flat at first: the gradient hardly reaches the first block.",
      ],
      question: "Why is a deeper model worse here than one block, after as many iterations?",
      answer: ({ parameters, val, step, first }) =>
        `With ${parameters} parameters the validation loss goes from ${first} to ${val} at step ` +
        `${step}. Nothing is wrong with the model: it trains slowly, since every layer stands in the ` +
        "gradient's way. The next stage opens a way past them.",
    },
    blocks_norm: {
      title: "Skip and norm",
      adds: [
        "Three things make depth work. Skip connections add a part's input to its output, so the " +
        "gradient has a free way. LayerNorm brings each position's numbers to mean 0 and variance 1. " +
        "Dropout zeroes numbers at random in training, so that the model relies on none of them.",
        "These are the blocks of GPT-2.",
      ],
      notice: [
        "The flat beginning is gone: compare the first 500 steps with those of the three plain blocks.",
        "With dropout the validation loss may be below the training loss of the batches, which is " +
        "measured with it.",
      ],
      question: "What do skip connections, LayerNorm and dropout change in the losses?",
      answer: ({ parameters, train, val, gap, step }) =>
        `At step ${step} the losses are ${train} and ${val}, ${gap} apart, with ${parameters} ` +
        "parameters: a few hundred more than the plain blocks, and much lower. The same depth now pays.",
    },
    gpt: {
      title: "A small GPT",
      adds: [
        "The same blocks, only larger: 96 numbers a position, a context of 64 characters, and a " +
        "computation layer four times as wide inside, with GELU, a smooth ReLU. GPT-2 has twelve " +
        "blocks, 768 numbers and 1024 tokens, and is built no differently.",
        "The learning rate rises over 50 iterations and then falls along a cosine. It trains for " +
        "some minutes on one core, so let it run and watch the text.",
      ],
      notice: [
        "Words come first, then lines that look like verse: a context of 64 characters spans a line.",
        "Lower the temperature and the text gets safe and repeats itself; raise it and it gets wild.",
      ],
      question: "What is between this model and GPT-2?",
      answer: ({ parameters, val, step }) =>
        `Size and text. This one has ${parameters} parameters and, at step ${step}, a validation loss of ` +
        `${val} on one book, in characters. GPT-2 has up to 1.5 billion parameters, subwords instead ` +
        "of characters, and 40 GB of text; its classes are the ones on this page.",
    },
  },
  fields: {
    seed: "Seed",
    iters: "Iterations",
    batchSize: "Batch",
    blockSize: "Block (context)",
    nEmbd: "Width",
    nHead: "Heads",
    nLayer: "Layers",
    dropout: "Dropout",
    learningRate: "Learning rate",
  },
  panel: {
    title: "Train it",
    train: "Train",
    pause: "Pause",
    step: "One step",
    restart: "Start again",
    settings: "Settings",
    defaults: "The lab's settings",
    status: {
      loading: "Loading …",
      paused: "Paused",
      running: "Training",
      finished: "Trained to the end",
      file: "A file's weights: to look at, not to train",
    },
    resumed: "taken up again where it was left",
    hidden: "It goes on while this tab is in the background; the text then waits.",
    iteration: (done, all) => `iteration ${done} of ${all}`,
    parameters: (count) => `${count} parameters`,
    progress: "Iterations done",
  },
  curve: {
    title: "The loss as it falls",
    iteration: "iteration",
    loss: "loss (nats)",
    train: "training",
    validation: "validation",
    batches: "batches",
    notebookTrain: "notebook, training",
    notebookValidation: "notebook, validation",
    nothing: "The curve begins with the first evaluation: press Train.",
    describe: (name, from, to) => `${name} goes from ${from} to ${to}`,
    table: "Every evaluation",
    tableBeside: "Every evaluation, beside the notebook's",
    notHugo: "The notebook's curve is of Hugo's text and the lab's settings: here it is left out.",
  },
  writing: {
    title: "What it writes now",
    live: "Written by the model as it is now; the prompt comes first.",
    final: "The task's sample, from the run's own generator",
    prompt: "Prompt",
    temperature: "Temperature",
    temperatureNote: "0 takes the likeliest character; above 1 the unlikely get likelier",
    topK: "Top-k",
    all: "all",
    again: "Write again",
  },
  inside: {
    title: "Look inside",
    note: "What the model makes of your prompt above, of its last 16 characters at most.",
    next: "The next character",
    heads: "What each head attends to",
    head: (block, head) => block === undefined ? `head ${head}` : `block ${block}, head ${head}`,
    row: "character",
    column: "attends to",
    keys: "Point at a cell, or use the arrow keys.",
    value: (row, column, value) => `${row} attends to ${column}: ${value}`,
    pairs: "The table: what follows what",
    learned: "Learned by training",
    counted: "Counted in the text",
    pairsNote:
      "The 24 most frequent characters; full colour means half of the time or more. Counting gives " +
      "at once what training comes near to.",
    pairRow: "character",
    pairColumn: "what follows it",
  },
  parts: "How it is built",
  architecture: "Its parts, with shapes",
  source: "The class itself",
  sourceNote: (file) => `From ${file}: the very code that trains here.`,
  noticeTitle: "What to notice",
  questionTitle: "The lab's question",
  answerTitle: "The answer, by this run",
  answerLater: "Train first: the answer uses this run's own figures.",
  data: {
    title: "Text and files",
    text: "Text to learn from",
    choices: {
      page: (name) => name === "hugo_contemplations" ? "Hugo, Les Contemplations" : name,
      practice: "the practice corpus (short)",
      own: (name) => `your file: ${name}`,
    },
    drop: "Drop a text file here, or a .safetensors file of the lab; or choose one:",
    save: "Save this run",
    saveNote: (folder) => `checkpoint.safetensors in ${folder}/ goes on with: `,
    openNote: "A checkpoint of this text goes on here; weights of a task are looked at.",
    opened: (name) => `${name} is open`,
    keeps: "This browser keeps every run, also when you reload.",
    keepsNot: "This browser keeps nothing for this page: save the run before you leave.",
  },
  nextStage: (title) => `Next: ${title}`,
  link: "Copy a link to these settings",
  copied: "The link is copied",
  diagram: englishWords,
  ofFile: (file, error) => `${file}: ${error}`,
  errors: {
    diverged: ({ iteration, learningRate }) =>
      `The loss is no number any more since iteration ${number(iteration)}: try a smaller ` +
      `learning rate than ${number(learningRate)}, then Start again`,
    "unknown character": ({ character, size }) =>
      `${shown(character)} is not among the ${size} characters of the text: leave it out`,
    "short part": ({ blockSize, characters }) =>
      `The text is too short: a block of ${
        number(blockSize)
      } needs more characters in the training ` +
      `and in the validation part, and the shorter one has ${
        number(characters)
      }. Choose a smaller ` +
      "block or a longer text",
    "empty text": () => "This text is empty: give a longer one",
    "no UTF-8 text": () => "This is no UTF-8 text: save it in UTF-8 and try again",
    "UTF-16 text": () => "This text is in UTF-16: save it in UTF-8 and try again",
    "one character": ({ character }) =>
      `This text has one character only, ${shown(character)}: give one of at least two`,
    memory: ({ needs, has }) =>
      `This run needs about ${gib(needs)} GiB of memory, and there are ${
        gib(has)
      }: choose a smaller ` +
      "batch, block or width, or fewer layers",
    "no safetensors": () => "This is no safetensors file, or it is damaged",
    "damaged file": () => "This file was altered or damaged: save it anew where it comes from",
    "foreign file": () => "This safetensors file is not one of the lab's",
    heads: () => "The width must be a multiple of the heads",
    "no run": () => "A file's weights are open, and there is no run: choose Start again",
    range: ({ field, low, high }) =>
      `${en.fields[field]}: a number from ${number(low)} to ${number(high)}`,
    "large file": ({ limit }) => `This file is too large: at most ${limit} GiB are read`,
    browser: ({ message }) => `This browser cannot run the lab: ${message}`,
    other: ({ message }) => message,
  },
};

const number = (n: number) => n.toLocaleString("en", { maximumSignificantDigits: 10 });
const gib = (n: number) => n.toLocaleString("en", { maximumFractionDigits: 1 });
const shown = (character: string) => `“${label(character)}”`;
