/**
 * What a language of the page has to say: every text is here by its name, so that a language that
 * lacks one is no language to the compiler.
 *
 * @module
 */
import type { DiagramWords } from "../../report/diagram_words.ts";
import type { PageStage } from "../lab.ts";
import type { Trouble } from "../trouble.ts";

/** The settings that a student may change. */
export type Field =
  | "seed"
  | "iters"
  | "batchSize"
  | "blockSize"
  | "nEmbd"
  | "nHead"
  | "nLayer"
  | "dropout"
  | "learningRate";

/** The figures of the run that is open, as they are shown. */
export interface Figures {
  /** Of the last evaluation. */
  step: string;
  train: string;
  val: string;
  /** The validation loss before training, and what guessing all alike would give. */
  first: string;
  guess: string;
  parameters: string;
  /** The notebook's last validation loss, if it has the stage. */
  notebook?: string;
  /** The validation loss less the training loss. */
  gap: string;
}

/** What is said of a stage. */
export interface StageTexts {
  title: string;
  /** What it adds, a paragraph each. */
  adds: string[];
  notice: string[];
  question: string;
  /** The answer, with the figures of this very run. */
  answer: (figures: Figures) => string;
}

/** All texts of a language. */
export interface Texts {
  /** As the switch calls the language. */
  name: string;
  /** For numbers, and for screen readers. */
  locale: string;
  title: string;
  subtitle: string;
  privacy: string;
  stagesLabel: string;
  languageLabel: string;
  stages: Record<PageStage, StageTexts>;
  fields: Record<Field, string>;
  panel: {
    title: string;
    train: string;
    pause: string;
    step: string;
    restart: string;
    settings: string;
    defaults: string;
    status: Record<"loading" | "paused" | "running" | "finished" | "file", string>;
    resumed: string;
    hidden: string;
    iteration: (done: string, all: string) => string;
    parameters: (count: string) => string;
    progress: string;
  };
  curve: {
    title: string;
    iteration: string;
    loss: string;
    train: string;
    validation: string;
    batches: string;
    notebookTrain: string;
    notebookValidation: string;
    nothing: string;
    describe: (name: string, from: string, to: string) => string;
    table: string;
    tableBeside: string;
    notHugo: string;
  };
  writing: {
    title: string;
    live: string;
    final: string;
    prompt: string;
    temperature: string;
    temperatureNote: string;
    topK: string;
    all: string;
    again: string;
  };
  inside: {
    title: string;
    note: string;
    next: string;
    heads: string;
    head: (block: number | undefined, head: number) => string;
    row: string;
    column: string;
    keys: string;
    value: (row: string, column: string, value: string) => string;
    pairs: string;
    learned: string;
    counted: string;
    pairsNote: string;
    pairRow: string;
    pairColumn: string;
  };
  parts: string;
  architecture: string;
  source: string;
  sourceNote: (file: string) => string;
  noticeTitle: string;
  questionTitle: string;
  answerTitle: string;
  answerLater: string;
  data: {
    title: string;
    text: string;
    choices: { page: (name: string) => string; practice: string; own: (name: string) => string };
    drop: string;
    save: string;
    saveNote: (folder: string) => string;
    openNote: string;
    opened: (name: string) => string;
    keeps: string;
    keepsNot: string;
  };
  nextStage: (title: string) => string;
  link: string;
  copied: string;
  diagram: DiagramWords;
  /** What went wrong, by its kind. */
  errors: { [K in Trouble["kind"]]: (trouble: TroubleOf<K>) => string };
  /** The same with the file that it is about. */
  ofFile: (file: string, error: string) => string;
}

/** The trouble of a kind. */
type TroubleOf<K> = Trouble extends infer T ? T extends { kind: infer L } ? K extends L ? T : never
  : never
  : never;
