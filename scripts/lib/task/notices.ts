/** What a task tells besides its results, on standard error. @module */
import { COLUMNS, fold } from "./lines.ts";

/** Prints a notice, unless `--quiet` was given: in lines that fit a terminal, if it is one. */
export function notify({ quiet }: { quiet?: boolean }): (line: string) => void {
  return quiet ? () => {} : (line) => console.error(fitted(line));
}

/** An empty line between a text and what a terminal shows before or after it. */
export function space({ quiet }: { quiet?: boolean }): void {
  if (!quiet && Deno.stderr.isTerminal()) console.error();
}

/** A line as it is told: who reads it with a program gets it whole, a person no wider than usual. */
export function fitted(line: string): string {
  if (!Deno.stderr.isTerminal()) return line;
  const indent = line.startsWith("- ") ? "  " : ""; // an item of a list
  return fold(line, indent, Math.min(COLUMNS, widthOfTerminal()));
}

function widthOfTerminal(): number {
  try {
    return Deno.consoleSize().columns || COLUMNS;
  } catch {
    return COLUMNS;
  }
}
