/**
 * Checking a class: a folder with a folder for each student. Each student's files are copied to a
 * place where no other one's are, checked in processes of their own that may read that place only,
 * and have their time.
 *
 * @module
 */
import { UserError } from "@hugo-lab/model";
import { fileURLToPath } from "node:url";
import type { ExerciseName } from "./catalogue.ts";
import type { ClassAnswer, ClassOrder } from "./class_process.ts";
import { copyStudent } from "./class_files.ts";
import { typeErrorsOf } from "./type_errors.ts";

/** What came of one student's exercise. */
export interface ClassRow {
  student: string;
  exercise: ExerciseName;
  /** Whether it is right; nothing if it was not handed in. */
  right?: boolean;
  /** The first thing that is wrong, in one line. */
  message: string;
}

/** How a class is checked. */
export interface ClassOptions {
  names: readonly ExerciseName[];
  seed: number;
  /** How long an answer may take. */
  seconds: number;
}

const START_SECONDS = 30; // a busy machine's, for a process
const MOST_QUESTIONS = 8;
const HEAP_MB = 1024;
const MESSAGE_CHARACTERS = 300;
const root = fileURLToPath(new URL("../../..", import.meta.url));
const script = fileURLToPath(new URL("./class_process.ts", import.meta.url));

/** The rows of every student in the folder, told one student after the other. */
export async function* checkClass(
  folder: string,
  options: ClassOptions,
): AsyncGenerator<ClassRow[]> {
  const students = await studentsIn(folder);
  const waiting: Promise<ClassRow[]>[] = [];
  for (const student of students) {
    waiting.push(checkStudent(folder, student, options));
    if (waiting.length >= navigator.hardwareConcurrency) yield await waiting.shift()!;
  }
  for (const rows of waiting) yield await rows;
}

/** The students: the folders in the class's one. @throws {UserError} if there are none */
export async function studentsIn(folder: string): Promise<string[]> {
  const students: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (isDirectory && !name.startsWith(".")) students.push(name);
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw new UserError(`there is no folder ${folder}: give --class a folder of students' folders`);
  }
  if (students.length === 0) {
    throw new UserError(`${folder} has no folders: give --class a folder of students' folders`);
  }
  return students.sort();
}

/** One student's rows. */
async function checkStudent(
  folder: string,
  student: string,
  { names, seed, seconds }: ClassOptions,
): Promise<ClassRow[]> {
  const copy = await Deno.realPath(await Deno.makeTempDir());
  try {
    const files = await copyStudent(`${folder}/${student}`, copy, names);
    const errors = await typeErrorsOf(files.map(({ path }) => path));
    const wrong = new Map<ExerciseName, string | undefined>();
    for (const { name, path } of files) {
      if (errors.has(path)) wrong.set(name, `does not compile: ${errors.get(path)}`);
    }
    let left = files.filter(({ path }) => !errors.has(path));
    while (left.length > 0) {
      const order = { mark: crypto.randomUUID(), files: left, seed, seconds, folder: copy };
      const answers = await ask(order);
      for (const answer of answers) wrong.set(answer.name, answer.wrong);
      if (answers.length < left.length) wrong.set(left[answers.length].name, ENDED);
      left = left.slice(answers.length + 1);
    }
    const shown = (text: string) => text.replaceAll(copy, `${folder}/${student}`);
    return names.map((exercise) => {
      if (!files.some(({ name }) => name === exercise)) {
        return { student, exercise, message: "no file" };
      }
      const message = oneLine(shown(wrong.get(exercise) ?? ""));
      return { student, exercise, right: wrong.get(exercise) === undefined, message };
    });
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
}

const ENDED = "it ended the check, or took too long or too much memory";

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > MESSAGE_CHARACTERS ? `${line.slice(0, MESSAGE_CHARACTERS)}…` : line;
}

/** The answers to an order in its order; fewer if the process came to no end. */
async function ask(order: ClassOrder): Promise<ClassAnswer[]> {
  const command = new Deno.Command("deno", {
    args: [
      ...["run", "--quiet", "--no-prompt", "--cached-only", `--config=${root}deno.json`],
      ...[`--lock=${root}scripts/deno.lock`, `--v8-flags=--max-old-space-size=${HEAP_MB}`],
      ...[`--allow-read=${root.replaceAll(",", ",,")},${order.folder.replaceAll(",", ",,")}`],
      script,
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
    env: { NO_COLOR: "1" },
  });
  const process = command.spawn();
  const input = process.stdin.getWriter();
  await input.write(new TextEncoder().encode(JSON.stringify(order))).catch(() => {});
  await input.close().catch(() => {});
  const limit = 1000 * (START_SECONDS + order.files.length * MOST_QUESTIONS * order.seconds);
  const timer = setTimeout(() => process.kill("SIGKILL"), limit);
  const { stdout } = await process.output();
  clearTimeout(timer);
  return new TextDecoder().decode(stdout).split("\n")
    .filter((line) => line.startsWith(order.mark))
    .map((line) => JSON.parse(line.slice(order.mark.length)));
}
