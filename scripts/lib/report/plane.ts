/**
 * Many numbers a character as two. It stands apart from the weights, which are read without the
 * package.
 *
 * @module
 */
import { PCA } from "./packages.ts";

/** Points in two dimensions, and how much of the variance each dimension holds. */
export interface Plane {
  points: [number, number][];
  shares: [number, number];
}

/** A table's rows on their two principal components; none if they have fewer. */
export function planeOf(matrix: number[][]): Plane | undefined {
  if (matrix.length < 3 || matrix[0].length < 2) return undefined;
  if (!matrix.flat().every(Number.isFinite)) return undefined; // of a training that diverged
  const pca = new PCA(matrix);
  const points = pca.predict(matrix, { nComponents: 2 }).to2DArray();
  const [first, second] = pca.getExplainedVariance();
  return { points: points.map(([x, y]) => [x, y]), shares: [first, second] };
}
