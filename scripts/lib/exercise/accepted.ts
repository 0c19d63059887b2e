/**
 * Other sound answers than the lab's own: what the notebook prints, and what an exercise leaves open.
 *
 * @module
 */
import * as model from "@hugo-lab/model";
import type * as tf from "@hugo-lab/model/tf";
import type { ExerciseName } from "./catalogue.ts";
import type { Lab } from "./probes.ts";

/** A way to write something, and in which questions it shows. */
export interface Variant {
  /** Those that begin so. */
  what: string;
  /** What to put in the lab's place to write it that way. */
  lab: Partial<Lab>;
}

/** The notebook's own layer, whatever the options say: Linear and ReLU. */
class NotebookFeedForward extends model.FeedForward {
  constructor(nEmbd: number, options: model.FeedForwardOptions) {
    super(nEmbd, { ...options, widening: undefined });
  }
}

/** Dropout may stand before the projection, where the notebook's last model has it. */
class DropoutBeforeProj extends model.MultiHeadAttention {
  constructor(nEmbd: number, nHead: number, options: model.AttentionOptions) {
    super(nEmbd, nHead, { ...options, dropoutBeforeProj: true });
  }
}

/** What the notebook prints: x + sa(ln1(x)), and not what its code does. */
class PrintedBlock extends model.Block {
  override forward(x: tf.Tensor3D): tf.Tensor3D {
    if (!this.ln1 || !this.ln2) return super.forward(x);
    x = x.add(this.sa.forward(this.ln1.forward(x)));
    return x.add(this.ffwd.forward(this.ln2.forward(x)));
  }
}

/** The sound answers of each exercise besides the lab's. */
export const accepted: Partial<Record<ExerciseName, Variant[]>> = {
  multi_head: [
    {
      what: "MultiHeadAttention.forward(x) in training",
      lab: { MultiHeadAttention: DropoutBeforeProj },
    },
  ],
  feed_forward: [
    { what: "new FeedForward", lab: { FeedForward: NotebookFeedForward } },
    { what: "FeedForward.forward(x), widened", lab: { FeedForward: NotebookFeedForward } },
  ],
  blocks_norm: [
    { what: 'Block.forward(x), skip "notebook"', lab: { Block: PrintedBlock } },
    { what: "the gradients of blocks_norm's model", lab: { Block: PrintedBlock } },
  ],
};
