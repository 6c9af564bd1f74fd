import { exp, pow } from '../elementary.ts';

/** How often features are active (Sec. 2, App. D.1): which of `alpha`, `scale`, `firstIndex` apply depends on the kind. */
export interface FrequencyLaw {
  readonly frequencies: 'power-law' | 'exponential' | 'linear';
  readonly n: number;
  /** Power law: p_i ~ 1 / i^alpha, i = 1..n. */
  readonly alpha?: number | undefined;
  /** Exponential: p_i ~ exp(-i / scale). */
  readonly scale?: number | undefined;
  /** Exponential and linear (p_i ~ n - i): whether i counts from 0, as in the authors' scripts, or from 1, as in the text. */
  readonly firstIndex?: 0 | 1 | undefined;
  /** Activation density E = sum of p_i. */
  readonly density: number;
}

/** How far above 1 a frequency may lie by rounding; as near to 1 from below, it is 1: the feature is always active. */
const frequencyTolerance = 1e-12;

/**
 * p_i, decreasing in i, with sum E. Throws a RangeError if the largest exceeds 1, or a parameter of the law is missing,
 * superfluous or out of range.
 */
export function featureFrequencies(law: FrequencyLaw): Float64Array {
  checkLaw(law);
  const { n, density } = law;
  const p = new Float64Array(n);
  for (let k = 0; k < n; k++) p[k] = relativeFrequency(law, k);
  let sum = 0;
  for (let k = n - 1; k >= 0; k--) sum += p[k]!;
  for (let k = 0; k < n; k++) p[k] = (p[k]! / sum) * density;
  if (!(p[0]! <= 1 + frequencyTolerance)) {
    throw new RangeError(
      `p_1 = ${p[0]} at density ${density}: a frequency cannot exceed 1; the largest density here is ${density / p[0]!}`,
    );
  }
  for (let k = 0; k < n && p[k]! >= 1 - frequencyTolerance; k++) p[k] = 1;
  return p;
}

function relativeFrequency(law: FrequencyLaw, k: number): number {
  switch (law.frequencies) {
    case 'power-law':
      return pow(k + 1, -law.alpha!);
    case 'exponential':
      return exp(-(k + law.firstIndex!) / law.scale!);
    case 'linear':
      return law.n - (k + law.firstIndex!);
  }
}

const parametersOf = {
  'power-law': ['alpha'],
  exponential: ['scale', 'firstIndex'],
  linear: ['firstIndex'],
} as const;

function checkLaw(law: FrequencyLaw): void {
  const { frequencies, n, density } = law;
  const own: readonly string[] = parametersOf[frequencies];
  for (const name of ['alpha', 'scale', 'firstIndex'] as const) {
    const value = law[name];
    if (own.includes(name) && value === undefined) throw new RangeError(`${frequencies} frequencies need ${name}`);
    if (!own.includes(name) && value !== undefined)
      throw new RangeError(`${name} = ${value}: ${frequencies} frequencies have no such parameter`);
  }
  if (!(n >= 1)) throw new RangeError(`n = ${n}: expected at least 1`);
  if (!(density > 0)) throw new RangeError(`density = ${density}: expected a positive number`);
  if (frequencies === 'power-law' && !(law.alpha! >= 0))
    throw new RangeError(`alpha = ${law.alpha}: expected at least 0`);
  if (frequencies === 'exponential' && !(law.scale! > 0))
    throw new RangeError(`scale = ${law.scale}: expected a positive number`);
  if (frequencies === 'linear' && n - law.firstIndex! <= 0)
    throw new RangeError(`n = ${n}: every frequency would be 0`);
}
