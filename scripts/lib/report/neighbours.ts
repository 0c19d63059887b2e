/**
 * Whether a table of vectors tells kinds of characters apart, beside what chance would give.
 *
 * @module
 */

/** How often a vector's nearest neighbour is of its own kind. */
export interface Neighbours {
  /** The share of vectors with such a neighbour. */
  share: number;
  /** What the share would be on average if the kinds were dealt out at random. */
  chance: number;
  /** How many vectors there are. */
  count: number;
}

/**
 * Compares the kinds of nearest neighbours, by the cosine between vectors.
 *
 * By chance a neighbour is any of the others: the sum over the kinds of n (n − 1) / (N (N − 1)).
 *
 * @param vectors (N, C)
 * @param kinds each vector's (N)
 */
export function neighbours(vectors: number[][], kinds: string[]): Neighbours {
  const count = vectors.length;
  const lengths = vectors.map((v) => Math.hypot(...v) || 1);
  const unit = vectors.map((v, i) => v.map((x) => x / lengths[i]));
  const same = unit.filter((v, i) => kinds[nearest(unit, v, i)] === kinds[i]).length;
  const sizes = Map.groupBy(kinds, (kind) => kind).values().map((own) => own.length);
  const pairs = sizes.reduce((sum, n) => sum + n * (n - 1), 0);
  return { share: same / count, chance: pairs / (count * (count - 1)), count };
}

function nearest(vectors: number[][], v: number[], own: number): number {
  let [best, place] = [-Infinity, -1];
  vectors.forEach((w, j) => {
    const product = w.reduce((sum, x, k) => sum + x * v[k], 0);
    if (j !== own && product > best) [best, place] = [product, j];
  });
  return place;
}

/** Whether a share is more than chance plays: by over three standard deviations of a binomial. */
export function isMoreThanChance({ share, chance, count }: Neighbours): boolean {
  return share - chance > 3 * Math.sqrt(chance * (1 - chance) / count);
}

/** Whether two characters are of one kind is decided by these: the first that fits. */
export const KINDS: [className: string, name: string, pattern: RegExp][] = [
  ["c2", "vowel", /^[aeiouyàâäæéèêëîïôöœùûü]$/],
  ["c1", "consonant", /^\p{Ll}$/u],
  ["c3", "capital", /^\p{Lu}$/u],
  ["c4", "digit", /^\p{Nd}$/u],
  ["c5", "other", /^/],
];

/** A character's kind. */
export function kindOf(character: string): string {
  return KINDS.find(([, , pattern]) => pattern.test(character))![1];
}
