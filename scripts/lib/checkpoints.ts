/**
 * A run's checkpoint, best and final weights on the disk, and ending on a signal without a loss.
 *
 * @module
 */
import {
  encodeCheckpoint,
  encodeSafetensors,
  type Evaluation,
  modelTensors,
  restoreCheckpoint,
  type RunState,
  type Trainer,
  type TrainingResults,
  UserError,
  writeAtomically,
} from "@hugo-lab/model";

/** A run's progress is looked after so often: signals are seen only between tasks. */
const LOOK_MS = 100;
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof EXIT_CODES;

/** Thrown when a signal ended a run whose checkpoint is written. */
export class Interrupted extends Error {
  constructor(message: string, readonly code: number) {
    super(message);
  }
}

/** Writes a run's safetensors files and takes it up again from them. */
export class Checkpoints {
  #run: RunState;
  #signal?: Signal;
  #looked = performance.now();
  readonly #listeners = (Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"])
    .map((name) => [name as Signal, () => void (this.#signal = name as Signal)] as const);

  /**
   * Listens to signals until it is closed.
   *
   * @param settings what must be the same for a run to go on
   */
  constructor(
    readonly folder: string,
    readonly trainer: Trainer,
    readonly results: TrainingResults,
    settings: Record<string, unknown>,
  ) {
    this.#run = { iteration: 0, evaluated: false, bestLoss: null, settings, rows: {} };
    for (const [name, listener] of this.#listeners) Deno.addSignalListener(name, listener);
  }

  /**
   * Takes the run up again where its checkpoint stands.
   *
   * @returns whether there was one
   * @throws {UserError} if it cannot be gone on from; nothing is changed then
   */
  async resume(): Promise<boolean> {
    const path = `${this.folder}/checkpoint.safetensors`;
    let bytes: Uint8Array;
    try {
      bytes = await Deno.readFile(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
    try {
      this.#run = await restoreCheckpoint(this.trainer, bytes, this.#run.settings);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      throw new UserError(
        `cannot resume from ${path}: ${error.message}; ` +
          "start afresh without --resume, or with another --results",
      );
    }
    await this.results.restore(this.#run.rows);
    return true;
  }

  /** The iteration to go on with. */
  get iteration(): number {
    return this.#run.iteration;
  }

  /** Whether that iteration's evaluation is done already. */
  get evaluated(): boolean {
    return this.#run.evaluated;
  }

  /** Writes the checkpoint, and the weights if they are the best so far. */
  async afterEvaluation({ step, valLoss }: Evaluation): Promise<void> {
    if (this.#run.bestLoss === null || valLoss < this.#run.bestLoss) {
      this.#run.bestLoss = valLoss;
      await this.#writeWeights("best");
    }
    await this.#write(step, true);
  }

  /** Ends the run if a signal came, its checkpoint written. */
  async look(step: number): Promise<void> {
    const now = performance.now();
    if (now - this.#looked < LOOK_MS) return;
    this.#looked = now;
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (!this.#signal) return;
    await this.#write(step + 1, false);
    throw new Interrupted(
      `stopped after ${step + 1} iterations: the same command with --resume goes on`,
      EXIT_CODES[this.#signal],
    );
  }

  /** Writes the last weights and the checkpoint from which a longer run goes on. */
  async finish(): Promise<void> {
    await this.#writeWeights("final");
    await this.#write(Math.max(this.iteration, this.trainer.config.iters), false);
  }

  /** Stops listening. */
  close(): void {
    for (const [name, listener] of this.#listeners) Deno.removeSignalListener(name, listener);
  }

  async #write(iteration: number, evaluated: boolean): Promise<void> {
    Object.assign(this.#run, { iteration, evaluated, rows: this.results.rows });
    const bytes = await encodeCheckpoint(this.trainer, this.#run);
    await writeAtomically(`${this.folder}/checkpoint.safetensors`, bytes);
  }

  async #writeWeights(name: string): Promise<void> {
    const bytes = encodeSafetensors(await modelTensors(this.trainer.model));
    await writeAtomically(`${this.folder}/${name}.safetensors`, bytes);
  }
}
