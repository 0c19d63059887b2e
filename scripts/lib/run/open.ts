/**
 * Opening a run: all that it needs before its model is built, from the flags' values and the files.
 *
 * @module
 */
import {
  checkBlockSize,
  type Corpus,
  type Order,
  removePartial,
  type Split,
  splitData,
  type Stage,
  type Trainer,
  TrainingResults,
  UserError,
  Vocabulary,
  withTestPart,
} from "@hugo-lab/model";
import { countOf } from "../task/lines.ts";
import { notify } from "../task/notices.ts";
import { encodePrompt } from "../task/prompt.ts";
import { Signals } from "../task/signals.ts";
import { Checkpoints, type Start } from "./checkpoints.ts";
import { corpusOf, resultsRoot } from "./corpus.ts";
import { Dump } from "./dump.ts";
import { choosePrompt } from "./prompt.ts";
import type { RunValues } from "./flags.ts";
import { newIdentity } from "./identity.ts";
import { FolderLock } from "./lock.ts";
import { infoOf, settingsOf } from "./settings.ts";

/** What differs where one task makes several runs, as bigram does. */
export interface RunOptions {
  /** How the vocabulary is numbered. */
  order?: Order;
  /** A column more in the CSV files: the run's length. */
  extra?: string[];
}

/** A task's runs of one stage, in one folder on one text. */
export class OpenRun {
  /** The first of the runs that is to be made: others were before a --resume. */
  first = 0;

  private constructor(
    readonly stage: Stage,
    readonly runs: readonly Stage[],
    readonly values: RunValues,
    readonly corpus: Corpus,
    readonly vocabulary: Vocabulary,
    readonly data: Split,
    /** What the samples continue. */
    readonly prompt: Int32Array,
    readonly folder: string,
    readonly results: TrainingResults,
    readonly checkpoints: Checkpoints,
    readonly signals: Signals,
    readonly lock: Disposable,
  ) {}

  /**
   * Reads the text, prepares the folder and looks for the checkpoint to go on from.
   *
   * @param runs the stage, or bigram's with their lengths
   * @throws {UserError} if something does not go together, before anything is written
   */
  static async open(
    stage: Stage,
    runs: readonly Stage[],
    values: RunValues,
    { order = "code point", extra = [] }: RunOptions = {},
  ): Promise<OpenRun> {
    if (values.resume && values.dump) {
      throw new UserError("--dump shows a run's beginning: leave out --resume, or --dump");
    }
    using opened = new DisposableStack();
    const signals = opened.use(new Signals());
    const corpus = await corpusOf(values);
    const vocabulary = Vocabulary.of(corpus.text, order);
    const split = splitData(vocabulary.encode(corpus.text));
    const data = stage.training.testPart ? withTestPart(split) : split;
    checkBlockSize(data, stage.model.blockSize);
    const text = choosePrompt(vocabulary, {
      given: values.prompt,
      usual: stage.training.prompt,
      first: corpus.text.at(0),
    }, notify(values));
    const prompt = encodePrompt(vocabulary, text);
    const prompted = (one: Stage): Stage => ({
      ...one,
      training: { ...one.training, prompt: text },
    });
    const folder = `${resultsRoot(values, corpus)}/${stage.name}`;
    const results = new TrainingResults(folder, extra);
    const lock = opened.use(await FolderLock.take(folder));
    await removePartial(folder);
    const info = infoOf(stage, vocabulary);
    const settings = settingsOf(runs[0], runs.length, corpus, vocabulary);
    const identity = await newIdentity(stage.name, settings);
    const checkpoints = new Checkpoints(lock, results, info, identity, notify(values));
    const run = new OpenRun(
      ...[prompted(stage), runs.map(prompted), values, corpus, vocabulary, data] as const,
      ...[prompt, folder, results, checkpoints, signals, lock] as const,
    );
    await run.#resume();
    await signals.ready;
    opened.move();
    return run;
  }

  async #resume(): Promise<void> {
    if (!this.values.resume) return;
    const saved = await this.checkpoints.load();
    const index = this.runs.findIndex(({ training }) => training.iters === saved?.iters);
    this.first = this.runs.length > 1 ? Math.max(0, index) : 0;
    const run = this.runs[this.first];
    await this.checkpoints.check(this.settings(run), run.training.iters);
  }

  /** What must be the same for one of the runs to go on. */
  settings(run: Stage): Record<string, unknown> {
    return settingsOf(run, this.runs.length, this.corpus, this.vocabulary);
  }

  /** Begins one of the runs, or goes on with it. */
  async begin(run: Stage, trainer: Trainer): Promise<Start> {
    const start = await this.checkpoints.begin(trainer, this.settings(run));
    const isFirst = run.training.iters === this.runs[this.first].training.iters;
    if (this.values.resume && isFirst) this.#sayWhere(start);
    return start;
  }

  #sayWhere({ iteration, iters, isResumed }: Start): void {
    const isLast = this.first === this.runs.length - 1; // bigram has shorter ones before
    const gone = iteration < iters
      ? `going on from iteration ${iteration}`
      : `going on from the end of ${countOf(iters, "iteration")}` +
        (isLast ? ": more --iters extend the run" : "");
    const afresh = `no checkpoint in ${this.folder}: starting afresh`;
    notify(this.values)(isResumed ? gone : afresh);
  }

  /** What `--dump` has one of the runs write. */
  dump(run: Stage): Dump | undefined {
    return this.values.dump === undefined ? undefined : new Dump(this.values.dump, run);
  }

  /** Gives the folder back and stops listening to signals. */
  [Symbol.dispose](): void {
    this.lock[Symbol.dispose]();
    this.signals[Symbol.dispose]();
  }
}
