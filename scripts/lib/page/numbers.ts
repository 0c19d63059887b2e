/**
 * What the page itself has of the model module: page_map.json puts this file in the module's place.
 * All that computes is the worker's, and TensorFlow.js is not bundled twice.
 *
 * @module
 */
export { splitData } from "../../../model/batches.ts";
export { presets } from "../../../model/presets.ts";
export { stages } from "../../../model/stages.ts";
export { Vocabulary } from "../../../model/vocabulary.ts";
