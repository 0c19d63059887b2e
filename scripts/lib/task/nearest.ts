/** What a mistyped word was to be. @module */

/** The share of a word's letters that may be wrong. */
const WRONG = 0.3;
/** The shortest beginning that tells which word was to be. */
const SHORTEST = 3;

/** `: did you mean WORD?`, or nothing if no word is near. */
export function didYouMean(word: string, words: Iterable<string>): string {
  const found = nearest(word, words);
  return found === undefined ? "" : `: did you mean ${found}?`;
}

/** The word with the fewest letters to change, if they are few. */
export function nearest(word: string, words: Iterable<string>): string | undefined {
  let best: { word: string; distance: number } | undefined;
  for (const other of words) {
    const isBeginning = word.length >= SHORTEST && other.startsWith(word.toLowerCase());
    const distance = isBeginning ? 1 : changes(word.toLowerCase(), other.toLowerCase());
    if (distance > WRONG * other.length) continue;
    if (!best || distance < best.distance) best = { word: other, distance };
  }
  return best?.word;
}

/** How many letters are to be put in, left out, replaced or swapped with their neighbour. */
function changes(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i, ...Array(b.length).fill(0)]);
  for (let j = 1; j <= b.length; j++) rows[0][j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const replaced = rows[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      rows[i][j] = Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, replaced);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwapped) rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  }
  return rows[a.length][b.length];
}
