/**
 * How much of a text stands literally in another: what a model knows by heart.
 *
 * @module
 */

/** A run of characters: its first, and the one behind its last. */
export interface Passage {
  begin: number;
  end: number;
}

/** All substrings of a text: a suffix automaton (Blumer et al., 1985), a state for each kind. */
interface Automaton {
  /** Where a character leads. */
  next: Map<string, number>[];
  /** The state of the longest suffix that stands elsewhere too; none of the first. */
  link: number[];
  /** The length of the longest substring of a state. */
  length: number[];
  /** The state behind each of the text's characters. */
  prefixes: number[];
}

function automatonOf(text: readonly string[]): Automaton {
  const next: Map<string, number>[] = [new Map()];
  const link = [-1];
  const length = [0];
  const prefixes: number[] = [];
  let last = 0;
  for (const character of text) {
    const state = next.push(new Map()) - 1;
    length[state] = length[last] + 1;
    let at = last;
    for (; at >= 0 && !next[at].has(character); at = link[at]) next[at].set(character, state);
    if (at < 0) {
      link[state] = 0;
    } else {
      const old = next[at].get(character)!;
      link[state] = length[old] === length[at] + 1 ? old : split(at, old, character);
    }
    prefixes.push(last = state);
  }
  return { next, link, length, prefixes };

  /** Parts the short substrings of a state from the long ones, which do not end here. */
  function split(at: number, old: number, character: string): number {
    const short = next.push(new Map(next[old])) - 1;
    length[short] = length[at] + 1;
    link[short] = link[old];
    link[old] = short;
    for (; at >= 0 && next[at].get(character) === old; at = link[at]) {
      next[at].set(character, short);
    }
    return short;
  }
}

/**
 * For each place in a text, how many characters that end there stand together in the source.
 *
 * The automaton is of the text, which is short; the source passes through it once, character by
 * character, and each state keeps how much of it was met.
 */
export function matchLengths(text: readonly string[], source: Iterable<string>): number[] {
  const { next, link, length, prefixes } = automatonOf(text);
  const met = new Array<number>(next.length).fill(0);
  let state = 0;
  let matched = 0;
  for (const character of source) {
    while (state > 0 && !next[state].has(character)) {
      state = link[state];
      matched = length[state];
    }
    const following = next[state].get(character);
    if (following === undefined) continue;
    state = following;
    met[state] = Math.max(met[state], ++matched);
  }
  // What was met of a state has its shorter suffixes in it.
  const longestFirst = [...next.keys()].sort((a, b) => length[b] - length[a]);
  for (const one of longestFirst) {
    if (met[one] > 0 && link[one] > 0) met[link[one]] = length[link[one]];
  }
  return prefixes.map((prefix) => {
    let at = prefix;
    while (at > 0 && met[at] === 0) at = link[at];
    return met[Math.max(at, 0)];
  });
}

/**
 * The passages of at least so many characters that stand in the source, each as long as it goes.
 *
 * @param lengths what {@linkcode matchLengths} gives
 */
export function passagesOf(lengths: readonly number[], least: number): Passage[] {
  return lengths.flatMap((length, i) =>
    length >= least && !(lengths[i + 1] > length) // the next one goes on with this one
      ? [{ begin: i + 1 - length, end: i + 1 }]
      : []
  );
}

/** For each character whether it is in one of the passages. */
export function marksOf(passages: readonly Passage[], characters: number): boolean[] {
  const marks = new Array<boolean>(characters).fill(false);
  for (const { begin, end } of passages) marks.fill(true, begin, end);
  return marks;
}
