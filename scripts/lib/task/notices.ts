/** What a task tells besides its results, on standard error. @module */

/** Prints a notice, unless `--quiet` was given. */
export function notify({ quiet }: { quiet?: boolean }): (line: string) => void {
  return quiet ? () => {} : (line) => console.error(line);
}
