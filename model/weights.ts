/**
 * Putting stored tensors into a model, as strictly as PyTorch's `load_state_dict`.
 *
 * @module
 */
import { UserError } from "./errors.ts";
import type { LanguageModel } from "./language_model.ts";
import type { StoredTensor } from "./safetensors.ts";

/**
 * Sets every parameter to the tensor of its name; the model is touched only if all of them fit.
 *
 * @throws {UserError} naming the first tensor that is missing, too many, or of another shape or type
 */
export function loadWeights(model: LanguageModel, tensors: Map<string, StoredTensor>): void {
  const parameters = new Map(model.namedParameters());
  for (const [name, { shape }] of parameters) {
    const stored = tensors.get(name);
    if (!stored) throw new UserError(`the weights lack ${name}`);
    if (`${stored.shape}` !== `${shape}` || !(stored.data instanceof Float32Array)) {
      const type = stored.data instanceof Float32Array ? "float32" : "int32";
      throw new UserError(
        `${name} should be float32 of the shape [${shape}], and is ${type} of [${stored.shape}]`,
      );
    }
  }
  const other = [...tensors.keys()].find((name) => !parameters.has(name));
  if (other) throw new UserError(`the model has no parameter ${other}`);
  for (const [name, parameter] of parameters) {
    parameter.set(tensors.get(name)!.data as Float32Array);
  }
}
