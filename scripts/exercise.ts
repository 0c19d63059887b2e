/**
 * `deno task exercise`: a copy of a stage with gaps to fill, and checking what was written there.
 *
 * @module
 */
import { pathToFileURL } from "node:url";
import { UserError, writeAtomically } from "@hugo-lab/model";
import { type ExerciseName, exerciseNames, exercises } from "./lib/exercise/catalogue.ts";
import { checkExercise, findTypeErrors } from "./lib/exercise/check.ts";
import { exerciseText } from "./lib/exercise/copy.ts";
import { main, task } from "./lib/task/task.ts";

/** What making a copy takes. */
const copyFlags = {
  to: { kind: "text", value: "DIR", otherwise: "exercises/NAME", help: "where the copy goes" },
  force: { kind: "switch", help: "begin again: replace what is there" },
} as const;

/** What checking takes. */
const checkFlags = {
  from: {
    kind: "text",
    value: "DIR",
    otherwise: "exercises/NAME",
    help: "where the file to check lies",
  },
  seconds: {
    kind: "integer",
    min: 1,
    max: 3600,
    otherwise: "60",
    help: "how long your code may take for an answer",
  },
  seed: {
    kind: "integer",
    min: 0,
    max: 2 ** 32 - 1,
    otherwise: "new ones each time",
    help: "of the check's random numbers",
  },
} as const;

/** The task; gives the exit code. */
const exercise = task({
  name: "exercise",
  words: "NAME",
  about: `write a stage of the lab yourself

  deno task exercise multi_head         makes exercises/multi_head/multi_head.ts, with gaps
  deno task exercise check multi_head   checks it: code 0 if it is right, 1 if not yet

Exercises:
${exerciseNames.map((name) => `  ${name.padEnd(22)} ${exercises[name].title}`).join("\n")}`,
  flags: { ...copyFlags, ...checkFlags },
  async run(values, words): Promise<number> {
    const isCheck = words[0] === "check";
    const name = readName(isCheck ? words.slice(1) : words);
    const useless = Object.keys(isCheck ? copyFlags : checkFlags).find((flag) => flag in values);
    if (useless) {
      throw new UserError(
        `exercise ${isCheck ? "check " : ""}has no use for --${useless}: ` +
          "see deno task exercise --help",
      );
    }
    if (!isCheck) {
      await makeCopy(name, folderOf(name, values.to), Boolean(values.force));
      return 0;
    }
    const folder = folderOf(name, values.from);
    const seed = values.seed ?? crypto.getRandomValues(new Uint32Array(1))[0];
    return await check(name, `${folder}/${name}.ts`, seed, values.seconds ?? 60);
  },
});

function readName(words: readonly string[]): ExerciseName {
  const list = `one of ${exerciseNames.join(", ")}`;
  const [name] = words;
  if (name === undefined) throw new UserError(`which exercise? Give ${list}`);
  if (words.length > 1) throw new UserError(`one exercise at a time, got ${words.join(" ")}`);
  if (!exerciseNames.includes(name as ExerciseName)) {
    throw new UserError(`there is no exercise ${name}: give ${list}`);
  }
  return name as ExerciseName;
}

function folderOf(name: ExerciseName, folder = `exercises/${name}`): string {
  return folder.replace(/(?<=.)\/+$/, "");
}

/** Writes the student's file, never over one that is there unless forced. */
async function makeCopy(name: ExerciseName, folder: string, force: boolean): Promise<void> {
  const path = `${folder}/${name}.ts`;
  if (!force && await isThere(path)) {
    throw new UserError(
      `${path} is there already: --to another folder, or --force to lose what is in it`,
    );
  }
  try {
    await Deno.mkdir(folder, { recursive: true });
    await writeAtomically(path, new TextEncoder().encode(exerciseText(name)));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UserError(`${path} cannot be written (${error.message}): choose another --to`);
  }
  const from = folder === `exercises/${name}` ? "" : ` --from ${folder}`;
  console.log(`${path} is yours: fill the gaps that say "your code here", then`);
  console.log(`deno task exercise check ${name}${from}`);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw new UserError(`${path} cannot be looked at: choose another --to`);
  }
}

/** Prints what is right and the first thing that is wrong; gives the exit code. */
async function check(
  name: ExerciseName,
  path: string,
  seed: number,
  seconds: number,
): Promise<number> {
  try {
    await Deno.readFile(path);
  } catch {
    throw new UserError(`there is no ${path}: make it with deno task exercise ${name}`);
  }
  const errors = await findTypeErrors(path);
  if (errors !== undefined) {
    console.log(`not yet: ${path} does not compile:\n${errors}`);
    return 1;
  }
  const { right, wrong } = await checkExercise(name, pathToFileURL(path), { seed, seconds });
  for (const what of right) console.log(`right: ${what}`);
  console.log(wrong === undefined ? `${name} is right` : `not yet: ${wrong}`);
  return wrong === undefined ? 0 : 1;
}

if (import.meta.main) await main(exercise);
