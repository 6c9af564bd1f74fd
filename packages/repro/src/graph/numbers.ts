/** One spelling for a number: twelve significant digits, or a fraction of small whole numbers. */

const significantDigits = 12;
/** Larger numbers make no recognisable fraction: 5/9, but not 355/113. */
const largestDenominator = 99;
const largestNumerator = 999;

export interface Fraction {
  readonly numerator: number;
  readonly denominator: number;
}

/** The fraction of small whole numbers with the same twelve digits; undefined if there is none, or a decimal says it. */
function fractionOf(value: number): Fraction | undefined {
  const digits = value.toPrecision(significantDigits);
  for (let denominator = 1; denominator <= largestDenominator; denominator++) {
    const numerator = Math.round(value * denominator);
    if (numerator === 0 || Math.abs(numerator) > largestNumerator || isDecimal(denominator)) continue;
    if ((numerator / denominator).toPrecision(significantDigits) === digits) {
      return { numerator, denominator };
    }
  }
  return undefined;
}

/** Whether fractions of this denominator end as decimals: 2, 4, 5, 8, 10, ... */
function isDecimal(denominator: number): boolean {
  let rest = denominator;
  for (const prime of [2, 5]) while (rest % prime === 0) rest /= prime;
  return rest === 1;
}

/**
 * The one number that is meant: 0.5555555555555554, 0.555555555556 and 5/9 are the double nearest to 5/9, and -0 is 0.
 * Whole numbers stay as they are.
 */
export function canonicalNumber(value: number): number {
  if (Number.isInteger(value)) return value + 0;
  const fraction = fractionOf(value);
  return fraction ? fraction.numerator / fraction.denominator : Number(value.toPrecision(significantDigits));
}

/** The value of `5/9` or `-1/3`; undefined for any other text. */
export function parseFraction(text: string): number | undefined {
  const match = /^(-?\d{1,15})\/(\d{1,15})$/.exec(text);
  if (!match || Number(match[2]) === 0) return undefined;
  return canonicalNumber(Number(match[1]) / Number(match[2]));
}

/** For names: `17`, `0.25`, `-5/9`, or four significant digits. */
export function shortNumber(value: number): string {
  if (Number.isInteger(value)) return String(value + 0);
  const rounded = String(Number(value.toPrecision(4)));
  if (Number(rounded) === canonicalNumber(value)) return rounded;
  const fraction = fractionOf(value);
  return fraction ? `${fraction.numerator}/${fraction.denominator}` : rounded;
}

/** With all the digits that count: where four do not tell two numbers apart. */
export function fullNumber(value: number): string {
  return String(Number.isInteger(value) ? value + 0 : Number(value.toPrecision(significantDigits)));
}

/** Whether two different numbers are so near (1e-9 of their size) that one must be a typing or rounding error. */
export function areNearlyEqual(a: number, b: number): boolean {
  if (a === b || (Number.isInteger(a) && Number.isInteger(b))) return false;
  return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
}
