/**
 * A task's checkpoint, best and final weights on the disk. While it trains they are written no
 * oftener than that is worth; the best weights wait in memory.
 * What a training that diverged has left is never written: the last good files stay.
 *
 * @module
 */
import {
  type Checkpoint,
  checkSettings,
  decodeCheckpoint,
  decodeModel,
  encodeCheckpoint,
  encodeModel,
  type Evaluation,
  formatLoss,
  type GeneratorState,
  type ModelFile,
  type ModelInfo,
  modelTensors,
  readBytes,
  readSafetensors,
  restoreCheckpoint,
  type RunState,
  type Trainer,
  type TrainingResults,
  UserError,
  type Weights,
  writeAtomically,
} from "@hugo-lab/model";
import { withFile } from "../task/errors.ts";
import { isPastLast, isRegular, lengthened } from "./extension.ts";
import { type Identity, readIdentity, writeIdentity } from "./identity.ts";
import type { FolderLock } from "./lock.ts";
import { TEST_FILE } from "./test_part.ts";
import { Worth } from "./worth.ts";

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
  /** Whether the folder's files are this run's: an older one's go before the first is written. */
  #isOwn = false;
  /** When this run's files are written; its first ones tell how long that takes. */
  #worth = new Worth();
  /** The best weights, if they are not on the disk yet. */
  #best?: Uint8Array;
  /** Whether an evaluation that a longer run does not make found them. */
  #isBestOfEnd = false;
  /** The step of the evaluation that goes on now, and where the generator stood before it. */
  #evaluating?: { step: number; generator: GeneratorState };

  /**
   * Those of a folder; nothing is read or written yet.
   *
   * @param lock the folder's
   * @param identity of the run, unless it goes on with one that was saved
   * @param say tells what was found
   */
  constructor(
    readonly lock: FolderLock,
    readonly results: TrainingResults,
    readonly info: ModelInfo,
    readonly identity: Identity,
    readonly say: (line: string) => void,
  ) {}

  /** The run's folder. */
  get folder(): string {
    return this.lock.folder;
  }

  /**
   * Reads the checkpoint from which the next run is to go on.
   *
   * @returns where it stands; nothing if there is none
   * @throws {UserError} if it is damaged
   */
  async load(): Promise<RunState | undefined> {
    this.#saved = await this.#read("checkpoint");
    if (this.#saved?.id !== undefined) this.identity.id = this.#saved.id;
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
      await this.#continue();
      await this.results.restore(this.#run.rows, [saved.run.iters, iters]);
    } else if (this.#isOwn) {
      await this.#remove("final.safetensors"); // of the run before, where there are several
    }
    this.#trainer = trainer;
    this.#worth = new Worth();
    return { ...this.#run, isResumed: saved !== undefined };
  }

  /** The checkpoint from which a run of so many iterations goes on. */
  async #forLength(saved: Checkpoint, iters: number): Promise<Checkpoint> {
    return isPastLast(saved, iters) ? lengthened(saved, await this.#read("extend")) : saved;
  }

  #read(name: "checkpoint" | "extend"): Promise<Checkpoint | undefined> {
    return this.#explained(async () => {
      try {
        const checkpoint = decodeCheckpoint(await readSafetensors(this.#path(name)));
        if (checkpoint.stage === this.info.stage) return checkpoint;
        throw new UserError(`it is of the stage ${checkpoint.stage}`);
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
    if (!isRegular(step, config)) await this.#write("extend", step, false);
  }

  /** Keeps the weights if they are the best so far; writes them and the checkpoint if it is worth it. */
  async afterEvaluation({ step, valLoss }: Evaluation): Promise<void> {
    this.#evaluating = undefined;
    const run = this.#run!;
    if (run.bestLoss === null || valLoss < run.bestLoss) {
      run.bestLoss = valLoss;
      this.#best = await this.#weights(valLoss);
      this.#isBestOfEnd = !isRegular(step, this.#trainer!.config);
    }
    if (!this.#worth.isGiven(this.#size())) return;
    await this.#worth.write(() => this.#write("checkpoint", step, true));
  }

  /** About how many bytes a checkpoint and the best weights have. */
  #size(): number {
    const numbers = this.#trainer!.variables().reduce((sum, { size }) => sum + size, 0);
    return 4 * numbers * (this.#best ? 4 : 3);
  }

  /**
   * Writes the best weights, if they only wait in memory. Those before an evaluation that a longer
   * run does not make are kept for it.
   */
  async writeBest(): Promise<void> {
    if (!this.#best) return;
    await this.claim();
    if (this.#isBestOfEnd) {
      const before = await readBytes(this.#path("best")).catch(() => undefined);
      if (before) await writeAtomically(this.#path("extend_best"), before);
    }
    await writeAtomically(this.#path("best"), this.#best);
    this.#best = undefined;
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
  async finish(iteration: number): Promise<void> {
    await this.#write("checkpoint", iteration, iteration < this.#run!.iters);
    await writeAtomically(this.#path("final"), await this.#weights());
  }

  async #write(name: "checkpoint" | "extend", iteration: number, evaluated: boolean) {
    await this.writeBest(); // first: the checkpoint tells whose loss is the best
    await this.#trainer!.check(); // the last good checkpoint stays
    await this.claim();
    Object.assign(this.#run!, { iteration, evaluated, rows: this.results.rows });
    const bytes = await encodeCheckpoint(this.#trainer!, this.#run!, this.#info());
    await writeAtomically(this.#path(name), bytes);
  }

  /**
   * Makes the folder this run's, before its first row or file: what an older run left would stand
   * beside it as if it were of the same. The older checkpoint is kept as `previous.safetensors`, so
   * that a forgotten --resume loses nothing.
   *
   * @throws {UserError} if it has become another run's
   */
  async claim(): Promise<void> {
    if (await this.lock.renew() && this.#isOwn) await this.#checkOwn();
    if (this.#isOwn) return;
    this.#isOwn = true;
    try {
      await Deno.rename(this.#path("checkpoint"), this.#path("previous"));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    const weights = ["final", "best", "extend", "extend_best"]
      .map((name) => `${name}.safetensors`);
    await this.#remove(...weights, "samples.csv", "losses.csv", "timings.csv", TEST_FILE);
    await writeIdentity(this.folder, this.identity);
  }

  /** Another run may have come to its end here, while somebody had moved this one's folder. */
  async #checkOwn(): Promise<void> {
    const there = await readIdentity(this.folder);
    if (there === undefined || there.started === this.identity.started) return;
    throw new UserError(
      `the folder ${this.folder} is another run's by now, which began ${there.started}`,
    );
  }

  /** Goes on with a saved run: what the files of the folder have of another, or of its end, goes. */
  async #continue(): Promise<void> {
    this.#isOwn = true;
    const run = this.#run!;
    await this.#remove("final.safetensors", TEST_FILE); // of an end that is no more
    if (!run.rows.samples?.length) await this.#remove("samples.csv");
    if (run.bestLoss !== null && !await this.#readBest()) await this.#findBest();
    await writeIdentity(this.folder, this.identity);
  }

  /** Takes the best weights of before the end, where the folder's are of an end that is no more. */
  async #findBest(): Promise<void> {
    if (await this.#readBest("extend_best")) {
      return await Deno.rename(this.#path("extend_best"), this.#path("best"));
    }
    this.#run!.bestLoss = null;
    await this.#remove("best.safetensors");
  }

  /** The best weights that this run had as it was saved, which the folder's may not be. */
  async #readBest(name = "best"): Promise<ModelFile | undefined> {
    try {
      const best = decodeModel(await readSafetensors(this.#path(name)), this.info.stage);
      const isOwn = best.id === this.identity.id && best.valLoss === this.#run!.bestLoss;
      return isOwn ? best : undefined;
    } catch (error) {
      if (error instanceof UserError || error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  /** The weights of the lowest validation loss so far, with the step that had it. */
  async best(): Promise<{ step: number; valLoss: number; weights: Weights } | undefined> {
    const found = await this.#readBest();
    if (found?.valLoss === undefined) return undefined;
    const { valLoss, weights } = found;
    const row = this.results.losses.rows.find(([, , loss]) => loss === formatLoss(valLoss));
    return row && { step: Number(row[0]), valLoss, weights };
  }

  async #remove(...names: string[]): Promise<void> {
    for (const name of names) {
      const path = `${this.folder}/${name}`;
      try {
        if ((await Deno.lstat(path)).isDirectory) continue; // none of ours: writing will tell
        await Deno.remove(path);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
  }

  async #weights(valLoss?: number): Promise<Uint8Array> {
    return encodeModel(await modelTensors(this.#trainer!.model), this.#info(), valLoss);
  }

  #info(): ModelInfo {
    return { ...this.info, id: this.identity.id };
  }
}
