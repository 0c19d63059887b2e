/** Lines as wide as a terminal commonly is. @module */

/** Columns of the usual terminal. */
export const COLUMNS = 80;

/**
 * A text in lines of at most so many columns, broken at spaces; a word that is longer stays whole.
 * Lines that are there stay.
 *
 * @param indent what each line but the first begins with
 */
export function fold(text: string, indent = "", columns = COLUMNS): string {
  return text.split("\n").map((line) => foldLine(line, indent, columns)).join("\n");
}

function foldLine(line: string, indent: string, columns: number): string {
  if (widthOf(line) <= columns) return line;
  const lines: string[] = [];
  let current = "";
  for (const word of line.split(" ")) {
    const longer = current === "" ? word : `${current} ${word}`;
    const isFull = current.trim() !== "" && widthOf(longer) > columns;
    if (isFull) lines.push(current);
    current = isFull ? indent + word : longer;
  }
  return [...lines, current].join("\n");
}

const widthOf = (line: string) => [...line].length;
