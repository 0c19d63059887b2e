/**
 * A stage's architecture as a diagram, from its configuration: dagre places the boxes, Observable
 * Plot draws them.
 *
 * @module
 */
import { dagre, Plot } from "./packages.ts";
import type { ModelConfig } from "@hugo-lab/model";
import { type DiagramWords, englishWords } from "./diagram_words.ts";
import type { Figure } from "./document.ts";
import { draw } from "./draw.ts";

/** More heads than this are one box. */
const MOST_HEADS = 6;
const FONT_SIZE = 12;
const CHARACTER_WIDTH = 0.55 * FONT_SIZE;
const LINE_HEIGHT = 15;
/** So that an arrow's head ends at the box, not in it. */
const ARROW_GAP = 2;

/** A box: its class in the style sheet tells what kind of layer it is. */
interface Box {
  id: string;
  text: string;
  className: "io" | "embedding" | "attention" | "computation" | "norm" | "sum";
  /** Whether it stands in the frame of the repeated block. */
  framed: boolean;
}

/** The boxes and arrows of a model, in the order of the data. */
class Flow {
  readonly boxes: Box[] = [];
  readonly arrows: [from: string, to: string][] = [];
  framed = false;

  /** A flow without boxes, in a language. */
  constructor(readonly words: DiagramWords) {}

  /** Adds a box behind others, and gives its name. */
  add(className: Box["className"], text: string, ...after: string[]): string {
    const id = `n${this.boxes.length}`;
    this.boxes.push({ id, text, className, framed: this.framed });
    for (const from of after) this.arrows.push([from, id]);
    return id;
  }
}

/** The diagram of a stage's model. */
export function diagram(
  name: string,
  config: ModelConfig,
  vocabSize: number,
  words = englishWords,
): Figure {
  const flow = flowOf(config, vocabSize, words);
  const title = words.title(name);
  const description = words.description(
    flow.boxes.map(({ text }) => text.replaceAll("\n", " ")).join("; "),
  );
  const repeated = flow.boxes.some(({ framed }) => framed) ? words.blocks(config.nLayer) : "";
  return { title, description, svg: drawFlow(flow, repeated, { title, description }) };
}

/** What the data go through, from characters to scores. */
function flowOf(config: ModelConfig, vocabSize: number, words: DiagramWords): Flow {
  const { body, nEmbd: C } = config;
  const flow = new Flow(words);
  const input = flow.add("io", `${words.characters} (T)`);
  if (body === "bigram") {
    const table = flow.add("embedding", `${words.table}\n${vocabSize} × ${vocabSize}`, input);
    flow.add("io", `${words.scores} (T, ${vocabSize})`, table);
    return flow;
  }
  let x = embeddings(flow, config, vocabSize, input);
  if (body === "head") x = head(flow, config, x);
  if (body === "multi_head" || body === "feed_forward") x = attention(flow, config, x);
  if (body === "feed_forward") x = feedForward(flow, config, x);
  if (body === "blocks") x = blocks(flow, config, x);
  const last = config.tiedEmbeddings ? words.transposed : "lm_head: Linear";
  x = flow.add("computation", `${last}\n${C} → ${vocabSize}`, x);
  flow.add("io", `${words.scores} (T, ${vocabSize})`, x);
  return flow;
}

/** What stands for each character, and for its place unless the heads are told that. */
function embeddings(
  flow: Flow,
  { nEmbd: C, blockSize: T, positions }: ModelConfig,
  vocabSize: number,
  input: string,
): string {
  const { words } = flow;
  if (positions === "rotary") {
    return flow.add("embedding", `${words.token}\n${vocabSize} × ${C}`, input);
  }
  const places = flow.add("io", `${words.positions} (T ≤ ${T})`);
  const token = flow.add("embedding", `${words.token}\n${vocabSize} × ${C}`, input);
  const position = flow.add("embedding", `${words.position}\n${T} × ${C}`, places);
  return flow.add("sum", "+", token, position);
}

/** One head with all its parts. */
function head(flow: Flow, { nEmbd: C, dropout }: ModelConfig, x: string): string {
  const { words } = flow;
  const linear = (name: string) => flow.add("attention", `${name}: Linear\n${C} → ${C}`, x);
  const [query, key, value] = [linear("query"), linear("key"), linear("value")];
  const scores = flow.add("attention", `query · key / √${C}\n(T, T)`, query, key);
  const mask = flow.add("attention", words.mask, scores);
  const weights = flow.add("attention", `softmax${dropout ? ", dropout" : ""}`, mask);
  return flow.add("attention", `${words.weights} × value\n(T, ${C})`, weights, value);
}

/** The heads, their projection and what the stage adds to them. */
function attention(flow: Flow, config: ModelConfig, x: string): string {
  const { nEmbd: C, nHead, dropout, positions } = config;
  const { words } = flow;
  const size = C / nHead;
  const turned = positions === "rotary" ? `\n${words.rotary}` : "";
  const heads = nHead > MOST_HEADS || turned
    ? [flow.add("attention", words.heads(nHead, size) + turned, x)]
    : Array.from(
      { length: nHead },
      (_, i) => flow.add("attention", `${words.head(i + 1)}\n${C} → ${size}`, x),
    );
  const before = dropout && config.dropoutBeforeProj ? ", dropout" : "";
  const after = dropout && !config.dropoutBeforeProj ? ", dropout" : "";
  let out = flow.add("attention", `${words.concatenate}${before}\n(T, ${C})`, ...heads);
  out = flow.add("attention", `proj: Linear${after}\n${C} → ${C}`, out);
  return config.innerFeedForward ? feedForward(flow, { ...config, widening: 0 }, out) : out;
}

function feedForward(flow: Flow, config: ModelConfig, x: string): string {
  const { nEmbd: C, widening, dropout } = config;
  const last = dropout ? ", dropout" : "";
  const activation = config.activation === "gelu" ? "GELU" : "ReLU";
  if (!widening) return flow.add("computation", `Linear, ${activation}${last}\n${C} → ${C}`, x);
  const sizes = `${C} → ${widening * C} → ${C}`;
  return flow.add("computation", `Linear, ${activation}, Linear${last}\n${sizes}`, x);
}

/** One block in its frame, and the norm behind the last. */
function blocks(flow: Flow, config: ModelConfig, x: string): string {
  const { skip } = config;
  const norm = (y: string) => flow.add("norm", "LayerNorm", y);
  flow.framed = true;
  for (const part of [attention, feedForward]) {
    const normed = skip === "none" ? x : norm(x);
    const y = part(flow, config, normed);
    const from = skip === "notebook" ? normed : x;
    x = skip === "none" ? y : flow.add("sum", "+", y, from);
  }
  flow.framed = false;
  return skip === "none" ? x : norm(x);
}

/** A placed thing. */
interface Placed {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A point of an arrow, whose number it has. */
interface Bend {
  x: number;
  y: number;
  id: number;
}

function place({ boxes, arrows }: Flow): {
  boxes: (Box & Placed)[];
  bends: Bend[];
  width: number;
  height: number;
} {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: "TB", nodesep: 14, ranksep: 24, marginx: 24, marginy: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, text, className } of boxes) {
    const lines = text.split("\n");
    const longest = Math.max(...lines.map((line) => line.length));
    const width = className === "sum" ? 26 : longest * CHARACTER_WIDTH + 18;
    graph.setNode(id, { width, height: lines.length * LINE_HEIGHT + 11 });
  }
  for (const [from, to] of arrows) graph.setEdge(from, to);
  dagre.layout(graph, { disableOptimalOrderHeuristic: true }); // head 1 to the left of head 2
  const bendsOf = (v: string, w: string) =>
    (graph.edge(v, w) as unknown as { points: { x: number; y: number }[] }).points;
  const { width, height } = graph.graph() as { width: number; height: number };
  return {
    boxes: boxes.map((box) => ({ ...box, ...graph.node(box.id) as unknown as Placed })),
    bends: arrows.flatMap(([from, to], id) =>
      bendsOf(from, to).map(({ x, y }, i, all) => ({
        x,
        y: i === all.length - 1 ? y - ARROW_GAP : y,
        id,
      }))
    ),
    width,
    height,
  };
}

/** The frame around the boxes of a block and the arrows between them; none if there is no block. */
function frameOf({ arrows }: Flow, boxes: (Box & Placed)[], bends: Bend[]): Placed[] {
  const framed = boxes.filter((box) => box.framed);
  if (framed.length === 0) return [];
  const names = new Set(framed.map(({ id }) => id));
  const inside = bends.filter(({ id }) => arrows[id].every((name) => names.has(name)));
  const span = (values: number[]) => [Math.min(...values) - 10, Math.max(...values) + 10];
  const [left, right] = span([
    ...inside.map(({ x }) => x),
    ...framed.flatMap(({ x, width }) => [x - width / 2, x + width / 2]),
  ]);
  const [top, bottom] = span(framed.flatMap(({ y, height }) => [y - height / 2, y + height / 2]));
  return [{
    x: (left + right) / 2,
    y: (top + bottom) / 2,
    width: right - left,
    height: bottom - top,
  }];
}

function drawFlow(
  flow: Flow,
  repeated: string,
  words: { title: string; description: string },
): string {
  const { boxes, bends, width, height } = place(flow);
  const frames = frameOf(flow, boxes, bends);
  const edges = {
    x1: ({ x, width }: Placed) => x - width / 2,
    x2: ({ x, width }: Placed) => x + width / 2,
    y1: ({ y, height }: Placed) => y - height / 2,
    y2: ({ y, height }: Placed) => y + height / 2,
  };
  const classes = [...new Set(boxes.map(({ className }) => className))];
  return draw({
    width: Math.ceil(width),
    height: Math.ceil(height),
    margin: 0,
    axis: null,
    x: { type: "identity" },
    y: { type: "identity" },
    marks: [
      Plot.rect(frames, { ...edges, rx: 8, className: "block-frame" }),
      Plot.text(frames, { // below it, where no box can be
        x: edges.x1,
        y: edges.y2,
        text: () => repeated,
        textAnchor: "start",
        dx: 2,
        dy: 8,
      }),
      ...classes.map((className) =>
        Plot.rect(boxes.filter((box) => box.className === className), {
          ...edges,
          rx: 5,
          className: `box ${className}`,
        })
      ),
      Plot.line(bends, {
        x: "x",
        y: "y",
        z: "id",
        curve: "monotone-y",
        stroke: "currentColor",
        strokeOpacity: 0.65,
        markerEnd: "arrow",
      }),
      Plot.text(boxes, { x: "x", y: "y", text: "text", lineHeight: 1.25 }),
    ],
  }, { ...words, fontSize: FONT_SIZE });
}
