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
  decodeModel,
  decodeSafetensors,
  encodeCheckpoint,
  encodeModel,
  type Evaluation,
  formatLoss,
  generate,
  Generator,
  type GeneratorState,
  isEvaluated,
  type LanguageModel,
  loadWeights,
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
import { isPastLast, isRegular, lengthened } from "../run/extension.ts";
import { choosePrompt } from "../run/prompt.ts";
import { bigramGenerator, idOf, infoOf, settingsOf } from "../run/settings.ts";

/** So many points at most has the curve of the batches' losses. */
const BATCH_POINTS = 200;

/** The mean loss of some batches that were trained on, at the last one's step. */
export interface BatchLoss {
  step: number;
  loss: number;
}

/** A run's safetensors files, as far as it has them. */
export interface RunFiles {
  /** From which {@linkcode Training.restore} and `deno task … --resume` go on. */
  checkpoint: Uint8Array;
  /** The weights of the lowest validation loss. */
  best?: Uint8Array;
  /** From before the last evaluation: a longer run goes on from there. */
  extend?: Uint8Array;
}

/** An evaluation was left before its end. */
class Left extends Error {}

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
  /** The text of the end, made once the last iteration is done. */
  sample?: string;
  /** Of the small GPT the text of its best weights, where they are of an earlier step. */
  #bestSample?: { step: number; text: string };
  /** What its sample continues: the stage's prompt, where the text has it. */
  readonly prompt: string;
  readonly #info: ModelInfo;
  readonly #trainer: Trainer;
  #run: RunState;
  #seconds = 0;
  /** When the last turn ended, if the next one follows: what is between them is the run's time too. */
  #ended?: number;
  /** The losses since the last point of the curve. */
  #recent: number[] = [];
  /** The checkpoint of the end: drawing the sample moves the generator on. */
  #last?: Uint8Array;
  #best?: Uint8Array;
  #extend?: Uint8Array;

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

  /** What is to be kept of the run. */
  async files(): Promise<RunFiles> {
    return { checkpoint: await this.#checkpoint(), best: this.#best, extend: this.#extend };
  }

  async #checkpoint(): Promise<Uint8Array> {
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
   * Goes on from a run's files, which may be of a shorter one.
   *
   * @throws {UserError} if they are damaged or of another run; nothing is changed then
   */
  restore({ checkpoint, best, extend }: RunFiles): void {
    const { iters } = this.#run;
    const read = (bytes: Uint8Array) => decodeCheckpoint(decodeSafetensors(bytes));
    let saved: Checkpoint = read(checkpoint);
    if (saved.run.iteration >= iters && saved.run.iters !== iters) {
      throw new UserError(`it is at iteration ${saved.run.iteration} already, iters is ${iters}`);
    }
    if (extend && isPastLast(saved, iters)) saved = lengthened(saved, read(extend));
    const isBest = best && decodeModel(decodeSafetensors(best)).valLoss === saved.run.bestLoss;
    restoreCheckpoint(this.#trainer, saved, this.settings);
    const { run } = saved;
    this.#run = { ...run, iters, bestLoss: isBest ? run.bestLoss : null, rows: {} };
    this.#best = isBest ? best : undefined;
    this.#extend = run.iters === iters ? extend : undefined;
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
   * @param isLeft asked now and then in a long evaluation whether to leave it, to be made anew
   * @throws {UserError} if the training diverges
   */
  async turn(
    milliseconds: number,
    most = Infinity,
    isLeft: () => Promise<boolean> = () => Promise.resolve(false),
  ): Promise<void> {
    const began = performance.now();
    const before = this.#ended ?? began;
    const run = this.#run;
    if (run.iteration >= run.iters) await this.#finish();
    else if (!run.evaluated && this.#isDue(run.iteration)) {
      await this.#evaluate(before, milliseconds, isLeft);
    } else {
      for (let count = 0; count < most && run.iteration < run.iters; count++) {
        const loss = await this.#trainer.step();
        run.iteration++;
        run.evaluated = false;
        this.#noteBatch(loss);
        if (this.#isDue(run.iteration) || performance.now() - began > milliseconds) break;
      }
    }
    this.#ended = performance.now();
    this.#seconds += (this.#ended - before) / 1000;
  }

  /** Tells that no turn follows for now. */
  rest(): void {
    this.#ended = undefined;
  }

  #isDue(step: number): boolean {
    const { training, model } = this.stage;
    if (model.body === "bigram") return step < training.iters && step % training.evalInterval === 0;
    return step < training.iters && isEvaluated(step, training);
  }

  async #evaluate(
    before: number,
    milliseconds: number,
    isLeft: () => Promise<boolean>,
  ): Promise<void> {
    const { generator } = this.#trainer;
    const state = generator.state;
    const isOnTime = isRegular(this.iteration, this.stage.training);
    const extend = isOnTime ? this.#extend : await this.#checkpoint();
    let asked = performance.now();
    const onBatch = () => {
      if (performance.now() - asked < milliseconds) return;
      asked = performance.now();
      return isLeft().then((left) => {
        if (left) throw new Left();
      });
    };
    try {
      await this.#note(await this.#trainer.evaluate(onBatch), before);
      this.#extend = extend;
    } catch (error) {
      if (!(error instanceof Left)) throw error;
      generator.state = state;
    }
  }

  async #note(evaluation: Evaluation, before: number): Promise<void> {
    const seconds = this.#seconds + (performance.now() - before) / 1000;
    this.evaluations.push({ ...evaluation, seconds });
    this.#run.evaluated = true;
    const { valLoss } = evaluation;
    if (valLoss >= (this.#run.bestLoss ?? Infinity)) return;
    this.#run.bestLoss = valLoss;
    const weights = await modelTensors(this.model);
    this.#best = encodeModel(weights, await this.#identified(), valLoss);
  }

  async #finish(): Promise<void> {
    if (this.isFinished) return;
    this.#last = await this.#checkpoint();
    const { generator } = this.#trainer;
    const before = generator.state;
    const text = await this.#write();
    if (this.stage.name === "scaled") await this.#writeBest(before);
    this.sample = text;
  }

  async #write(): Promise<string> {
    const { sampleLength } = this.stage.training;
    const start = this.vocabulary.encode(this.prompt);
    let text = this.prompt;
    for await (const n of generate(this.model, this.#trainer.generator, start, sampleLength)) {
      text += this.vocabulary.decode([n]);
    }
    return text;
  }

  /** What the best weights write with the draws of the last ones, as the task shows it. */
  async #writeBest(before: GeneratorState): Promise<void> {
    const best = this.#best && decodeModel(decodeSafetensors(this.#best));
    if (!best) return;
    const loss = formatLoss(best.valLoss!);
    const { step } = this.evaluations.find(({ valLoss }) => formatLoss(valLoss) === loss)!;
    if (step === this.evaluations.at(-1)!.step) return;
    const last = await modelTensors(this.model);
    loadWeights(this.model, best.weights);
    this.#trainer.generator.state = before;
    this.#bestSample = { step, text: await this.#write() };
    loadWeights(this.model, last);
  }

  /** Adds a loss to the curve of the batches. */
  #noteBatch(loss: number): void {
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
    const best = this.#bestSample;
    const rows = this.sample === undefined ? [] : [
      ...best ? [[String(best.step), this.prompt, best.text]] : [],
      [String(iters - 1), this.prompt, this.sample, ...count],
    ];
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
