/**
 * A task's checkpoint, best and final weights on the disk.
 * What a training that diverged has left is never written: the last good files stay.
 *
 * @module
 */
import {
  type Checkpoint,
  checkSettings,
  decodeCheckpoint,
  encodeCheckpoint,
  encodeModel,
  type Evaluation,
  type GeneratorState,
  type ModelInfo,
  modelTensors,
  readSafetensors,
  restoreCheckpoint,
  type RunState,
  type Trainer,
  type TrainingResults,
  UserError,
  writeAtomically,
} from "@hugo-lab/model";
import { withFile } from "../task/errors.ts";

/** Where a run begins. */
export interface Start extends RunState {
  /** Whether it goes on from a checkpoint. */
  isResumed: boolean;
}

/** Writes a task's safetensors files and takes its run up again from them. */
export class Checkpoints {
  #saved?: Checkpoint;
  #run?: RunState;
  #trainer?: Trainer;
  /** Whether the checkpoint on the disk is of an older run, which this one does not go on with. */
  #isOlder = true;
  /** The step of the evaluation that goes on now, and where the generator stood before it. */
  #evaluating?: { step: number; generator: GeneratorState };

  /** Those of a folder; nothing is read or written yet. */
  constructor(
    readonly folder: string,
    readonly results: TrainingResults,
    readonly info: ModelInfo,
  ) {}

  /**
   * Reads the checkpoint from which the next run is to go on.
   *
   * @returns where it stands; nothing if there is none
   * @throws {UserError} if it is damaged
   */
  async load(): Promise<RunState | undefined> {
    this.#saved = await this.#read("checkpoint");
    this.#isOlder = false;
    return this.#saved?.run;
  }

  /**
   * Checks beforehand, when nothing has been built yet, what `begin` would refuse.
   *
   * @throws {UserError} if what was loaded is of another run, or longer than this one
   */
  async check(settings: Record<string, unknown>, iters: number): Promise<void> {
    const run = this.#saved?.run;
    if (!run) return;
    await this.#explained(() => {
      checkSettings(run.settings, settings);
      if (run.iteration >= iters && run.iters !== iters) {
        throw new UserError((nameOf) =>
          `it is at iteration ${run.iteration} already, ${nameOf("iters")} is ${iters}`
        );
      }
    });
  }

  /**
   * Begins a run, or goes on with the one that was loaded.
   *
   * @param settings what must be the same for a run to go on
   * @returns where to begin
   * @throws {UserError} if it cannot go on; nothing is changed then
   */
  async begin(trainer: Trainer, settings: Record<string, unknown>): Promise<Start> {
    const { iters } = trainer.config;
    await this.check(settings, iters);
    const saved = this.#saved && await this.#forLength(this.#saved, iters);
    this.#saved = undefined;
    const bestLoss = this.#run?.bestLoss ?? null;
    this.#run = { iters, iteration: 0, evaluated: false, bestLoss, settings, rows: {} };
    if (saved) {
      await this.#explained(() => restoreCheckpoint(trainer, saved, settings));
      this.#run = { ...saved.run, iters };
      await this.results.restore(this.#run.rows, [saved.run.iters, iters]);
    }
    this.#trainer = trainer;
    return { ...this.#run, isResumed: saved !== undefined };
  }

  /**
   * The checkpoint from which a run of so many iterations goes on. A run is evaluated at its last
   * step, whose draws a longer run does not make there: that one goes on from before it.
   */
  async #forLength(saved: Checkpoint, iters: number): Promise<Checkpoint> {
    const { run } = saved;
    const isPastLast = run.iteration + (run.evaluated ? 1 : 0) >= run.iters;
    const earlier = iters > run.iters && isPastLast ? await this.#read("extend") : undefined;
    if (!earlier || !isSameRun(earlier.run, run)) return saved;
    const bestLoss = Math.min(run.bestLoss ?? Infinity, earlier.run.bestLoss ?? Infinity);
    return { ...earlier, run: { ...earlier.run, bestLoss } };
  }

  #read(name: "checkpoint" | "extend"): Promise<Checkpoint | undefined> {
    return this.#explained(async () => {
      try {
        return decodeCheckpoint(await readSafetensors(this.#path(name)));
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return undefined;
        throw error;
      }
    }, name);
  }

  /** Says with an error which file it is about, and what to do. */
  #explained<T>(fn: () => T | Promise<T>, name = "checkpoint"): Promise<T> {
    const remedy = "start afresh without --resume, or with another --results";
    return withFile(this.#path(name), fn, { purpose: "resume from", remedy });
  }

  #path(name: string): string {
    return `${this.folder}/${name}.safetensors`;
  }

  /** Remembers where an evaluation begins; before one that a longer run has not, on the disk. */
  async beforeEvaluation(step: number): Promise<void> {
    const { generator, config } = this.#trainer!;
    this.#evaluating = { step, generator: generator.state };
    if (step % config.evalInterval !== 0) await this.#write("extend", step, false);
  }

  /** Writes the checkpoint, and the weights if they are the best so far. */
  async afterEvaluation({ step, valLoss }: Evaluation): Promise<void> {
    this.#evaluating = undefined;
    const run = this.#run!;
    if (run.bestLoss === null || valLoss < run.bestLoss) {
      run.bestLoss = valLoss;
      await this.#writeWeights("best");
    }
    await this.#write("checkpoint", step, true);
  }

  /**
   * Writes the checkpoint of a run that is cut short: an evaluation is made anew, with its draws.
   *
   * @returns the iteration to go on with
   */
  async interrupt(): Promise<number> {
    const trainer = this.#trainer!;
    if (this.#evaluating) trainer.generator.state = this.#evaluating.generator;
    const iteration = this.#evaluating?.step ?? trainer.iteration;
    await this.#write("checkpoint", iteration, false);
    return iteration;
  }

  /** Writes the checkpoint from which a longer run goes on, and the last weights. */
  async finish(): Promise<void> {
    await this.#write("checkpoint", this.#run!.iters, false);
    await this.#writeWeights("final");
  }

  async #write(name: "checkpoint" | "extend", iteration: number, evaluated: boolean) {
    await this.#trainer!.check(); // the last good checkpoint stays
    if (this.#isOlder) await this.#keepOlder();
    Object.assign(this.#run!, { iteration, evaluated, rows: this.results.rows });
    const bytes = await encodeCheckpoint(this.#trainer!, this.#run!, this.info);
    await writeAtomically(this.#path(name), bytes);
  }

  /** Puts an older run's checkpoint aside, so that a forgotten --resume loses nothing. */
  async #keepOlder(): Promise<void> {
    this.#isOlder = false;
    try {
      await Deno.rename(this.#path("checkpoint"), this.#path("previous"));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  async #writeWeights(name: "best" | "final"): Promise<void> {
    const weights = await modelTensors(this.#trainer!.model);
    await writeAtomically(this.#path(name), encodeModel(weights, this.info));
  }
}

function isSameRun(a: RunState, b: RunState): boolean {
  return a.iters === b.iters && JSON.stringify(a.settings) === JSON.stringify(b.settings);
}
