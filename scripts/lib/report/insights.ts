/**
 * What a stage's trained weights show: pairs of characters, attention, embeddings.
 *
 * @module
 */
import type { StageName } from "@hugo-lab/model";
import { encodePrompt } from "../task/prompt.ts";
import { embeddingMap } from "./characters.ts";
import { type Block, missing, paragraph } from "./document.ts";
import { WIDTH } from "./draw.ts";
import { corpusOf, type Findings } from "./gather.ts";
import { heatMap } from "./heatmap.ts";
import { countedPairs, label, lineOf } from "./text.ts";
import { attentionOn, embeddingPlane, type Trained, trainedPairs } from "./weights.ts";

/** Pictures side by side. */
type Figures = Block & { kind: "figures" };

/** A line on which attention is shown has at most so many characters. */
const LONGEST_LINE = 16;
/** So many of the most frequent characters are in the picture of pairs. */
const PAIRED = 28;

/** What the weights show, or what is to be done to see it. */
export async function insights(findings: Findings, name: StageName): Promise<Block[]> {
  const weights = findings.weights.get(name);
  const foreign = findings.foreign.get(name);
  if (foreign) return [paragraph(foreign)];
  if (!weights) {
    return findings.runs.get(name)!.length === 0 ? [] : [
      missing(
        "The pictures of the weights need the weights, which are not kept in git",
        `deno task ${name}`,
      ),
    ];
  }
  return name === "bigram"
    ? [pairs(findings, weights)]
    : beside(await attention(findings, name, weights), embeddings(name, weights));
}

/** A few heads stand beside the embeddings, many above them. */
function beside(attention: Block, embeddings: Block[]): Block[] {
  return attention.kind === "figures" && attention.figures.length > 4
    ? [attention, ...embeddings]
    : [{ kind: "columns", columns: [[attention], embeddings] }];
}

/** What follows what: as trained, and as it is in the text. */
function pairs(findings: Findings, weights: Trained): Block {
  const { vocabulary } = weights;
  const corpus = corpusOf(findings, "bigram");
  if (!corpus) return textIsMissing("What follows what is compared with the text");
  const frequent = [...corpus.text.countCharacters().keys()].slice(0, PAIRED);
  const numbers = [...vocabulary.encode(frequent)];
  const picture = (title: string, description: string, matrix: number[][]) =>
    heatMap({
      title,
      description,
      matrix: numbers.map((i) => numbers.map((j) => matrix[i][j])),
      characters: frequent,
      axes: { row: "character", column: "what follows it" },
      full: 0.5,
      width: WIDTH.half,
    });
  return {
    kind: "figures",
    size: "half",
    figures: [
      picture(
        "What follows what, as bigram learned it",
        "The softmax of the trained table's rows",
        trainedPairs(weights),
      ),
      picture(
        "What follows what, as counted in the text",
        "The share of each pair among those that begin with the same character",
        countedPairs(corpus, vocabulary),
      ),
    ],
    note: [
      `The ${frequent.length} most frequent characters; full colour means half of the time or more. ` +
      "Learning the table by gradient descent comes near to what counting gives at once.",
    ],
  };
}

function textIsMissing(what: string): Block {
  return missing(`${what} that was learned from`, "deno task report --corpus FILE");
}

/** Each head on a line of the text, or on the prompt. */
async function attention(findings: Findings, name: StageName, weights: Trained): Promise<Block> {
  const { prompt } = findings;
  const corpus = corpusOf(findings, name);
  const length = Math.min(LONGEST_LINE, weights.config.blockSize);
  if (!prompt && !corpus) return textIsMissing("Attention is shown on a line of the text");
  const line = prompt ? [...prompt].slice(0, length) : lineOf(corpus!, length);
  const maps = await attentionOn(weights, encodePrompt(weights.vocabulary, line.join("")));
  const shown = line.map(label).join("");
  const size = maps.length === 1 ? "third" : "small";
  const figures = maps.map(({ title, weights: matrix }) =>
    heatMap({
      title,
      description: `${name}: which characters each of “${shown}” attends to`,
      matrix,
      characters: line,
      axes: { row: "character", column: "attends to" },
      full: 1,
      width: WIDTH[size],
    })
  );
  const from = prompt ? "" : ", from the validation part, which the model did not learn from";
  const note = ["Attention weights on ", { code: shown }, `${from}.`];
  return { kind: "figures", size, figures, note };
}

/** Where training put the characters. */
function embeddings(name: StageName, weights: Trained): Figures[] {
  const plane = embeddingPlane(weights);
  if (!plane) return [];
  return [{
    kind: "figures",
    size: "half",
    figures: [embeddingMap(name, plane, weights.vocabulary.characters, WIDTH.half)],
    note: [
      `A flat picture of ${weights.config.nEmbd} dimensions: the axes tell how much of the whole it ` +
      "shows. Characters that are used alike tend to lie near each other.",
    ],
  }];
}
