/**
 * A training run that is made in turns: between two of them it can be paused, looked at and saved.
 * What it computes, and in which order it draws, is what a task does (scripts/lib/run/).
 *
 * @module
 */
import {
  buildModel,
  checkBlockSize,
  checkMemory,
  type Checkpoint,
  type Corpus,
  decodeCheckpoint,
  decodeSafetensors,
  encodeCheckpoint,
  encodeModel,
  type Evaluation,
  formatLoss,
  generate,
  Generator,
  isEvaluated,
  type LanguageModel,
  type ModelInfo,
  modelTensors,
  restoreCheckpoint,
  roomFor,
  type RunState,
  type Split,
  splitData,
  type Stage,
  Trainer,
  UserError,
  Vocabulary,
} from "@hugo-lab/model";
import { choosePrompt } from "../run/prompt.ts";
import { bigramGenerator, idOf, infoOf, settingsOf } from "../run/settings.ts";

/** So many points at most has the curve of the batches' losses. */
const BATCH_POINTS = 200;

/** The mean loss of some batches that were trained on, at the last one's step. */
export interface BatchLoss {
  step: number;
  loss: number;
}

/** A text as a run needs it. */
export interface Text {
  corpus: Corpus;
  vocabulary: Vocabulary;
  data: Split;
}

/** A text in the numbers of a stage's vocabulary. */
export function readText(corpus: Corpus, stage: Stage): Text {
  const order = stage.model.body === "bigram" ? "first appearance" : "code point";
  const vocabulary = Vocabulary.of(corpus.text, order);
  return { corpus, vocabulary, data: splitData(vocabulary.encode(corpus.text)) };
}

/** One run of a stage. */
export class Training {
  readonly vocabulary: Vocabulary;
  readonly model: LanguageModel;
  /** What must be the same for the run to go on. */
  readonly settings: Record<string, unknown>;
  readonly evaluations: (Evaluation & { seconds: number })[] = [];
  /** The losses between the evaluations. */
  batches: BatchLoss[] = [];
  /** The text of the notebook: made once the last iteration is done. */
  sample?: string;
  /** What its sample continues: the stage's prompt, where the text has it. */
  readonly prompt: string;
  readonly #info: ModelInfo;
  readonly #trainer: Trainer;
  #run: RunState;
  #seconds = 0;
  /** The losses since the last point of the curve. */
  #recent: number[] = [];
  /** The checkpoint of the end: drawing the sample moves the generator on. */
  #last?: Uint8Array;

  /**
   * A run at its beginning.
   *
   * @throws {UserError} if the text is too short for the block, or the run needs too much memory
   */
  constructor(readonly stage: Stage, text: Text) {
    const { vocabulary, data, corpus } = text;
    const { model: config, training } = stage;
    checkBlockSize(data, config.blockSize);
    checkMemory({ vocabSize: vocabulary.size, model: config, training }, roomFor("lab"));
    this.vocabulary = vocabulary;
    const prompts = { usual: training.prompt, first: corpus.text.at(0) };
    this.prompt = choosePrompt(vocabulary, prompts, () => {});
    this.#info = infoOf(stage, vocabulary);
    const isBigram = config.body === "bigram";
    const generator = isBigram ? bigramGenerator(stage, data) : new Generator(training.seed);
    this.settings = settingsOf(stage, 1, corpus, vocabulary);
    this.model = buildModel(vocabulary.size, config, generator).initialize(generator);
    this.#trainer = new Trainer(this.model, data, training, generator);
    const { iters } = training;
    const { settings } = this;
    this.#run = { iters, iteration: 0, evaluated: false, bestLoss: null, settings, rows: {} };
  }

  /** How many iterations are done. */
  get iteration(): number {
    return this.#run.iteration;
  }

  /** Whether all is done, the sample too. */
  get isFinished(): boolean {
    return this.sample !== undefined;
  }

  /** The bytes from which {@linkcode Training.restore} and `deno task … --resume` go on. */
  async checkpoint(): Promise<Uint8Array> {
    if (this.#last) return this.#last;
    await this.#trainer.check(); // the last good checkpoint stays
    const run = { ...this.#run, rows: this.#rows() };
    return await encodeCheckpoint(this.#trainer, run, await this.#identified());
  }

  /** The bytes of the weights, as a task's final.safetensors. */
  async weights(): Promise<Uint8Array> {
    return encodeModel(await modelTensors(this.model), await this.#identified());
  }

  /** What the files tell, with the id that all files of the run have. */
  async #identified(): Promise<ModelInfo> {
    this.#info.id ??= await idOf(this.stage.name, this.settings);
    return this.#info;
  }

  /**
   * Goes on from a checkpoint.
   *
   * @throws {UserError} if it is damaged or of another run; nothing is changed then
   */
  restore(bytes: Uint8Array): void {
    const saved: Checkpoint = decodeCheckpoint(decodeSafetensors(bytes));
    const { run } = saved;
    if (run.iteration > this.#run.iters || run.iters !== this.#run.iters) {
      throw new UserError(`it is of a run of ${run.iters} iterations, not ${this.#run.iters}`);
    }
    restoreCheckpoint(this.#trainer, saved, this.settings);
    this.#run = { ...run, rows: {} };
    this.#info.id = saved.id;
    const seconds = new Map((run.rows.timings ?? []).map(([step, s]) => [step, Number(s)]));
    this.evaluations.splice(
      0,
      Infinity,
      ...(run.rows.losses ?? []).map(([step, train, val]) => ({
        step: Number(step),
        trainLoss: Number(train),
        valLoss: Number(val),
        seconds: seconds.get(step) ?? 0,
      })),
    );
    this.#seconds = this.evaluations.at(-1)?.seconds ?? 0;
  }

  /**
   * One turn: an evaluation that is due, or iterations for some milliseconds, or the sample at the
   * end. Nothing is computed differently for it.
   *
   * @param most the most iterations
   * @throws {UserError} if the training diverges
   */
  async turn(milliseconds: number, most = Infinity): Promise<void> {
    const began = performance.now();
    const run = this.#run;
    if (run.iteration >= run.iters) await this.#finish();
    else if (!run.evaluated && this.#isDue(run.iteration)) await this.#evaluate(began);
    else {
      for (let count = 0; count < most && run.iteration < run.iters; count++) {
        const loss = await this.#trainer.step();
        run.iteration++;
        run.evaluated = false;
        this.#note(loss);
        if (this.#isDue(run.iteration) || performance.now() - began > milliseconds) break;
      }
    }
    this.#seconds += (performance.now() - began) / 1000;
  }

  #isDue(step: number): boolean {
    const { training, model } = this.stage;
    if (model.body === "bigram") return step < training.iters && step % training.evalInterval === 0;
    return step < training.iters && isEvaluated(step, training);
  }

  async #evaluate(began: number): Promise<void> {
    const evaluation = await this.#trainer.evaluate();
    const seconds = this.#seconds + (performance.now() - began) / 1000;
    this.evaluations.push({ ...evaluation, seconds });
    this.#run.evaluated = true;
    this.#run.bestLoss = Math.min(this.#run.bestLoss ?? Infinity, evaluation.valLoss);
  }

  async #finish(): Promise<void> {
    if (this.isFinished) return;
    this.#last = await this.checkpoint();
    const { sampleLength } = this.stage.training;
    const start = this.vocabulary.encode(this.prompt);
    let text = this.prompt;
    for await (const n of generate(this.model, this.#trainer.generator, start, sampleLength)) {
      text += this.vocabulary.decode([n]);
    }
    this.sample = text;
  }

  /** Adds a loss to the curve of the batches. */
  #note(loss: number): void {
    this.#recent.push(loss);
    if (this.#run.iteration % Math.ceil(this.#run.iters / BATCH_POINTS) !== 0) return;
    const mean = this.#recent.reduce((a, b) => a + b, 0) / this.#recent.length;
    this.batches.push({ step: this.#run.iteration, loss: mean });
    this.#recent = [];
  }

  /** The rows of losses.csv and samples.csv, each with bigram's column of iterations. */
  table(file: "losses" | "samples"): { columns: string[]; rows: string[][] } {
    const { training: { iters }, model: { body } } = this.stage;
    const extra = body === "bigram" ? ["iterations"] : [];
    const count = body === "bigram" ? [String(iters)] : [];
    if (file === "losses") {
      return { columns: ["step", "train_loss", "val_loss", ...extra], rows: this.#rows().losses };
    }
    const rows = this.sample === undefined
      ? []
      : [[String(iters - 1), this.prompt, this.sample, ...count]];
    return { columns: ["step", "prompt", "text", ...extra], rows };
  }

  #rows(): Record<string, string[][]> {
    const { training: { iters }, model: { body } } = this.stage;
    const extra = body === "bigram" ? [String(iters)] : [];
    return {
      losses: this.evaluations.map(({ step, trainLoss, valLoss }) => [
        String(step),
        formatLoss(trainLoss),
        formatLoss(valLoss),
        ...extra,
      ]),
      samples: [],
      timings: this.evaluations.map(({ step, seconds }) => [
        String(step),
        seconds.toFixed(3),
        ...extra,
      ]),
    };
  }

  /** Frees the memory. */
  dispose(): void {
    this.#trainer.dispose();
    this.model.dispose();
  }
}
