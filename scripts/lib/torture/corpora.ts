/**
 * Texts of every kind, and files that are none: used for what they are, or refused in one line, with
 * a notice where something is odd, in little memory, and never in another text's folder.
 *
 * @module
 */
import { parse } from "@std/csv";
import { decodeCheckpoint, modelInfo, readSafetensors } from "@hugo-lab/model";
import { taskNames, typed } from "../task/command.ts";
import { type Case, Dice, type Job, runCases } from "./job.ts";
import { excerpt, filesIn, halfWritten, judge } from "./judge.ts";
import { run } from "./process.ts";
import type { Fault } from "./tally.ts";

const QUICK = 16;
const SECONDS = 30;
const MEMORY = 3e9;

/** A text, and what must come of it. */
interface Kind {
  name: string;
  /** Its file's name. */
  file?: string;
  /** Its bytes; a text in UTF-8. */
  content?: string | Uint8Array | (() => Uint8Array);
  /** A shell command that makes the file in place of bytes. */
  make?: string;
  /** The path, where there is nothing to make. */
  path?: string;
  /** Whether it can be learned from; "either" if that is left to the lab. */
  isText: boolean | "either";
  /** What must be said on standard error. */
  notice?: RegExp;
  flags?: string[];
  /** Only in the long run. */
  large?: boolean;
  /** The tasks that take it. */
  tasks?: string[];
}

const lines = "La barque tarde, là-bas, dès l'aube, où l'été brûle les sables.\nJe viendrai.\n"
  .repeat(12);
const encode = (text: string) => new TextEncoder().encode(text);
const utf16 = (text: string, mark: boolean) =>
  new Uint8Array(Uint16Array.from((mark ? "\ufeff" : "") + text, (c) => c.charCodeAt(0)).buffer);
const joined = (...parts: Uint8Array[]) => new Uint8Array(parts.flatMap((part) => [...part]));
const different = (count: number) =>
  Array.from({ length: count }, (_, i) => String.fromCodePoint(i < 0xd000 ? i + 33 : i + 0x3000))
    .join("");
const train = ["single_head"];

const kinds: Kind[] = [
  { name: "empty", content: "", isText: false },
  { name: "one character", content: "a", isText: false },
  { name: "one character, often", content: "a".repeat(500), isText: false },
  { name: "two characters", content: "ab".repeat(200), isText: true },
  { name: "too short for a window", content: "abcdefgh", isText: false, tasks: train },
  { name: "NUL", content: lines.replaceAll("J", "\0"), isText: true, notice: /NUL/i },
  {
    name: "a byte order mark",
    content: "\ufeff" + lines,
    isText: true,
    notice: /byte order mark|BOM/i,
  },
  { name: "UTF-16 with a mark", content: utf16(lines, true), isText: false, notice: /UTF-16/ },
  {
    name: "UTF-16 without a mark",
    content: utf16(lines.replaceAll(/\P{ASCII}/gu, "e"), false),
    isText: "either",
    notice: /UTF-16/,
  },
  {
    name: "CR only",
    content: lines.replaceAll("\n", "\r"),
    isText: true,
    notice: /carriage return|\bCR\b/i,
  },
  { name: "CR and LF", content: lines.replaceAll("\n", "\r\n"), isText: true },
  {
    name: "no line end",
    content: lines.replaceAll("\n", " "),
    isText: true,
    tasks: train,
    notice: /prompt/,
  },
  { name: "no line end", content: lines.replaceAll("\n", " "), isText: true, tasks: ["stats"] },
  {
    name: "decomposed accents and a composed prompt",
    content: lines.normalize("NFD"),
    isText: false,
    tasks: train,
    flags: ["--prompt=dès"],
    notice: /compos|accent|NF[CD]/i,
  },
  {
    name: "composed accents and a decomposed prompt",
    content: lines.normalize("NFC"),
    isText: false,
    tasks: train,
    flags: [`--prompt=${"dès".normalize("NFD")}`],
    notice: /compos|accent|NF[CD]/i,
  },
  { name: "decomposed accents", content: lines.normalize("NFD"), isText: true },
  { name: "3,000 different characters", content: different(3000), isText: true },
  {
    name: "100,000 different characters",
    content: different(100_000),
    isText: true,
    tasks: ["stats"],
  },
  {
    name: "100,000 different characters to learn",
    content: different(100_000),
    isText: "either",
    tasks: train,
    flags: ["--batch-size=1"],
  },
  {
    name: "invalid UTF-8",
    content: joined(encode(lines), Uint8Array.of(0xff, 0xc0)),
    isText: false,
  },
  { name: "a cut character", content: encode(lines + "é").slice(0, -1), isText: false },
  {
    name: "surrogates",
    content: joined(encode(lines), Uint8Array.of(0xed, 0xa0, 0x80)),
    isText: false,
  },
  { name: "emoji and Arabic", content: "👩‍👩‍👧 مرحبا 🏳️‍🌈\n".repeat(40), isText: true },
  { name: "separators", content: "a\u2028b\u2029c\u0085d\n".repeat(60), isText: true },
  { name: "a folder", make: "mkdir text", file: "text", isText: false },
  { name: "a FIFO", make: "mkfifo text", file: "text", isText: false },
  { name: "a link to itself", make: "ln -s text text", file: "text", isText: false },
  { name: "no such file", path: "none.txt", isText: false },
  { name: "/dev/zero", path: "/dev/zero", isText: false },
  { name: "/dev/full", path: "/dev/full", isText: false },
  { name: "/dev/null", path: "/dev/null", isText: false },
  { name: "/dev/random", path: "/dev/random", isText: false },
  { name: "/proc", path: "/proc/self/maps", isText: "either" },
  ...[
    ...[".txt", ".hidden", "...txt", "..txt", "....", "~.txt", "a b.txt", "été.txt", "-x.txt"],
    ...["a\\b.txt", "%2e%2e.txt", "stats", "stats.txt", "multi_head.txt", "results", "a\nb.txt"],
    ...["hugo_contemplations.txt", "practice_corpus.txt", "HUGO_CONTEMPLATIONS.TXT", "a'b\"c.txt"],
    ...[`${"x".repeat(250)}.txt`, "con.txt", "a:b.txt", "*.txt", "👩‍👩‍👧.txt"],
  ].map((file): Kind => ({
    name: `the name ${JSON.stringify(file)}`,
    file,
    content: lines,
    isText: true,
  })),
  {
    name: "100 MB",
    content: () => encode(lines.repeat(Math.ceil(1e8 / lines.length))),
    isText: true,
    large: true,
    tasks: ["stats", "multi_head"],
  },
  {
    name: "140 MB of one line",
    content: () => encode("ab".repeat(7e7)),
    isText: true,
    large: true,
  },
  {
    name: "1 GB",
    make: 'yes "Demain, dès l\'aube" | head -c 1000000007 >text',
    file: "text",
    isText: "either",
    large: true,
    tasks: ["stats"],
  },
];

/** The class. */
export async function corpora(job: Job): Promise<void> {
  const all = kinds.filter(({ large }) => !large || !job.quick)
    .flatMap((kind) =>
      (kind.tasks ?? ["stats", "single_head"]).map((task) => (_: Dice, folder: string) =>
        learn(kind, task, folder)
      )
    );
  const dice = new Dice(job.seed);
  const chosen: Case[] = job.quick
    ? Array.from({ length: QUICK }, () => all.splice(dice.below(all.length), 1)[0])
    : [sameNames, ...all];
  await runCases(job, chosen);
}

const small = ["--iters=1", "--eval-iters=1", "--sample-length=5"];

async function learn(kind: Kind, task: string, folder: string) {
  const path = kind.path ?? `texts/${kind.file ?? "text.txt"}`;
  await make(kind, folder);
  const before = new Set(filesIn(folder));
  const args = [`--corpus=${path}`, ...task === "stats" ? [] : small, ...kind.flags ?? []];
  const end = await run(task, args, { cwd: folder, seconds: SECONDS, memory: MEMORY });
  const faults = judge(end);
  const { isText, notice, name } = kind;
  if (end.code === 0 && isText === false) faults.push({ column: "wrong", what: "it is taken" });
  if (end.code !== 0 && isText === true && faults.length === 0) {
    faults.push({ column: "wrong", what: `it is refused: ${excerpt(end.err)}` });
  }
  if (notice && !end.ended && !notice.test(end.err)) {
    faults.push({ column: "unclear", what: `nothing says what it is: ${excerpt(end.err)}` });
  }
  const added = filesIn(folder).filter((file) => !before.has(file));
  const isElsewhere = (file: string) => {
    const [results, own, written] = file.split("/");
    return results !== "results" || written === undefined || taskNames.includes(own) ||
      /^\.|^(hugo_contemplations|practice_corpus)$/i.test(own);
  };
  const strays = added.filter(isElsewhere);
  if (strays.length > 0) {
    faults.push({ column: "wrong", what: `it writes ${strays.join(", ")}`.slice(0, 200) });
  }
  if (end.code !== 0 && !end.ended && added.length > 0) {
    faults.push({
      column: "unclear",
      what: `refused, it leaves ${added.join(", ")}`.slice(0, 200),
    });
  }
  faults.push(...await halfWritten(`${folder}/results`));
  if (end.code === 0 && faults.length === 0 && !kind.large) {
    faults.push(...await contentFaults(task, folder, added, path));
  }
  const told = faults.map(({ column, what }) => ({ column, what: `${name}: ${what}` }));
  return { how: typed(task, args), faults: told };
}

async function make({ make, file = "text.txt", content }: Kind, folder: string): Promise<void> {
  const texts = `${folder}/texts`;
  await Deno.mkdir(texts, { recursive: true });
  if (make) {
    const { success } = await new Deno.Command("sh", { args: ["-c", make], cwd: texts }).output();
    if (!success) throw new Error(`cannot make ${make}`);
  } else if (content !== undefined) {
    const bytes = typeof content === "function" ? content() : content;
    await Deno.writeFile(`${texts}/${file}`, typeof bytes === "string" ? encode(bytes) : bytes);
  }
}

/** Whether the files have the text's own characters, each so often. */
async function contentFaults(task: string, folder: string, added: string[], path: string) {
  const faults: Fault[] = [];
  const text = await Deno.readTextFile(`${folder}/${path}`).catch(() => undefined);
  if (text === undefined) return faults;
  const counts = new Map<string, number>();
  for (const c of text) counts.set(c, (counts.get(c) ?? 0) + 1);
  const file = (name: string) => `${folder}/${added.find((one) => one.endsWith(name))}`;
  if (task === "stats") {
    const [, ...rows] = parse(await Deno.readTextFile(file("counts.csv")));
    const found = new Map(rows.map(([character, count]) => [character, Number(count)]));
    const wrong = [...counts].filter(([c, n]) => found.get(c) !== n && c !== "\ufeff");
    if (wrong.length > 0) {
      faults.push({ column: "wrong", what: `it counts ${excerpt(wrong[0].join())} otherwise` });
    }
  } else {
    const checkpoint = await readSafetensors(file("checkpoint.safetensors"));
    decodeCheckpoint(checkpoint);
    const learned = new Set(modelInfo(checkpoint).vocabulary);
    counts.delete("\ufeff");
    learned.delete("\ufeff");
    if (learned.symmetricDifference(new Set(counts.keys())).size > 0) {
      faults.push({ column: "wrong", what: "its vocabulary is not its characters" });
    }
  }
  return faults;
}

/** Two texts in files of the same name have results of their own. */
async function sameNames(_: Dice, folder: string) {
  for (const [place, text] of [["a", lines], ["b", lines.toUpperCase()]]) {
    await Deno.mkdir(`${folder}/${place}`);
    await Deno.writeTextFile(`${folder}/${place}/text.txt`, text);
    await run("stats", [`--corpus=${place}/text.txt`], { cwd: folder });
  }
  const found = filesIn(`${folder}/results`);
  const faults: Fault[] = found.length === 2
    ? []
    : [{ column: "wrong", what: `two texts of one name leave ${found.join(", ")}` }];
  return { how: "deno task stats --corpus=a/text.txt, then b/text.txt", faults };
}
