/** Fitting a power law. @module */

/** y = factor · x^exponent. */
export interface PowerLaw {
  factor: number;
  exponent: number;
  /** The share of the variance of log y that it explains. */
  rSquared: number;
}

/** A law of places that lie nearer together says nothing. */
const LEAST_RANGE = 2;

/**
 * The law by least squares on the logarithms; none of fewer than three different places, or of
 * places of which the last is not twice the first.
 */
export function powerLaw(points: readonly { x: number; y: number }[]): PowerLaw | undefined {
  const places = new Set(points.map(({ x }) => x));
  if (places.size < 3 || Math.max(...places) < LEAST_RANGE * Math.min(...places)) return undefined;
  const logs = points.map(({ x, y }) => [Math.log(x), Math.log(y)]);
  const mean = (i: number) => logs.reduce((sum, pair) => sum + pair[i], 0) / logs.length;
  const [middleX, middleY] = [mean(0), mean(1)];
  const sum = (of: (x: number, y: number) => number) =>
    logs.reduce((all, [x, y]) => all + of(x - middleX, y - middleY), 0);
  const exponent = sum((x, y) => x * y) / sum((x) => x * x);
  const total = sum((_, y) => y * y);
  const left = sum((x, y) => (y - exponent * x) ** 2);
  return {
    factor: Math.exp(middleY - exponent * middleX),
    exponent,
    rSquared: total === 0 ? 1 : 1 - left / total,
  };
}

/** The law in words. */
export function tellLaw({ factor, exponent, rSquared }: PowerLaw, x: string): string {
  const power = exponent.toFixed(3).replace("-", "−");
  const shown = factor < 1000 ? factor.toFixed(2) : Number(factor.toPrecision(3));
  return `${shown} · ${x}^${power}, R² ${rSquared.toFixed(3)}`;
}
