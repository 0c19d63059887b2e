/**
 * The lab behind the page, in a worker: it trains in turns, looks into the model between two of
 * them, and keeps the run in the browser.
 *
 * @module
 */
import { stringify } from "@std/csv";
import {
  buildModel,
  checkSettings,
  type Corpus,
  corpusFromBytes,
  decodeCheckpoint,
  decodeModel,
  decodeSafetensors,
  type LanguageModel,
  loadWeights,
  type ModelConfig,
  presets,
  type Stage,
  type StageName,
  stages,
  type TensorFile,
  type TrainingConfig,
  trainingOptions,
  useBackend,
  UserError,
  Vocabulary,
  withLineFeeds,
} from "@hugo-lab/model";
import practice from "../../../data/practice_corpus.txt" with { type: "text" };
import { countedPairs } from "../report/text.ts";
import { learnedPairs, type Look, look, type Seen, write, type Writing } from "./look.ts";
import type { TextOffer } from "./settings.ts";
import { type Kept, Store } from "./store.ts";
import { type BatchLoss, readText, type Text, Training } from "./training.ts";
import { isTrouble, type Trouble } from "./trouble.ts";

/** So long works a turn: what the page asks for waits no longer. */
const TURN_MS = 30;
/** So often the page is told how far the run is. */
const TELL_MS = 200;
/** So often a run that goes on is kept. */
const KEEP_MS = 1500;

/** Which text is learned from: the one that the page brings, the practice corpus, or a file. */
export type TextChoice = "page" | "practice" | "own";

/** The stages of the page; "gpt" is the small GPT, the preset quick of the task scaled. */
export type PageStage = Exclude<StageName, "scaled"> | "gpt";

/** The text that the page brings: its bytes, or their address. */
export interface PageText {
  name: string;
  from: string | Uint8Array;
}

/** What the page begins with. */
export interface Beginning {
  stages: Record<PageStage, Stage>;
  texts: TextOffer[];
  /** Whether the browser keeps runs. */
  keeps: boolean;
}

/** How far a run is. */
export interface Progress {
  status: "paused" | "running" | "finished" | "file";
  iteration: number;
  iters: number;
  parameters: number;
  evaluations: { step: number; trainLoss: number; valLoss: number; seconds: number }[];
  batches: BatchLoss[];
  /** The text of the end, prompt included. */
  sample?: string;
  /** The characters that the model knows. */
  vocabulary: readonly string[];
  /** Whether it was taken up again from the browser. */
  isResumed: boolean;
}

/** What a file that was opened is of. */
export interface Opened {
  stage: PageStage;
  model: ModelConfig;
  /** Of a checkpoint. */
  training?: Partial<TrainingConfig>;
}

/** A file for the student. */
export interface SavedFile {
  name: string;
  bytes: Uint8Array;
}

const pageStages: Record<PageStage, Stage> = {
  bigram: {
    ...stages.bigram,
    training: { ...stages.bigram.training, iters: 10000, evalInterval: 1000 },
  },
  single_head: stages.single_head,
  multi_head: stages.multi_head,
  feed_forward: stages.feed_forward,
  blocks: stages.blocks,
  blocks_norm: stages.blocks_norm,
  gpt: presets.quick,
};

const noRun: Trouble = { kind: "no run" };

/** Lets messages come in that are waiting. */
const { port1, port2 } = new MessageChannel();
const resolvers: (() => void)[] = [];
port1.onmessage = () => resolvers.shift()?.();
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    resolvers.push(resolve);
    port2.postMessage(0);
  });
}

/** What the page asks of its worker. */
export class Lab {
  #tell: (progress: Progress) => void = () => {};
  #fail: (trouble: Trouble) => void = () => {};
  #store?: Store;
  #corpora = new Map<TextChoice, Corpus>();
  #text?: Text;
  #textKey = "";
  #training?: Training;
  /** A model from a file of weights, which is looked at and not trained. */
  #file?: Seen & { isResumed?: boolean };
  #key = "";
  #running = false;
  #isResumed = false;
  /** What runs, so that one thing runs at a time. */
  #queue: Promise<unknown> = Promise.resolve();

  /** Begins; `page` is the text that the page brings, if it does. */
  async begin(
    page: PageText | undefined,
    tell: (progress: Progress) => void,
    fail: (trouble: Trouble) => void,
  ): Promise<Beginning> {
    this.#tell = tell;
    this.#fail = fail;
    await useBackend("lab", 1);
    this.#store = await Store.open();
    const encoder = new TextEncoder();
    if (page) {
      const { name, from } = page;
      const bytes = typeof from === "string"
        ? new Uint8Array(await (await fetch(from)).arrayBuffer())
        : from;
      this.#corpora.set("page", await corpusFromBytes(name, bytes));
    }
    this.#corpora.set(
      "practice",
      await corpusFromBytes("practice_corpus", encoder.encode(withLineFeeds(practice))),
    );
    const own = await this.#store?.loadText();
    if (own) this.#corpora.set("own", await corpusFromBytes(own.name, own.bytes));
    return { stages: pageStages, texts: this.#texts(), keeps: this.#store !== undefined };
  }

  #texts(): Beginning["texts"] {
    return [...this.#corpora].map(([choice, { name, isHugo }]) => ({ choice, name, isHugo }));
  }

  /** Takes a text of the student's own. */
  useText(name: string, bytes: Uint8Array): Promise<Beginning["texts"]> {
    return this.#alone(async () => {
      const corpus = await corpusFromBytes(name.replace(/(?<=.)\.[^.]*$/, ""), bytes, name);
      this.#corpora.delete("own");
      this.#corpora.set("own", corpus);
      await this.#store?.saveText(name, bytes);
      return this.#texts();
    });
  }

  /** Opens a run: as the browser has kept it, or at its beginning. Gives whether it was running. */
  async open(stage: Stage, choice: TextChoice): Promise<boolean> {
    await this.pause();
    return await this.#alone(async () => {
      const text = this.#textOf(stage, choice);
      const training = new Training(stage, text);
      this.#replace(training);
      const series = await seriesOf(stage, training.settings);
      const { iters } = stage.training;
      this.#key = `${series}-${iters}`;
      const kept = await this.#store?.loadRun(series, iters);
      if (kept) await this.#takeUp(training, kept);
      if (training.iteration >= iters) await training.turn(0); // the sample anew
      this.#say();
      const wasRunning = kept?.key === this.#key && kept.extra.running;
      return Boolean(this.#isResumed && wasRunning && !training.isFinished);
    });
  }

  async #takeUp(training: Training, { key, files, extra }: Kept): Promise<void> {
    try {
      training.restore(files);
      training.batches = extra.batches.filter(({ step }) => step <= training.iteration);
      this.#isResumed = training.iteration > 0;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      await this.#store?.forgetRun(key); // damaged
    }
  }

  #textOf(stage: Stage, choice: TextChoice): Text {
    const corpus = this.#corpora.get(choice) ?? this.#corpora.get("practice")!;
    const key = `${corpus.sha256} ${stage.model.body === "bigram"}`;
    if (key !== this.#textKey) this.#text = readText(corpus, stage);
    this.#textKey = key;
    return this.#text!;
  }

  #replace(training: Training | undefined): void {
    this.#training?.dispose();
    this.#file?.model.dispose();
    this.#file = undefined;
    this.#training = training;
    this.#isResumed = false;
  }

  /** Begins the run anew. */
  async restart(stage: Stage, choice: TextChoice): Promise<void> {
    await this.pause();
    await this.#alone(async () => {
      const training = new Training(stage, this.#textOf(stage, choice));
      this.#replace(training);
      this.#key = `${await seriesOf(stage, training.settings)}-${stage.training.iters}`;
      await this.#keep(); // a shorter run is not taken up in its place
      this.#say();
    });
  }

  /** Trains until it is told to pause, or to the end. */
  async train(): Promise<void> {
    const training = this.#training;
    if (!training || this.#running || training.isFinished) return;
    this.#running = true;
    let [told, kept] = [0, performance.now()];
    const isLeft = async () => {
      await breathe();
      return !this.#running;
    };
    try {
      while (this.#running && training === this.#training && !training.isFinished) {
        await this.#alone(() => training.turn(TURN_MS, Infinity, isLeft));
        const now = performance.now();
        if (now - told > TELL_MS) {
          told = now;
          this.#say();
        }
        if (now - kept > KEEP_MS) {
          await this.#alone(() => this.#keep());
          kept = performance.now();
        }
        await breathe();
      }
    } catch (error) {
      this.#fail(troubleOf(error));
    }
    training.rest();
    this.#running = false;
    await this.#alone(() => this.#keep()).catch(() => {}); // diverged: the last good one stays
    this.#say();
  }

  /** Pauses behind the turn that goes on. */
  async pause(): Promise<void> {
    this.#running = false;
    await this.#alone(() => {});
  }

  /** One iteration, and the evaluation before it if it is due. */
  async step(): Promise<void> {
    const training = this.#training;
    if (!training || this.#running) return;
    await this.#alone(async () => {
      const before = training.iteration;
      while (training.iteration === before && !training.isFinished) await training.turn(0, 1);
      training.rest();
      await this.#keep();
      this.#say();
    });
  }

  /** A text by the model as it is now. */
  write(writing: Writing): Promise<string> {
    return this.#alone(() => write(this.#seen(), writing));
  }

  /** What the model makes of a prompt now. */
  look(prompt: string): Promise<Look> {
    return this.#alone(() => look(this.#seen(), prompt));
  }

  /** Bigram's table, and the same as counted in the text, for the most frequent characters. */
  pairs(count: number): Promise<
    { characters: string[]; learned: number[][]; counted: number[][] } | undefined
  > {
    return this.#alone(async () => {
      const seen = this.#seen();
      const learned = await learnedPairs(seen);
      if (!learned || !this.#text || this.#file) return undefined;
      const { corpus, data } = this.#text;
      const counts = new Map<number, number>();
      for (const n of data.train) counts.set(n, (counts.get(n) ?? 0) + 1);
      const frequent = [...counts].sort(([, a], [, b]) => b - a).slice(0, count).map(([n]) => n);
      const counted = countedPairs(corpus, seen.vocabulary);
      const part = (rows: number[][]) => frequent.map((i) => frequent.map((j) => rows[i][j]));
      return {
        characters: frequent.map((n) => seen.vocabulary.characters[n]),
        learned: part(learned),
        counted: part(counted),
      };
    });
  }

  /** The files of the run, as a task writes them. */
  files(): Promise<SavedFile[]> {
    return this.#alone(async () => {
      const training = this.#training;
      if (!training) throw noRun;
      const encoder = new TextEncoder();
      const csv = (name: "losses" | "samples") => {
        const { columns, rows } = training.table(name);
        return { name: `${name}.csv`, bytes: encoder.encode(stringify([columns, ...rows])) };
      };
      return [
        csv("losses"),
        csv("samples"),
        { name: "checkpoint.safetensors", bytes: (await training.files()).checkpoint },
        { name: "final.safetensors", bytes: await training.weights() },
      ];
    });
  }

  /**
   * Opens a checkpoint or weights that a task or the page has saved. A checkpoint of the text in use
   * is a run to go on with; everything else is a model to look at.
   */
  async load(bytes: Uint8Array, choice: TextChoice): Promise<Opened> {
    await this.pause();
    return await this.#alone(async () => {
      const file = decodeSafetensors(bytes);
      return await this.#loadRun(file, bytes, choice) ?? this.#loadModel(file);
    });
  }

  async #loadRun(
    file: TensorFile,
    bytes: Uint8Array,
    choice: TextChoice,
  ): Promise<Opened | undefined> {
    if (!file.metadata.format?.includes("checkpoint")) return undefined;
    const { run } = decodeCheckpoint(file);
    const { stage: name, config } = decodeModel(file);
    const opened = pageStageOf(name, config);
    const base = pageStages[opened];
    const { prompt: _, sampleLength: __, ...asked } = base.training;
    const found = { ...trainingOptions, ...run.settings, iters: run.iters } as TrainingConfig;
    const changed = Object.fromEntries(
      (Object.keys(asked) as (keyof typeof asked)[]).map((key) => [key, found[key]]),
    );
    const stage = { ...base, model: config, training: { ...base.training, ...changed } };
    const training = new Training(stage, this.#textOf(stage, choice));
    try {
      checkSettings(run.settings, training.settings);
      training.restore({ checkpoint: bytes });
    } catch (error) {
      training.dispose();
      if (error instanceof UserError) return undefined; // of another text: to look at
      throw error;
    }
    this.#replace(training);
    this.#isResumed = true;
    this.#key = `${await seriesOf(stage, training.settings)}-${run.iters}`;
    if (training.iteration >= run.iters) await training.turn(0);
    await this.#keep();
    this.#say();
    return { stage: opened, model: config, training: changed };
  }

  #loadModel(file: TensorFile): Opened {
    const { stage, config, vocabulary: characters, weights } = decodeModel(file);
    const vocabulary = new Vocabulary(characters);
    const model: LanguageModel = buildModel(vocabulary.size, { ...config, dropout: 0 });
    loadWeights(model, weights);
    this.#replace(undefined);
    this.#file = { model, vocabulary };
    this.#say();
    return { stage: pageStageOf(stage, config), model: config };
  }

  #seen(): Seen {
    const seen = this.#file ?? this.#training;
    if (!seen) throw noRun;
    return seen;
  }

  /** Runs one thing at a time, and tells what goes wrong as the page can say it. */
  #alone<T>(fn: () => T | Promise<T>): Promise<T> {
    const done = this.#queue.then(fn);
    this.#queue = done.catch(() => {});
    return done.catch((error) => {
      throw troubleOf(error);
    });
  }

  async #keep(): Promise<void> {
    const training = this.#training;
    if (!training || !this.#store) return;
    const { iteration, batches, stage: { training: { iters } } } = training;
    const extra = { iters, iteration, batches, running: this.#running };
    await this.#store.saveRun(this.#key, await training.files(), extra);
  }

  #say(): void {
    const training = this.#training;
    const { model, vocabulary } = this.#seen();
    this.#tell({
      status: !training
        ? "file"
        : training.isFinished
        ? "finished"
        : this.#running
        ? "running"
        : "paused",
      iteration: training?.iteration ?? 0,
      iters: training?.stage.training.iters ?? 0,
      parameters: model.countParameters(),
      evaluations: training?.evaluations ?? [],
      batches: training?.batches ?? [],
      sample: training?.sample,
      vocabulary: vocabulary.characters,
      isResumed: this.#isResumed,
    });
  }
}

/** What runs in the browser have in common of which a longer one goes on from a shorter one. */
async function seriesOf(stage: Stage, settings: Record<string, unknown>): Promise<string> {
  const { prompt, sampleLength } = stage.training;
  const text = JSON.stringify([stage.name, prompt, sampleLength, settings]);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `${stage.name}-${new Uint8Array(digest).toHex().slice(0, 16)}`;
}

/** Where a model belongs: every GPT that is none of the stages' is the small GPT's. */
function pageStageOf(name: StageName, { body }: ModelConfig): PageStage {
  if (name !== "scaled" && Object.hasOwn(pageStages, name)) return name as PageStage;
  return body === "bigram" ? "bigram" : "gpt";
}

function troubleOf(error: unknown): Trouble {
  if (isTrouble(error)) return error;
  if (error instanceof UserError && error.facts) return error.facts;
  return { kind: "other", message: error instanceof Error ? error.message : String(error) };
}
