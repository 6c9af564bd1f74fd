/**
 * Elementary functions that give the same bits in every JavaScript engine, which those of Math do not promise.
 * Only + - * /, sqrt and bit operations on IEEE doubles, each of which is exactly specified. Error below 1 ulp, or
 * about 1 for `pow`, `expm1` and `log1p`. Logarithms are computed in double-double, so that `log10(1000)` is 3.
 */

const word = new Float64Array(1);
const halves = new Uint32Array(word.buffer);
const low = 0;
const high = 1;

const ln2High = 0.6931471803691238;
const ln2Low = 1.9082149292705877e-10;
const inverseLn2 = 1.4426950408889634;
const inverseLn10High = 0.4342944819032518;
const inverseLn10Low = 1.098319650216765e-17;
const twoThirdsHigh = 2 / 3;
const twoThirdsLow = 3.700743415417188e-17;

/** 2^k for k in [-1022, 1023]. */
function powerOfTwo(k: number): number {
  halves[low] = 0;
  halves[high] = (k + 1023) << 20;
  return word[0]!;
}

/** y 2^k, rounded once, for any k. */
function scale(y: number, k: number): number {
  if (k > 1023) return k > 2046 ? y * Infinity : y * powerOfTwo(1023) * powerOfTwo(k - 1023);
  if (k >= -1022) return y * powerOfTwo(k);
  return k < -1900 ? y * 0 : y * powerOfTwo(k + 900) * powerOfTwo(-900);
}

let tail = 0;

/** a b exactly: the rounded product is returned, what it lacks is left in `tail`. */
function exactProduct(a: number, b: number): number {
  const product = a * b;
  const sa = 134217729 * a;
  const aHigh = sa - (sa - a);
  const aLow = a - aHigh;
  const sb = 134217729 * b;
  const bHigh = sb - (sb - b);
  const bLow = b - bHigh;
  tail = aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
  return product;
}

/** (a + b) + (c + d) as a normalised pair; the low part is left in `tail`. Needs |a| >= |c| or c = 0. */
function pairSum(a: number, b: number, c: number, d: number): number {
  const sum = a + c;
  const rest = c - (sum - a) + (b + d);
  const result = sum + rest;
  tail = rest - (result - sum);
  return result;
}

/** (a + b)(c + d) as a pair; the low part is left in `tail`. */
function pairProduct(a: number, b: number, c: number, d: number): number {
  const product = exactProduct(a, c);
  const rest = tail + (a * d + b * c);
  const result = product + rest;
  tail = rest - (result - product);
  return result;
}

/** ln x for finite x > 0 to about 2^-64 relative; the low part is left in `tail`. */
function lnPair(x: number): number {
  let k = 0;
  if (x < 2.2250738585072014e-308) {
    x *= 18014398509481984;
    k = -54;
  }
  word[0] = x;
  k += (halves[high]! >>> 20) - 1023;
  halves[high] = (halves[high]! & 0xfffff) | 0x3ff00000;
  let f = word[0];
  if (f > 1.4142135623730951) {
    f *= 0.5;
    k++;
  }
  // ln f = 2 s + 2/3 s^3 + 2/5 s^5 + ..., s = (f - 1)/(f + 1), |s| <= 0.172
  const numerator = f - 1;
  const denominator = f + 1;
  const denominatorLow = f - (denominator - 1);
  const s = numerator / denominator;
  const back = exactProduct(s, denominator);
  const sLow = (numerator - back - tail - s * denominatorLow) / denominator;
  const square = pairProduct(s, sLow, s, sLow);
  const squareLow = tail;
  let series = 2 / 27;
  for (let i = 25; i >= 5; i -= 2) series = series * square + 2 / i;
  const factor = pairSum(twoThirdsHigh, twoThirdsLow, series * square, 0);
  const factorLow = tail;
  const cube = pairProduct(s, sLow, square, squareLow);
  const correction = pairProduct(cube, tail, factor, factorLow);
  const lnF = pairSum(2 * s, 2 * sLow, correction, tail);
  return k === 0 ? lnF : pairSum(k * ln2High, k * ln2Low, lnF, tail);
}

/** Natural logarithm. */
export function ln(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  return lnPair(x);
}

/** ln(1 + x), accurate for small x. */
export function log1p(x: number): number {
  if (!(x > -1)) return x === -1 ? -Infinity : NaN;
  if (x === Infinity || x === 0) return x;
  const sum = 1 + x;
  const rest = x >= 1 ? 1 - (sum - x) : x - (sum - 1);
  const main = lnPair(sum);
  return main + (tail + rest / sum);
}

/** Logarithm to base 10; exact at the powers of ten. */
export function log10(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  const main = lnPair(x);
  return pairProduct(main, tail, inverseLn10High, inverseLn10Low);
}

/** e^x */
export function exp(x: number): number {
  if (!(x <= 709.782712893384)) return x !== x ? NaN : Infinity;
  if (x < -745.1332191019411) return 0;
  const k = Math.floor(x * inverseLn2 + 0.5);
  const main = x - k * ln2High;
  const rest = k * ln2Low;
  const r = main - rest;
  // r coth(r/2) - 2 as an even series, so that e^r = 1 + 2 r/(r coth(r/2) - r)
  const t = r * r;
  const c =
    r -
    t *
      (1.66666666666666019037e-1 +
        t *
          (-2.77777777770155933842e-3 +
            t * (6.61375632143793436117e-5 + t * (-1.6533902205465251539e-6 + t * 4.13813679705723846039e-8))));
  return scale(1 - (rest - (r * c) / (2 - c) - main), k);
}

/** e^x - 1, accurate for small x. */
export function expm1(x: number): number {
  if (x > 709.782712893384) return Infinity;
  if (x < -40) return -1;
  if (x !== x || x === 0) return x;
  let k = 0;
  let r = x;
  let rest = 0;
  if (Math.abs(x) > 0.34657359027997264) {
    k = Math.floor(x * inverseLn2 + 0.5);
    const main = x - k * ln2High;
    const lowPart = k * ln2Low;
    r = main - lowPart;
    rest = main - r - lowPart;
  }
  const half = 0.5 * r;
  const square = r * half;
  const series =
    1 +
    square *
      (-3.33333333333331316428e-2 +
        square *
          (1.58730158725481460165e-3 +
            square *
              (-7.93650757867487942473e-5 +
                square * (4.00821782732936239552e-6 + square * -2.01099218183624371326e-7))));
  const t = 3 - series * half;
  let e = square * ((series - t) / (6 - r * t));
  if (k === 0) return r - (r * e - square);
  e = r * (e - rest) - rest - square;
  if (k === -1) return 0.5 * (r - e) - 0.5;
  if (k === 1) return r < -0.25 ? -2 * (e - (r + 0.5)) : 1 + 2 * (r - e);
  if (k <= -2 || k > 56) return scale(1 - (e - r), k) - 1;
  if (k < 20) return scale(1 - powerOfTwo(-k) - (e - r), k);
  return scale(r - (e + powerOfTwo(-k)) + 1, k);
}

/** x^y for x >= 0, or any x with an integer y. */
export function pow(x: number, y: number): number {
  if (y === 0) return 1;
  if (x !== x || y !== y) return NaN;
  if (x < 0 || Object.is(x, -0)) {
    if (!Number.isInteger(y)) return x === 0 || x === -Infinity ? pow(-x, y) : NaN;
    const size = pow(-x, y);
    return Math.abs(y) < 9007199254740992 && y % 2 !== 0 ? -size : size;
  }
  if (x === 1) return 1;
  if (x === 0 || x === Infinity || y === Infinity || y === -Infinity) {
    const grows = x > 1 === y > 0;
    return grows ? Infinity : 0;
  }
  const lnX = lnPair(x);
  const exponent = lnX * y;
  if (exponent > 710) return Infinity;
  if (exponent < -746) return 0;
  const main = pairProduct(lnX, tail, y, 0);
  const rest = tail;
  const power = exp(main);
  return power === Infinity ? power : power + power * rest;
}

/** sin r for |r + rest| <= pi/4, where `rest` is what r lacks. */
function sineKernel(r: number, rest: number): number {
  const z = r * r;
  const v = z * r;
  const series =
    8.33333333332248946124e-3 +
    z *
      (-1.98412698298579493134e-4 +
        z * (2.75573137070700676789e-6 + z * (-2.50507602534068634195e-8 + z * 1.58969099521155010221e-10)));
  return r - (z * (0.5 * rest - v * series) - rest - v * -1.66666666666666324348e-1);
}

function cosineKernel(r: number, rest: number): number {
  const z = r * r;
  const series =
    z *
    (4.16666666666666019037e-2 +
      z *
        (-1.38888888888741095749e-3 +
          z *
            (2.48015872894767294178e-5 +
              z * (-2.75573143513906633035e-7 + z * (2.0875723212981748279e-9 + z * -1.13596475577881948265e-11)))));
  const half = 0.5 * z;
  const w = 1 - half;
  return w + (1 - w - half + (z * series - r * rest));
}

let quadrant = 0;
let reducedRest = 0;

/** x - q pi/2 in [-pi/4, pi/4]; q mod 4 is left in `quadrant`, the low part in `reducedRest`. */
function reduce(x: number): number {
  if (!(Math.abs(x) <= 1e5)) throw new RangeError(`angle ${x}: expected at most 1e5 in size`);
  const q = Math.floor(x * 0.6366197723675814 + 0.5);
  quadrant = q & 3;
  // pi/2 in pieces of 33 bits, whose products with q are exact
  const first = x - q * 1.5707963267341256;
  const second = q * 6.077100506303966e-11;
  const main = first - second;
  const lost = first - main - second - q * 2.0222662487959506e-21;
  const r = main + lost;
  reducedRest = main - r + lost;
  return r;
}

/** Sine of an angle in radians, at most 1e5 in size. */
export function sin(x: number): number {
  const r = reduce(x);
  const value = quadrant & 1 ? cosineKernel(r, reducedRest) : sineKernel(r, reducedRest);
  return quadrant & 2 ? -value : value;
}

/** Cosine of an angle in radians, at most 1e5 in size. */
export function cos(x: number): number {
  const r = reduce(x);
  const value = quadrant & 1 ? sineKernel(r, reducedRest) : cosineKernel(r, reducedRest);
  return quadrant === 1 || quadrant === 2 ? -value : value;
}

/** ln Gamma(x) for x > 0, by Stirling's series from 16 upwards; absolute error some 1e-14, relative 1e-15 for large x. */
export function lnGamma(x: number): number {
  if (!(x > 0)) throw new RangeError(`lnGamma(${x}): expected a positive argument`);
  if (x === 1 || x === 2) return 0;
  let product = 1;
  while (x < 16) product *= x++;
  const r = 1 / (x * x);
  const series =
    (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r * (1 / 1680 - r * (1 / 1188 - r * (691 / 360360 - r / 156)))))) / x;
  return (x - 0.5) * ln(x) - x + 0.9189385332046728 + series - ln(product);
}
