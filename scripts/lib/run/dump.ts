/**
 * `--dump`: a run's weights and its first iteration as safetensors, to compare with PyTorch.
 *
 * @module
 */
import * as tf from "@hugo-lab/model/tf";
import {
  type Batch,
  encodeSafetensors,
  inspectBatch,
  type LanguageModel,
  modelTensors,
  prepareFolder,
  type Stage,
  type StoredTensor,
  type Trainer,
  writeAtomically,
} from "@hugo-lab/model";

/** How many of the first training losses run.json keeps. */
const LOSSES = 20;

/** Writes what `--dump` promises, as the run goes on. */
export class Dump {
  readonly #losses: number[] = [];

  constructor(readonly folder: string, readonly stage: Stage) {
    prepareFolder(folder, "dump");
  }

  /** Writes all weights under a name. */
  async weights(name: string, model: LanguageModel): Promise<void> {
    const tensors = await modelTensors(model);
    await this.#write(`${name}.safetensors`, encodeSafetensors(tensors));
  }

  /** Writes the first batch's inputs, logits and gradients; the generator is left as it was. */
  async iteration0({ model, generator }: Trainer, { x, y, shape }: Batch): Promise<void> {
    const before = generator.state;
    const tensors = new Map<string, StoredTensor>([
      ["x", { shape: [...shape], data: x }],
      ["y", { shape: [...shape], data: y }],
    ]);
    const [idx, targets] = [x, y].map((values) => tf.tensor2d(values, shape, "int32"));
    const { loss, logits, gradients } = await inspectBatch(model.train(), idx, targets);
    for (const [name, gradient] of gradients) {
      tensors.set(`grad.${name}`, await stored(gradient));
    }
    if (this.stage.model.dropout === 0) tensors.set("logits", await stored(logits));
    tf.dispose([idx, targets, logits, [...gradients.values()]]);
    generator.state = before;
    const bytes = encodeSafetensors(tensors, { loss: String(loss) });
    await this.#write("iteration0.safetensors", bytes);
  }

  /** Notes a training loss. */
  loss(loss: number): void {
    if (this.#losses.length < LOSSES) this.#losses.push(loss);
  }

  /** Writes the final weights and the first training losses. */
  async finish(model: LanguageModel): Promise<void> {
    await this.weights("final_weights", model);
    const run = {
      stage: this.stage.name,
      seed: this.stage.training.seed,
      parameters: model.countParameters(),
      first_20_training_losses: this.#losses,
    };
    await this.#write("run.json", new TextEncoder().encode(JSON.stringify(run, null, 1) + "\n"));
  }

  #write(name: string, bytes: Uint8Array): Promise<void> {
    return writeAtomically(`${this.folder}/${name}`, bytes);
  }
}

async function stored(tensor: tf.Tensor): Promise<StoredTensor> {
  return { shape: [...tensor.shape], data: await tensor.data<"float32">() };
}
