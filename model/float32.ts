/**
 * Single-precision arithmetic that JavaScript lacks: the fused multiply-add, and PyTorch's vector
 * form of Box-Muller, with the Cephes polynomials for log, sine and cosine (Moshier, 1989).
 *
 * It serves the generator; models compute with tensors.
 *
 * @module
 */

const bits = new DataView(new ArrayBuffer(8));
const { fround } = Math;

/**
 * a * b + c rounded once to float32, for float32 arguments.
 *
 * The product of two floats is exact in double precision. The sum is not always, and rounding it
 * twice could miss; so it is first rounded to odd (Boldo and Melquiond, 2008).
 */
export function fmaf(a: number, b: number, c: number): number {
  const product = a * b;
  const sum = product + c;
  const part = sum - product;
  const error = (product - (sum - part)) + (c - part);
  if (error === 0 || !Number.isFinite(sum)) return fround(sum);
  bits.setFloat64(0, sum);
  const pattern = bits.getBigInt64(0);
  if (pattern & 1n) return fround(sum);
  const awayFromZero = (error > 0) === (sum > 0);
  bits.setBigInt64(0, pattern + (awayFromZero ? 1n : -1n));
  return fround(bits.getFloat64(0));
}

/** Turns 16 uniforms in [0, 1) into 16 normals, in place: the first 8 with the last 8. */
export function boxMuller(block: Float32Array): void {
  for (let i = 0; i < 8; i++) {
    const u1 = fround(1 - block[i]);
    const u2 = block[i + 8];
    const radius = fround(Math.sqrt(fround(-2 * log(u1))));
    const [sin, cos] = sinCos(fround(fround(2 * Math.PI) * u2));
    block[i] = fround(radius * cos);
    block[i + 8] = fround(radius * sin);
  }
}

/** c[0] x^n + … + c[n], each step fused, as PyTorch's compiler fuses it. */
function polynomial(x: number, coefficients: number[]): number {
  return coefficients.slice(1).reduce((y, c) => fmaf(y, x, fround(c)), fround(coefficients[0]));
}

const LOG = [
  7.0376836292e-2,
  -1.1514610310e-1,
  1.1676998740e-1,
  -1.2420140846e-1,
  1.4249322787e-1,
  -1.6668057665e-1,
  2.0000714765e-1,
  -2.4999993993e-1,
  3.3333331174e-1,
];

/** Cephes' float32 natural logarithm, for x > 0. */
function log(x: number): number {
  bits.setFloat32(0, x);
  const pattern = bits.getUint32(0);
  let exponent = (pattern >>> 23) - 126;
  bits.setUint32(0, (pattern & 0x007fffff) | 0x3f000000);
  let m = bits.getFloat32(0); // x = m * 2^exponent, m in [0.5, 1)
  if (m < fround(Math.SQRT1_2)) {
    exponent -= 1;
    m = fround(fround(m - 1) + m);
  } else {
    m = fround(m - 1);
  }
  const z = fround(m * m);
  const cubic = fround(polynomial(m, LOG) * m);
  let y = fmaf(cubic, z, fround(exponent * fround(-2.12194440e-4)));
  y = fmaf(z, -0.5, y);
  return fmaf(exponent, fround(0.693359375), fround(m + y));
}

const SIN = [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1];
const COS = [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2];
/** pi/4 in three parts whose products with small integers are exact. */
const PI_4 = [0.78515625, 2.4187564849853515625e-4, 3.77489497744594108e-8];

/** Cephes' float32 sine and cosine, for 0 <= x < 8192. */
function sinCos(x: number): [sin: number, cos: number] {
  let octant = Math.trunc(fround(x * fround(4 / Math.PI)));
  octant = (octant + 1) & ~1;
  let r = x;
  for (const part of PI_4) r = fmaf(octant, fround(-part), r);
  const z = fround(r * r);
  const cosine = fround(
    fmaf(fround(polynomial(z, COS) * z), z, fround(-fround(z * 0.5))) + 1,
  );
  const sine = fmaf(fround(polynomial(z, SIN) * z), r, r);
  const swap = (octant & 2) !== 0;
  const sinSign = (octant & 4) !== 0 ? -1 : 1;
  const cosSign = ((octant + 2) & 4) !== 0 ? -1 : 1;
  return [sinSign * (swap ? cosine : sine), cosSign * (swap ? sine : cosine)];
}
