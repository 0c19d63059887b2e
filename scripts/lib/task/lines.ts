/** Lines as wide as a terminal commonly is. @module */

/** Columns of the usual terminal. */
export const COLUMNS = 80;

/** So many of something: 1 run, 2 runs. */
export function countOf(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}

/** Items in lines of at most so many columns, with commas between them; none is broken. */
export function foldItems(items: readonly string[], columns = COLUMNS): string {
  const lines: string[] = [];
  let current = "";
  for (const item of items) {
    const longer = current === "" ? item : `${current}, ${item}`;
    const isFull = current !== "" && widthOf(longer) >= columns; // a comma may follow
    if (isFull) lines.push(`${current},`);
    current = isFull ? item : longer;
  }
  return [...lines, current].join("\n");
}

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
  const [margin] = /^ */.exec(line)!;
  const lines: string[] = [];
  let current = margin;
  for (const word of line.slice(margin.length).match(/ *[^ ]+/g) ?? []) { // with what is before it
    const isFirst = current.trim() === "";
    if (isFirst || widthOf(current + word) <= columns) current += word;
    else {
      lines.push(current);
      current = indent + word.trimStart();
    }
  }
  return [...lines, current].join("\n");
}

const widthOf = (line: string) => [...line].length;
