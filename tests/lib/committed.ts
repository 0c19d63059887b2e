/** The committed results and what tells of them, as imported modules: no permission is needed. @module */
import { withLineFeeds } from "@hugo-lab/model";
import bigram from "../../results/bigram/losses.csv" with { type: "text" };
import singleHead from "../../results/single_head/losses.csv" with { type: "text" };
import multiHead from "../../results/multi_head/losses.csv" with { type: "text" };
import feedForward from "../../results/feed_forward/losses.csv" with { type: "text" };
import blocks from "../../results/blocks/losses.csv" with { type: "text" };
import blocksNorm from "../../results/blocks_norm/losses.csv" with { type: "text" };
import scaled from "../../results/scaled/losses.csv" with { type: "text" };
import depth from "../../results/studies/depth/means.csv" with { type: "text" };
import dropout from "../../results/studies/dropout/means.csv" with { type: "text" };
import seeds from "../../results/studies/seeds/means.csv" with { type: "text" };
import sizes from "../../results/studies/sizes/means.csv" with { type: "text" };
import readmeText from "../../README.md" with { type: "text" };

/** The text of each stage's `losses.csv` in `results/`. */
export const committedLosses = {
  bigram,
  single_head: singleHead,
  multi_head: multiHead,
  feed_forward: feedForward,
  blocks,
  blocks_norm: blocksNorm,
  scaled,
};

/** The text of the `means.csv` of each study that comes with the lab. */
export const committedMeans = { depth, dropout, seeds, sizes };

/** The README. */
export const readme: string = withLineFeeds(readmeText);
