/**
 * The lab's model module: from a text to a trained language model, with the numbers of PyTorch.
 *
 * @module
 */
export * from "./adamw.ts";
export * from "./alone.ts";
export * from "./backends/auto.ts";
export type { BackendDescriptor, CapturedStep, CapturingBackend } from "./backends/descriptor.ts";
export * from "./backends/mod.ts";
export * from "./backends/tensorflow/mod.ts";
export * from "./batches.ts";
export * from "./cache.ts";
export * from "./checkpoint.ts";
export * from "./corpus.ts";
export * from "./errors.ts";
export * from "./files.ts";
export * from "./functions.ts";
export * from "./evaluation.ts";
export * from "./generate.ts";
export * from "./gpt2.ts";
export * from "./json.ts";
export * from "./language_model.ts";
export * from "./layers.ts";
export * from "./memory.ts";
export * from "./module.ts";
export * from "./presets.ts";
export * from "./program.ts";
export * from "./random.ts";
export * from "./read_file.ts";
export * from "./results.ts";
export * from "./rotary.ts";
export * from "./safetensors.ts";
export * from "./schedule.ts";
export * from "./stages.ts";
export * from "./text.ts";
export * from "./train.ts";
export * from "./update.ts";
export * from "./vocabulary.ts";
export * from "./weights.ts";
