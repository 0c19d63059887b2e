/** A student's file from its types to its answers. @module */
import { pathToFileURL } from "node:url";
import { readBytes } from "@hugo-lab/model";
import { green, yellow } from "../task/colour.ts";
import { fold } from "../task/lines.ts";
import { type ExerciseName, exerciseNames } from "./catalogue.ts";
import { checkExercise, type CheckOptions, type Verdict } from "./check.ts";
import { remember, sha256 } from "./memory.ts";
import { findTypeErrors } from "./type_errors.ts";

/** Checks a file, and remembers beside it when it is right. */
export async function checkFile(
  name: ExerciseName,
  folder: string,
  options: CheckOptions,
): Promise<Verdict> {
  const path = `${folder}/${name}.ts`;
  const text = await readBytes(path);
  const errors = await findTypeErrors(path);
  if (errors !== undefined) return { right: [], wrong: `${path} does not compile:\n${errors}` };
  const verdict = await checkExercise(name, pathToFileURL(path), options);
  if (verdict.wrong === undefined) {
    await remember(folder, { right: sha256(text) }).catch(() => {}); // the answer counts without it
  }
  return verdict;
}

/** What is right and the first thing that is wrong, and what comes next. */
export function tellVerdict(name: ExerciseName, { right, wrong }: Verdict, from: string): string {
  const lines = right.map((what) => fold(`right: ${what}`).replace("right:", green));
  if (wrong !== undefined) {
    const [first, ...code] = wrong.split("\n"); // the type checker's lines have marks below them
    const hint = `deno task exercise hint ${name}${from}`;
    const whole = [fold(`not yet: ${first}`).replace("not yet:", yellow), ...code].join("\n");
    return [...lines, whole, `a hint: ${hint}`].join("\n");
  }
  return [...lines, green(`${name} is right`), nextOf(name, from)].join("\n");
}

function nextOf(name: ExerciseName, from: string): string {
  if (name !== "stats") return `next: deno task exercise train ${name}${from}`;
  return `next: deno task exercise ${exerciseNames[1]}`;
}
