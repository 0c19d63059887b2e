/**
 * What the page shows, as signals, and what its buttons do. The work is the worker's.
 *
 * @module
 */
/// <reference lib="dom" />
import { computed, effect, signal } from "npm:@preact/signals@2.11.4";
import { proxy, type Remote, wrap } from "npm:comlink@4.4.2";
import type { Stage } from "@hugo-lab/model";
import type { Beginning, Lab, PageStage, PageText, Progress, TextChoice } from "./lab.ts";
import type { Look } from "./look.ts";
import {
  type Address,
  changed,
  fieldsOf,
  headsFit,
  isGood,
  noAddress,
  ranges,
  readAddress,
  valueOf,
  writeAddress,
} from "./settings.ts";
import { en } from "./texts/en.ts";
import { fr } from "./texts/fr.ts";
import type { Field, Texts } from "./texts/texts.ts";
import { isTrouble, type Trouble } from "./trouble.ts";

/** The page's languages. */
export const languages: Record<string, Texts> = { en, fr };

/** A page from the disk may change its address behind a # only. */
const isFile = location.protocol === "file:";

/** The stages, in their order. */
export const stageNames: PageStage[] = [
  "bigram",
  "single_head",
  "multi_head",
  "feed_forward",
  "blocks",
  "blocks_norm",
  "gpt",
];

/** So often the text is written anew while the model trains. */
const WRITE_MS = 1000;
/** Writing and looking may take this share of the time at most. */
const WRITE_SHARE = 0.04;
/** A setting takes effect once no key was pressed for so long. */
const SETTLE_MS = 350;
const LENGTH = 160;
/** Of bigram's table. */
const PAIRS = 24;
/** A larger file is not read: 1 GiB. */
const LARGEST_FILE = 2 ** 30;

/** What the address holds. */
export const address = signal<Address>(
  readAddress(location.search || location.hash.slice(1), stageNames),
);
/** What the worker has told; nothing before it has begun. */
export const beginning = signal<Beginning | undefined>(undefined);
/** How far the run is that is open. */
export const progress = signal<Progress | undefined>(undefined);
/** The text that the model wrote last, and the prompt that it continues. */
export const written = signal<{ prompt: string; text: string } | undefined>(undefined);
/** What the model makes of the prompt. */
export const looked = signal<Look | undefined>(undefined);
/** Bigram's table. */
export const pairs = signal<
  { characters: string[]; learned: number[][]; counted: number[][] } | undefined
>(undefined);
/** What to tell the student, in the language in use. */
export interface Message {
  say: (texts: Texts) => string;
  isError: boolean;
  /** Whether it is of the looking that goes on by itself. */
  isOfLook?: boolean;
}

/** What is told now; an error until the next thing of its kind goes well. */
export const message = signal<Message | undefined>(undefined);
/** A model that a file brought, with sizes of its own. */
const fileModel = signal<Stage["model"] | undefined>(undefined);

/** The language in use. */
export const texts = computed<Texts>(() => {
  const wanted = [address.value.language, ...navigator.languages].filter((name) => name)
    .map((name) => name!.slice(0, 2).toLowerCase());
  return languages[wanted.find((name) => Object.hasOwn(languages, name)) ?? "en"];
});

/** The stage as the lab has it, and as it is set. */
export const labStage = computed(() => beginning.value?.stages[address.value.stage]);
/** The stage with the student's settings. */
export const stage = computed<Stage | undefined>(() => {
  if (!labStage.value) return undefined;
  const set = changed(labStage.value, address.value.changes);
  return fileModel.value ? { ...set, model: fileModel.value } : set;
});
/** The text that is learned from. */
export const textChoice = computed<TextChoice>(() => {
  const choices = beginning.value?.texts.map(({ choice }) => choice) ?? [];
  const { text } = address.value;
  return text && choices.includes(text) ? text : choices[0] ?? "practice";
});
/** Whether the notebook's figures are of the very run that is open. */
export const isNotebooks = computed(() => {
  const [now, lab] = [stage.value, labStage.value];
  const text = beginning.value?.texts.find(({ choice }) => choice === textChoice.value);
  return Boolean(
    now && lab && text?.isHugo &&
      fieldsOf(lab).every((field) => valueOf(now, field) === valueOf(lab, field)),
  );
});

let lab: Remote<Lab>;

/** Starts the worker and opens what the address says. */
export async function begin(worker: Worker, text: PageText | undefined) {
  lab = wrap<Lab>(worker);
  worker.onerror = ({ message }) => fail({ kind: "browser", message });
  try {
    beginning.value = await lab.begin(text, proxy(tell), proxy((trouble) => fail(trouble)));
  } catch (error) {
    return fail({ kind: "browser", message: messageOf(error) });
  }
  await open();
}

function tell(now: Progress): void {
  progress.value = now;
}

/** Tells what went wrong, with the file that it is about. */
function fail(trouble: Trouble, { isOfLook = false, file = "" } = {}): void {
  const isToldAlready = message.value?.isError && !message.value.isOfLook;
  if (isOfLook && isToldAlready) return;
  const say = ({ errors, ofFile }: Texts) => {
    const text = (errors[trouble.kind] as (trouble: Trouble) => string)(trouble);
    return file ? ofFile(file, text) : text;
  };
  message.value = { say, isError: true, isOfLook };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Does something and tells what goes wrong.
 *
 * @param about the file that it is done with, and whether it is the looking that goes on by itself,
 * which wipes its own errors only
 */
async function doing<T>(
  work: () => Promise<T>,
  about: { isOfLook?: boolean; file?: string } = {},
): Promise<T | undefined> {
  try {
    const result = await work();
    const isItsOwn = !about.isOfLook || message.value?.isOfLook;
    if (message.value?.isError && isItsOwn) message.value = undefined;
    return result;
  } catch (error) {
    fail(isTrouble(error) ? error : { kind: "other", message: messageOf(error) }, about);
    return undefined;
  }
}

/** Opens the run of the address; one that was running when the page was left goes on. */
async function open(): Promise<void> {
  const set = stage.value;
  if (!set) return;
  if (!headsFit(set)) return fail({ kind: "heads" });
  fileModel.value = undefined;
  written.value = undefined;
  const wasRunning = await doing(() => lab.open(stage.value!, textChoice.value));
  await refresh();
  if (wasRunning) void train();
}

let settling: ReturnType<typeof setTimeout> | undefined;

function openSoon(): void {
  clearTimeout(settling);
  settling = setTimeout(() => void open(), SETTLE_MS);
}

/** Changes a part of the address. */
export function go(change: Partial<Address>): void {
  address.value = { ...address.value, ...change };
}

/** Goes to a stage; its settings are the lab's. */
export async function goToStage(name: PageStage): Promise<void> {
  const { text, language, prompt, temperature, topK } = address.value;
  address.value = { ...noAddress, stage: name, text, language, prompt, temperature, topK };
  fileModel.value = undefined;
  progress.value = undefined;
  looked.value = undefined;
  pairs.value = undefined;
  await open();
}

/** Changes a setting; a value that may not stand there is told and not taken. */
export function set(field: Field, value: number): void {
  const { min: low, max: high } = ranges[field];
  if (!isGood(field, value)) return fail({ kind: "range", field, low, high });
  message.value = undefined;
  const changes = { ...address.value.changes, [field]: value };
  if (labStage.value && valueOf(labStage.value, field) === value) delete changes[field];
  go({ changes });
  openSoon();
}

/** Goes back to the lab's settings. */
export function reset(): void {
  go({ changes: {} });
  openSoon();
}

/** Takes another text. */
export async function chooseText(choice: TextChoice): Promise<void> {
  go({ text: choice });
  await open();
}

/** Trains to the end, or until it is paused. */
export async function train(): Promise<void> {
  message.value = undefined;
  // What goes wrong in a training is told by itself: by `fail`, as the worker was given it.
  await lab.train();
  await refresh();
}

/** Pauses. */
export async function pause(): Promise<void> {
  await doing(() => lab.pause());
}

/** One iteration. */
export async function step(): Promise<void> {
  await doing(() => lab.step());
  await refresh();
}

/** Begins the run anew. */
export async function restart(): Promise<void> {
  if (!stage.value) return;
  if (!headsFit(stage.value)) return fail({ kind: "heads" });
  await doing(() => lab.restart(stage.value!, textChoice.value));
  await refresh();
}

/** Has the model write and shows what it makes of the prompt. */
export async function refresh(seed = stage.value?.training.seed ?? 0): Promise<void> {
  const { prompt, temperature, topK } = address.value;
  await doing(async () => {
    const options = { temperature, ...(topK > 0 ? { topK } : {}) };
    const text = await lab.write({ prompt, length: LENGTH, seed, ...options });
    written.value = { prompt, text };
    looked.value = await lab.look(prompt);
    pairs.value = address.value.stage === "bigram" ? await lab.pairs(PAIRS) : undefined;
  }, { isOfLook: true });
}

/** Has the model write another text. */
export function writeAgain(): Promise<void> {
  return refresh(Math.floor(Math.random() * 2 ** 32));
}

/** While the model trains, its text is written anew now and then, if anybody sees it. */
async function follow(): Promise<void> {
  let wait = WRITE_MS;
  while (true) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    if (progress.value?.status !== "running" || document.hidden) continue;
    const began = performance.now();
    await refresh();
    wait = Math.max(WRITE_MS, (performance.now() - began) / WRITE_SHARE);
  }
}

/** Opens a file: a text to learn from, or a model of the lab. */
export async function openFile(file: File): Promise<void> {
  const { name, size } = file;
  if (size > LARGEST_FILE) {
    return fail({ kind: "large file", limit: LARGEST_FILE / 2 ** 30 }, { file: name });
  }
  const isModel = name.endsWith(".safetensors");
  const isTaken = await doing(async () => {
    const bytes = new Uint8Array(await file.arrayBuffer());
    if (isModel) await openModel(bytes);
    else beginning.value = { ...beginning.value!, texts: await lab.useText(name, bytes) };
    return true;
  }, { file: name });
  if (!isTaken) return;
  if (!isModel) await chooseText("own"); // tells its own errors
  if (!message.value?.isError) {
    message.value = { say: ({ data }) => data.opened(name), isError: false };
  }
}

async function openModel(bytes: Uint8Array): Promise<void> {
  const opened = await lab.load(bytes, textChoice.value);
  const base = beginning.value!.stages[opened.stage];
  const found = { ...opened.model, ...opened.training } as unknown as Record<string, number>;
  const changes: Address["changes"] = {};
  for (const field of fieldsOf(base)) {
    const value = found[field];
    if (value !== undefined && value !== valueOf(base, field)) changes[field] = value;
  }
  fileModel.value = opened.model;
  go({ stage: opened.stage, changes });
  await refresh();
}

/** Saves a file of the run. */
export async function save(name: string): Promise<void> {
  await doing(async () => {
    const file = (await lab.files()).find((one) => one.name === name)!;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([file.bytes as BlobPart]));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  });
}

effect(() => {
  const search = writeAddress(address.value);
  history.replaceState(null, "", isFile ? `#${search}` : search);
  document.documentElement.lang = texts.value.locale;
  document.title = `${texts.value.stages[address.value.stage].title} · ${texts.value.title}`;
});
const asks = ({ prompt, temperature, topK }: Address) =>
  JSON.stringify([prompt, temperature, topK]);
let asked = asks(address.value);
let asking: ReturnType<typeof setTimeout> | undefined;
effect(() => {
  const now = asks(address.value);
  if (now === asked || !progress.peek()) return;
  asked = now;
  clearTimeout(asking);
  asking = setTimeout(() => void refresh(), SETTLE_MS);
});
void follow();
