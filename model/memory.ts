/**
 * What a run will need of memory, from its configuration alone, before anything is allocated.
 *
 * The parameters are counted exactly. What a step keeps for its gradients is that of the lab's
 * engine, tensor by tensor, within a fifth of what it allocates (tests/memory_test.ts); other
 * backends keep at least as much.
 *
 * @module
 */
import type { BackendName } from "./backends/table.ts";
import { UserError } from "./errors.ts";
import type { ModelConfig } from "./language_model.ts";
import { machineMemory } from "./platform.ts";
import type { TrainingConfig } from "./stages.ts";

/** A run before it is one. */
export interface Plan {
  /** Different characters. */
  vocabSize: number;
  /** The model. */
  model: ModelConfig;
  /** Of the training what takes memory. */
  training: Pick<TrainingConfig, "batchSize" | "evalIters"> & { accumulate?: number };
  /** Threads of the engine, each of which has memory to work in. */
  threads?: number;
}

/** Bytes. */
export interface MemoryNeeds {
  /** The weights, AdamW's two running means of their gradients, and sums of these over parts. */
  weights: number;
  /** The tensors of a training step. */
  step: number;
  /** An evaluation's list of losses; its tensors share the step's memory. */
  evaluation: number;
  /** JavaScript's objects: what a step's kernel calls are noted down in. */
  objects: number;
  /** Copies of the weights outside: what is drawn for them, a checkpoint. */
  copies: number;
}

/** What there is, in bytes. */
export interface Room {
  /** Who offers it, as the subject of a sentence. */
  name: string;
  /** How much. */
  bytes: number;
  /** What has to lie there. */
  holds: (keyof MemoryNeeds)[];
}

const FLOAT = 4;
const GIB = 2 ** 30;
/** Gaps between tensors, as measured. */
const GAPS = 1.1;
/** A mask of dropout takes a byte a number, a quarter of it. */
const MASK = 0.25;
/** The engine's product packs parts of its factors: so many floats, and so many a row. */
const PACKED = 2 ** 16;
const PACKED_A_ROW = 2 ** 9;
/** Kernel calls a block and a head, and the objects that a call leaves, as measured. */
const CALLS_A_BLOCK = 30;
const CALLS_A_HEAD = 50;
const OBJECTS_A_CALL = 6000;
/** V8 ends a program with more objects, at a limit between 2 and 4 GiB. */
const JAVASCRIPT_LIMIT = 2 * GIB;
/** A WebAssembly memory has addresses of 32 bits. */
const WEBASSEMBLY_LIMIT = 4 * GIB;
/** Where the machine does not tell: more than nearly all have. */
const UNKNOWN_LIMIT = 64 * GIB;

/** How many numbers a model learns: what `countParameters` of the model built counts. */
export function parametersOf({ vocabSize: V, model }: Pick<Plan, "vocabSize" | "model">): number {
  const { body, blockSize: T, nEmbd: C, nLayer, widening, skip } = model;
  if (body === "bigram") return V * V;
  const linear = (from: number, to: number) => from * to + to;
  const qkv = 3 * C * (C + (model.attentionBias ? 1 : 0)); // of all heads together
  const ffwd = widening ? linear(C, widening * C) + linear(widening * C, C) : linear(C, C);
  const attention = qkv + linear(C, C) + (model.innerFeedForward ? ffwd : 0);
  const norms = skip === "none" ? 0 : 2 * C;
  const bodies = {
    head: qkv,
    multi_head: attention,
    feed_forward: attention + ffwd,
    blocks: nLayer * (attention + ffwd + 2 * norms) + norms,
  };
  const places = model.positions === "rotary" ? 0 : T;
  return (V + places) * C + bodies[body] + (model.tiedEmbeddings ? 0 : linear(C, V));
}

/** The floats a character that a step keeps until its gradients are computed, by layers. */
function keptFloats({ vocabSize: V, model }: Plan) {
  const { body, blockSize: T, nEmbd: C, nHead, nLayer, widening, skip, dropout } = model;
  const mask = dropout > 0 ? MASK : 0;
  // Behind softmax, and again behind dropout, whose mask is kept too.
  const heads = (count: number) => 3 * C + count * T * (dropout > 0 ? 2 + mask : 1);
  const hidden = (widening || 1) * C;
  const ffwd = hidden * (model.activation === "gelu" ? 2 : 1) + mask * C;
  const attention = heads(nHead) + C + mask * C + (model.innerFeedForward ? C + ffwd : 0);
  const joints = skip === "none" ? (widening ? C : 0) : 4 * C + 4; // LayerNorm's x, y and statistics
  const block = attention + ffwd + joints;
  const bodies = {
    bigram: 0,
    head: heads(1) + C,
    multi_head: attention + C,
    feed_forward: attention + C + ffwd,
    blocks: nLayer * block + (skip === "none" ? 0 : 2 * C),
  };
  const kept = bodies[body] + (body === "bigram" ? 0 : C);
  const passing = body === "bigram" ? 0 : Math.max(hidden, 3 * T) + 2 * C;
  return { kept, passing, scores: (body === "bigram" ? 3 : 2) * V, block };
}

/** What a run will need. */
export function memoryNeeds(plan: Plan): MemoryNeeds {
  const { vocabSize: V, model, training, threads = 1 } = plan;
  const { batchSize, evalIters, accumulate = 1 } = training;
  const isBigram = model.body === "bigram";
  const { blockSize: T, nEmbd: C, nLayer, widening } = model;
  const parameters = parametersOf(plan);
  const characters = Math.ceil(batchSize / accumulate) * T; // at once
  const { kept, passing, scores, block } = keptFloats(plan);
  const table = V * (isBigram ? V : C);
  // A step is at its largest before its first gradient, or at its last. Gradients, which all stay
  // until the update, lie in the gaps between tensors, and keep what comes later from them.
  const first = characters * (kept + Math.max(scores, passing));
  const last = (characters >= V ? 2 * table : 0) +
    characters * (isBigram ? V : passing + Math.min(kept, block));
  const rows = Math.max(characters, V, (widening || 1) * C);
  const packed = isBigram ? 0 : threads * (PACKED + PACKED_A_ROW * rows);
  const layers = model.body === "blocks" ? nLayer : 1;
  const calls = layers * (CALLS_A_BLOCK + CALLS_A_HEAD * (isBigram ? 0 : model.nHead));
  return {
    weights: (accumulate > 1 ? 5 : 3) * FLOAT * parameters, // sums, and zeros to begin them with
    step: FLOAT * (GAPS * Math.max(first, last) + parameters + packed + 2 * characters),
    evaluation: FLOAT * evalIters,
    objects: OBJECTS_A_CALL * calls,
    copies: 3 * FLOAT * parameters,
  };
}

/** What there is for a run on the backend. */
export function roomFor(backend: BackendName): Room[] {
  const tensors = ["weights", "step"] as const;
  const rooms: Room[] = [
    { name: "JavaScript", bytes: JAVASCRIPT_LIMIT, holds: ["objects", "evaluation"] },
    {
      name: "this machine",
      bytes: machineMemory() ?? UNKNOWN_LIMIT,
      holds: [...tensors, "evaluation", "objects", "copies"],
    },
  ];
  if (backend !== "lab" && backend !== "wasm") return rooms;
  const bytes = WEBASSEMBLY_LIMIT;
  return [{ name: `the backend ${backend}`, bytes, holds: [...tensors] }, ...rooms];
}

/**
 * Checks that a run has room.
 *
 * @throws {UserError} saying what it needs, what there is, and what would do
 */
export function checkMemory(plan: Plan, rooms: Room[]): void {
  const needs = memoryNeeds(plan);
  const room = rooms.find((room) => !fits(needs, room));
  if (!room) return;
  const parts = { weights: "weights", step: "a step", evaluation: "an evaluation" };
  const shown = { ...parts, objects: "its kernel calls", copies: "a checkpoint" };
  const list = room.holds.filter((part) => needs[part] >= GIB / 20)
    .map((part) => `${shown[part]} ${inGib(needs[part])}`).join(", ");
  throw new UserError((nameOf) =>
    `the run needs about ${inGib(sum(needs, room))} GiB of memory (${list}), ` +
    `and ${room.name} has ${inGib(room.bytes)} GiB: ` +
    remedyFor(plan, rooms, nameOf)
  ).saying({ kind: "memory", needs: sum(needs, room) / GIB, has: room.bytes / GIB });
}

function sum(needs: MemoryNeeds, { holds }: Room): number {
  return holds.reduce((total, part) => total + needs[part], 0);
}

const fits = (needs: MemoryNeeds, room: Room) => sum(needs, room) <= room.bytes;

/** GiB with as many digits as say something. */
function inGib(bytes: number): string {
  return (bytes / GIB).toLocaleString("en", { maximumFractionDigits: 1 });
}

/** What can be lowered, what loses least first. */
const lowerable: [name: string, get: (p: Plan) => number, set: (p: Plan, n: number) => Plan][] = [
  ["evalIters", (p) => p.training.evalIters, (p, evalIters) => withTraining(p, { evalIters })],
  ["batchSize", (p) => p.training.batchSize, (p, batchSize) => withTraining(p, { batchSize })],
  ["nLayer", (p) => isBlocks(p) ? p.model.nLayer : 1, (p, nLayer) => withModel(p, { nLayer })],
  ["blockSize", (p) => p.model.blockSize, (p, blockSize) => withModel(p, { blockSize })],
  [
    "nEmbd", // in steps of the heads, which divide it
    (p) => p.model.body === "bigram" ? 1 : p.model.nEmbd / p.model.nHead,
    (p, n) => withModel(p, { nEmbd: n * p.model.nHead }),
  ],
];

const isBlocks = ({ model }: Plan) => model.body === "blocks";
const withModel = (p: Plan, model: Partial<ModelConfig>) => {
  return { ...p, model: { ...p.model, ...model } };
};
const withTraining = (p: Plan, training: Partial<Plan["training"]>) => {
  return { ...p, training: { ...p.training, ...training } };
};

/** The one argument that does it, with its largest value; else what else there is to do. */
function remedyFor(plan: Plan, rooms: Room[], nameOf: (argument: string) => string): string {
  const hasRoom = (changed: Plan) => rooms.every((room) => fits(memoryNeeds(changed), room));
  for (const [name, get, set] of lowerable) {
    let [good, bad] = [0, get(plan)];
    while (bad - good > 1) {
      const middle = Math.floor((good + bad) / 2);
      if (hasRoom(set(plan, middle))) good = middle;
      else bad = middle;
    }
    if (good === 0) continue;
    const value = name === "nEmbd" ? good * plan.model.nHead : good;
    const inParts = name === "batchSize"
      ? `, or compute a batch in parts (${nameOf("accumulate")})`
      : "";
    return `lower ${nameOf(name)}, of which at most ${value} fits${inParts}`;
  }
  if (plan.model.body === "bigram") {
    return `its table has a row and a column for each of ${plan.vocabSize} different ` +
      "characters: take a text that has fewer";
  }
  const names = lowerable.map(([name]) => nameOf(name)).slice(1).join(", ");
  return `lower several of ${names}, or take a text with fewer than ${plan.vocabSize} ` +
    "different characters";
}
