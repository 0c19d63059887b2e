/**
 * `deno task exercise`: a stage to write oneself: a copy with gaps, hints, a check, and a training.
 *
 * @module
 */
import { pathToFileURL } from "node:url";
import { firstLine, prepareFolder, readBytes, UserError, writeAtomically } from "@hugo-lab/model";
import { type ExerciseName, exerciseNames, exercises } from "./lib/exercise/catalogue.ts";
import { checkFile, tellVerdict } from "./lib/exercise/check_file.ts";
import { checkClass, type ClassRow, studentsIn } from "./lib/exercise/class.ts";
import { classCsv, classSummary } from "./lib/exercise/class_summary.ts";
import { exerciseText } from "./lib/exercise/copy.ts";
import { hints } from "./lib/exercise/hints.ts";
import { listExercises } from "./lib/exercise/list.ts";
import { recall, remember } from "./lib/exercise/memory.ts";
import { trainExercise } from "./lib/exercise/train.ts";
import { watchFile } from "./lib/exercise/watch.ts";
import { notebook } from "./lib/report/runs.ts";
import { corpusOf } from "./lib/run/corpus.ts";
import { sharedFlags } from "./lib/run/flags.ts";
import { pick, type Values } from "./lib/task/arguments.ts";
import { withFile } from "./lib/task/errors.ts";
import { fold } from "./lib/task/lines.ts";
import { didYouMean } from "./lib/task/nearest.ts";
import { beginsWith, prepareOutput } from "./lib/task/output.ts";
import { main, task } from "./lib/task/task.ts";

const SECONDS = 60;

const flags = {
  to: { kind: "text", value: "DIR", otherwise: "exercises/NAME", help: "where the copy goes" },
  force: { kind: "switch", help: "begin again: replace what is there" },
  from: {
    kind: "text",
    value: "DIR",
    otherwise: "exercises/NAME",
    help: "where your file lies",
  },
  seconds: {
    kind: "integer",
    min: 1,
    max: 3600,
    otherwise: String(SECONDS),
    help: "how long your code may take for an answer",
  },
  seed: {
    kind: "integer",
    min: 0,
    max: 2 ** 32 - 1,
    otherwise: "new ones each time",
    help: "of the check's random numbers",
  },
  class: { kind: "text", value: "DIR", help: "check a folder of students' folders" },
  csv: { kind: "text", value: "FILE", otherwise: "check.csv in it", help: "the class's results" },
  ...pick(sharedFlags, "iters", "corpus"),
} as const;
type ExerciseValues = Values<typeof flags>;

/** What may stand before an exercise's name, and the flags that it takes. */
const commands = {
  "": { flags: ["to", "force"], run: makeCopy },
  check: { flags: ["from", "seconds", "seed", "class", "csv"], run: check },
  watch: { flags: ["from", "seconds", "seed"], run: watch },
  hint: { flags: ["from"], run: hint },
  train: { flags: ["from", "iters", "corpus"], run: train },
} as const;
type CommandName = keyof typeof commands;

/** The task; gives the exit code. */
const exercise = task({
  name: "exercise",
  words: "[check|watch|hint|train] [NAME]",
  about: `write a stage of the lab yourself

  deno task exercise                    lists them: what is done, what is next
  deno task exercise multi_head         makes exercises/multi_head/multi_head.ts,
                                        with gaps
  deno task exercise check multi_head   checks it: code 0 if it is right, else 1
  deno task exercise watch multi_head   checks it at every save
  deno task exercise hint multi_head    one of three hints, then the next
  deno task exercise train multi_head   trains with it, beside the notebook
  deno task exercise check --class DIR  checks a folder of students' folders

Exercises:
${exerciseNames.map((name) => `  ${name.padEnd(12)} ${exercises[name].title}`).join("\n")}`,
  flags,
  async run(values, words): Promise<number> {
    const [first = ""] = words;
    const command = Object.hasOwn(commands, first) ? first as CommandName : "";
    const known: readonly string[] = commands[command].flags;
    const useless = Object.keys(values).find((flag) => !known.includes(flag));
    if (useless) {
      throw new UserError(
        `exercise ${command && `${command} `}has no use for --${useless}: ` +
          "see deno task exercise --help",
      );
    }
    const names = command ? words.slice(1) : words;
    if (values.class !== undefined) return await checkAll(values.class, values, names);
    if (values.csv !== undefined) throw new UserError("--csv needs --class");
    if (words.length === 0) {
      console.log(await listExercises((name) => folderOf(name)));
      return 0;
    }
    return await commands[command].run(readName(names, command), values);
  },
});

function readName(words: readonly string[], command: CommandName): ExerciseName {
  const [name] = words;
  if (name === undefined) {
    throw new UserError(`which exercise? Give one of ${exerciseNames.join(", ")}`);
  }
  if (words.length > 1) throw new UserError(`one exercise at a time, got ${words.join(" ")}`);
  return checkName(name, command);
}

function checkName(name: string, command: CommandName): ExerciseName {
  if (exerciseNames.includes(name as ExerciseName)) return name as ExerciseName;
  const also = command === "" ? Object.keys(commands).filter(Boolean) : [];
  const meant = didYouMean(name, [...exerciseNames, ...also]);
  throw new UserError(
    `there is no exercise ${name}${meant || `: give one of ${exerciseNames.join(", ")}`}`,
  );
}

function folderOf(name: ExerciseName, folder = `exercises/${name}`): string {
  return folder.replace(/(?<=.)\/+$/, "");
}

/** The flag that names a folder other than the usual one, for a command to copy. */
function fromFlag(name: ExerciseName, folder: string): string {
  return folder === folderOf(name) ? "" : ` --from ${folder}`;
}

/** The folder of a student's file, which must be there. */
async function folderWithFile(name: ExerciseName, { from }: ExerciseValues): Promise<string> {
  const folder = folderOf(name, from);
  const path = `${folder}/${name}.ts`;
  try {
    await withFile(path, () => readBytes(path), { remedy: "move it away" });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) {
      throw error;
    }
    throw new UserError(`there is no ${path}: make it with deno task exercise ${name}`);
  }
  return folder;
}

/** Writes the student's file, never over one that is there unless forced. */
async function makeCopy(name: ExerciseName, { to, force }: ExerciseValues): Promise<number> {
  const folder = folderOf(name, to);
  const path = `${folder}/${name}.ts`;
  if (!force && await isThere(path)) {
    throw new UserError(
      `${path} is there already: --to another folder, or --force to lose what is in it`,
    );
  }
  prepareFolder(folder, "to");
  await writeAtomically(path, new TextEncoder().encode(exerciseText(name)));
  console.log(fold(`${path} is yours: fill the gaps that say "your code here", then`));
  console.log(`deno task exercise check ${name}${fromFlag(name, folder)}`);
  return 0;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    const reason = firstLine(error);
    throw new UserError(`${path} cannot be looked at (${reason}): choose another --to`);
  }
}

/** How a check is made: with other random numbers each time, unless they are asked for. */
function optionsOf({ seed, seconds }: ExerciseValues) {
  return {
    seed: seed ?? crypto.getRandomValues(new Uint32Array(1))[0],
    seconds: seconds ?? SECONDS,
  };
}

/** Prints what is right and the first thing that is wrong; gives the exit code. */
async function check(name: ExerciseName, values: ExerciseValues): Promise<number> {
  const folder = await folderWithFile(name, values);
  const verdict = await checkFile(name, folder, optionsOf(values));
  console.log(tellVerdict(name, verdict, fromFlag(name, folder)));
  return verdict.wrong === undefined ? 0 : 1;
}

/** Checks at every save, until Ctrl-C. */
async function watch(name: ExerciseName, values: ExerciseValues): Promise<number> {
  const folder = await folderWithFile(name, values);
  console.log(fold(`checking ${folder}/${name}.ts whenever it is saved; Ctrl-C ends it`));
  return await watchFile(`${folder}/${name}.ts`, async () => {
    const verdict = await checkFile(name, folder, optionsOf(values));
    console.log(`\n${new Date().toTimeString().slice(0, 8)}`);
    console.log(tellVerdict(name, verdict, fromFlag(name, folder)));
  });
}

/** The next of three hints; all of them, once they were given. */
async function hint(name: ExerciseName, values: ExerciseValues): Promise<number> {
  const folder = await folderWithFile(name, values);
  const { hints: given } = await recall(folder);
  const all = hints[name];
  const next = Math.min(given, all.length);
  const shown = next < all.length ? [next] : [...all.keys()];
  for (const i of shown) console.log(fold(`hint ${i + 1} of ${all.length}: ${all[i]}`));
  if (next < all.length) await remember(folder, { hints: next + 1 });
  else console.log("These were all.");
  return 0;
}

/** Trains the stage with the student's part in it. */
async function train(name: ExerciseName, values: ExerciseValues): Promise<number> {
  const folder = await folderWithFile(name, values);
  const corpus = await corpusOf(values);
  const losses = (title: string) => corpus.isHugo ? notebook.runs[title]?.losses : undefined;
  const url = pathToFileURL(`${folder}/${name}.ts`);
  const isDone = await trainExercise(name, url, corpus, losses, values.iters);
  if (isDone) return 0;
  console.log(`what is wrong: deno task exercise check ${name}${fromFlag(name, folder)}`);
  return 1;
}

/** Checks a class. */
async function checkAll(
  folder: string,
  values: ExerciseValues,
  words: readonly string[],
): Promise<number> {
  if (values.from !== undefined) throw new UserError("--class and --from: leave one out");
  const names = words.length === 0 ? exerciseNames : words.map((name) => checkName(name, "check"));
  const path = values.csv ?? `${folderOf("stats", folder)}/check.csv`;
  await studentsIn(folder); // who has none needs no file
  await prepareOutput(path, beginsWith(classCsv([])), "csv");
  const rows: ClassRow[] = [];
  for await (const of of checkClass(folder, { names, ...optionsOf(values) })) {
    rows.push(...of);
    const right = of.filter((row) => row.right).length;
    const handedIn = of.filter((row) => row.right !== undefined).length;
    console.error(fold(`${of[0].student}: ${right} right of ${handedIn} handed in`));
  }
  await writeAtomically(path, new TextEncoder().encode(classCsv(rows)));
  console.log(classSummary(rows));
  console.log(fold(`all of it is in ${path}`));
  return 0;
}

if (import.meta.main) await main(exercise);
