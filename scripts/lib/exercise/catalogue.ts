/** The exercises, in the lab's order, and where in the model module each is marked. @module */

/** An exercise's name. */
export type ExerciseName =
  | "stats"
  | "split"
  | "bigram"
  | "single_head"
  | "multi_head"
  | "feed_forward"
  | "blocks"
  | "blocks_norm";

/** A file of the model module that has gaps. */
export type SourceName = "batches.ts" | "language_model.ts" | "layers.ts" | "vocabulary.ts";

/** One exercise. */
export interface Exercise {
  /** What there is to write. */
  title: string;
  /** The file of the model module that has it. */
  source: SourceName;
  /** The classes and functions that the student's copy has. */
  declarations: string[];
}

/** Every exercise; a copy's gaps are those of its own exercise and of the later ones. */
export const exercises: Record<ExerciseName, Exercise> = {
  stats: {
    title: "counting characters",
    source: "vocabulary.ts",
    declarations: ["countCharacters"],
  },
  split: {
    title: "the split into training and validation text, and batches",
    source: "batches.ts",
    declarations: ["splitData", "getBatch"],
  },
  bigram: {
    title: "the bigram model and its loss",
    source: "language_model.ts",
    declarations: ["LanguageModel", "BigramLanguageModel"],
  },
  single_head: {
    title: "one head of self-attention",
    source: "layers.ts",
    declarations: ["Head"],
  },
  multi_head: {
    title: "several heads and a projection",
    source: "layers.ts",
    declarations: ["MultiHeadAttention"],
  },
  feed_forward: {
    title: "the computation layer",
    source: "layers.ts",
    declarations: ["FeedForward"],
  },
  blocks: {
    title: "a block: attention, then computation",
    source: "layers.ts",
    declarations: ["Block"],
  },
  blocks_norm: {
    title: "skip connections, LayerNorm and dropout",
    source: "layers.ts",
    declarations: ["Dropout", "Block"],
  },
};

/** The names, in order. */
export const exerciseNames = Object.keys(exercises) as ExerciseName[];
