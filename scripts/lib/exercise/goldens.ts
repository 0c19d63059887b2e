/** PyTorch's figures of the stages, as imported modules: no permission is needed to read them. @module */
import {
  decodeSafetensors,
  type StageName,
  type StoredTensor,
  withLineFeeds,
} from "@hugo-lab/model";
import singleHeadWeights from "../../../data/golden/seed2023/single_head/initial_weights.safetensors" with {
  type: "bytes",
};
import singleHeadIteration0 from "../../../data/golden/seed2023/single_head/iteration0.safetensors" with {
  type: "bytes",
};
import singleHeadLosses from "../../../data/golden/seed2023/single_head/losses.csv" with {
  type: "text",
};
import singleHeadRun from "../../../data/golden/seed2023/single_head/run.json" with {
  type: "json",
};
import singleHeadSample from "../../../data/golden/seed2023/single_head/sample.txt" with {
  type: "text",
};
import multiHeadWeights from "../../../data/golden/seed2023/multi_head/initial_weights.safetensors" with {
  type: "bytes",
};
import multiHeadIteration0 from "../../../data/golden/seed2023/multi_head/iteration0.safetensors" with {
  type: "bytes",
};
import multiHeadLosses from "../../../data/golden/seed2023/multi_head/losses.csv" with {
  type: "text",
};
import multiHeadRun from "../../../data/golden/seed2023/multi_head/run.json" with { type: "json" };
import multiHeadSample from "../../../data/golden/seed2023/multi_head/sample.txt" with {
  type: "text",
};
import feedForwardWeights from "../../../data/golden/seed2023/feed_forward/initial_weights.safetensors" with {
  type: "bytes",
};
import feedForwardIteration0 from "../../../data/golden/seed2023/feed_forward/iteration0.safetensors" with {
  type: "bytes",
};
import feedForwardLosses from "../../../data/golden/seed2023/feed_forward/losses.csv" with {
  type: "text",
};
import feedForwardRun from "../../../data/golden/seed2023/feed_forward/run.json" with {
  type: "json",
};
import feedForwardSample from "../../../data/golden/seed2023/feed_forward/sample.txt" with {
  type: "text",
};
import blocksWeights from "../../../data/golden/seed2023/blocks/initial_weights.safetensors" with {
  type: "bytes",
};
import blocksIteration0 from "../../../data/golden/seed2023/blocks/iteration0.safetensors" with {
  type: "bytes",
};
import blocksLosses from "../../../data/golden/seed2023/blocks/losses.csv" with { type: "text" };
import blocksRun from "../../../data/golden/seed2023/blocks/run.json" with { type: "json" };
import blocksSample from "../../../data/golden/seed2023/blocks/sample.txt" with { type: "text" };
import blocksNormWeights from "../../../data/golden/seed2023/blocks_norm/initial_weights.safetensors" with {
  type: "bytes",
};
import blocksNormIteration0 from "../../../data/golden/seed2023/blocks_norm/iteration0.safetensors" with {
  type: "bytes",
};
import blocksNormLosses from "../../../data/golden/seed2023/blocks_norm/losses.csv" with {
  type: "text",
};
import blocksNormRun from "../../../data/golden/seed2023/blocks_norm/run.json" with {
  type: "json",
};
import blocksNormSample from "../../../data/golden/seed2023/blocks_norm/sample.txt" with {
  type: "text",
};

/** The figures of one stage. */
export interface Golden {
  name: StageName;
  parameters: number;
  weights: Map<string, StoredTensor>;
  iteration0: Map<string, StoredTensor>;
  first20: number[];
  /** The rows of losses.csv: step, train and validation loss to four decimals. */
  losses: string[][];
  sample: string;
}

function golden(
  name: StageName,
  weights: Uint8Array,
  iteration0: Uint8Array,
  losses: string,
  run: { parameters: number; first_20_training_losses: number[] },
  sample: string,
): Golden {
  return {
    name,
    parameters: run.parameters,
    weights: decodeSafetensors(weights).tensors,
    iteration0: decodeSafetensors(iteration0).tensors,
    first20: run.first_20_training_losses,
    losses: losses.trim().split(/\r?\n/).slice(1).map((line) => line.split(",")),
    sample: withLineFeeds(sample),
  };
}

/** Every stage that PyTorch's figures are kept for. */
export const goldens: Golden[] = [
  golden(
    "single_head",
    singleHeadWeights,
    singleHeadIteration0,
    singleHeadLosses,
    singleHeadRun,
    singleHeadSample,
  ),
  golden(
    "multi_head",
    multiHeadWeights,
    multiHeadIteration0,
    multiHeadLosses,
    multiHeadRun,
    multiHeadSample,
  ),
  golden(
    "feed_forward",
    feedForwardWeights,
    feedForwardIteration0,
    feedForwardLosses,
    feedForwardRun,
    feedForwardSample,
  ),
  golden("blocks", blocksWeights, blocksIteration0, blocksLosses, blocksRun, blocksSample),
  golden(
    "blocks_norm",
    blocksNormWeights,
    blocksNormIteration0,
    blocksNormLosses,
    blocksNormRun,
    blocksNormSample,
  ),
];
