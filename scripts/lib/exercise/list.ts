/** The list of the exercises: what is done, and what comes next. @module */
import { green, yellow } from "../task/colour.ts";
import { type ExerciseName, exerciseNames, exercises } from "./catalogue.ts";
import { recall, type State, stateOf } from "./memory.ts";

const words: Record<State, string> = {
  new: "",
  begun: "begun",
  right: "right",
  changed: "changed", // since it was right
};

/** A line an exercise, and the command that comes next. */
export async function listExercises(folderOf: (name: ExerciseName) => string): Promise<string> {
  const states = new Map<ExerciseName, State>();
  for (const name of exerciseNames) {
    states.set(name, await stateOf(folderOf(name), `${folderOf(name)}/${name}.ts`));
  }
  const lines = [...states].map(([name, state]) => {
    const colour = state === "right" ? green : yellow;
    return `${colour(words[state].padEnd(8))}${name.padEnd(12)} ${exercises[name].title}`;
  });
  return `${lines.join("\n")}\n\n${await nextOf(states, folderOf)}`;
}

async function nextOf(
  states: Map<ExerciseName, State>,
  folderOf: (name: ExerciseName) => string,
): Promise<string> {
  const next = exerciseNames.find((name) => states.get(name) !== "right");
  if (next === undefined) return "All are right. next: deno task page, or deno task scaled --help";
  if (states.get(next) === "new") return `next: deno task exercise ${next}`;
  const { hints } = await recall(folderOf(next));
  return [
    `next: deno task exercise check ${next}`,
    `or    deno task exercise watch ${next}, which checks whenever the file is saved`,
    ...hints < 3 ? [`or    deno task exercise hint ${next}, the ${nth[hints]} of three`] : [],
  ].join("\n");
}

const nth = ["first", "second", "third"];
