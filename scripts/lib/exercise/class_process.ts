/**
 * Checks one student's exercises, in a process of its own: what a file does to it ends it alone.
 *
 * The order comes on standard input. Each line of an answer begins with the order's mark, which no
 * student's code knows: what that prints is no answer.
 *
 * @module
 */
import { pathToFileURL } from "node:url";
import { write } from "../task/screen.ts";
import type { ExerciseName } from "./catalogue.ts";
import { checkExercise } from "./check.ts";

/** What the process is told. */
export interface ClassOrder {
  mark: string;
  files: { name: ExerciseName; path: string }[];
  seed: number;
  seconds: number;
  /** What the student's code may read. */
  folder: string;
}

/** What came of one exercise. */
export interface ClassAnswer {
  name: ExerciseName;
  /** The first thing that is wrong; none if all is right. */
  wrong?: string;
}

const order: ClassOrder = await new Response(Deno.stdin.readable).json();
for (const { name, path } of order.files) {
  const { wrong } = await checkExercise(name, pathToFileURL(path), order);
  const answer: ClassAnswer = { name, wrong };
  write(`\n${order.mark}${JSON.stringify(answer)}\n`);
}
Deno.exit(); // a worker that was ended in the middle of something may linger
