/** What a class's check comes to: its CSV file, and the summary. @module */
import { stringify } from "@std/csv";
import type { ClassRow } from "./class.ts";
import { COLUMNS } from "../task/lines.ts";

const columns = ["student", "exercise", "right", "message"];

/** The rows as CSV. */
export function classCsv(rows: readonly ClassRow[]): string {
  const cells = rows.map(({ student, exercise, right, message }) => [
    student,
    exercise,
    right === undefined ? "" : right ? "yes" : "no",
    message,
  ]);
  return stringify([columns, ...cells]);
}

/** A line an exercise: how many handed it in, how many have it right, and what is most often wrong. */
export function classSummary(rows: readonly ClassRow[]): string {
  const lines = Map.groupBy(rows, ({ exercise }) => exercise).entries().map(([exercise, of]) => {
    const handedIn = of.filter(({ right }) => right !== undefined);
    const wrong = handedIn.filter(({ right }) => !right);
    const [often] = [...Map.groupBy(wrong, ({ message }) => message)]
      .sort(([, a], [, b]) => b.length - a.length);
    const message = often ? `${often[1].length}x ${often[0]}` : "";
    return line(exercise, handedIn.length, handedIn.length - wrong.length, message);
  });
  return [line("exercise", "handed in", "right", "most often wrong"), ...lines].join("\n");
}

function line(
  exercise: string,
  handedIn: string | number,
  right: string | number,
  message: string,
): string {
  const start = exercise.padEnd(13) + String(handedIn).padStart(9) + String(right).padStart(7);
  const whole = [...`${start}  ${message}`];
  const shown = whole.length > COLUMNS ? [...whole.slice(0, COLUMNS - 1), "…"] : whole;
  return shown.join("").trimEnd();
}
