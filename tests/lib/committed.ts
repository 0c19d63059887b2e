/** The committed results and what tells of them, as imported modules: no permission is needed. @module */
import { withLineFeeds } from "@hugo-lab/model";
import bigram from "../../results/bigram/losses.csv" with { type: "text" };
import singleHead from "../../results/single_head/losses.csv" with { type: "text" };
import multiHead from "../../results/multi_head/losses.csv" with { type: "text" };
import feedForward from "../../results/feed_forward/losses.csv" with { type: "text" };
import blocks from "../../results/blocks/losses.csv" with { type: "text" };
import blocksNorm from "../../results/blocks_norm/losses.csv" with { type: "text" };
import readmeText from "../../README.md" with { type: "text" };

/** The text of each stage's `losses.csv` in `results/`. */
export const committedLosses = {
  bigram,
  single_head: singleHead,
  multi_head: multiHead,
  feed_forward: feedForward,
  blocks,
  blocks_norm: blocksNorm,
};

/** The README. */
export const readme: string = withLineFeeds(readmeText);
