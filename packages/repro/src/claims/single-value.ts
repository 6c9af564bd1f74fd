/** A claim about one number, judged where the number is made: for pipelines that need no claims.json. */
import type { ClaimResult } from './claim.ts';
import type { Claim, Part } from './definition.ts';
import { judgeClaims } from './judge-claims.ts';

export interface ValueClaim extends Pick<Claim, 'id' | 'sentence' | 'source'>, Pick<Part, 'rule' | 'expectation'> {
  /** What is measured, for readers: "mean of a throw". */
  readonly quantity: string;
  /** Why the rule has these numbers. */
  readonly why: string;
}

/**
 * Judges one measured number by one of the rules for estimates (`agree`, `within`, `interval-within`, ...). The 95%
 * interval is taken as two standard errors on either side. Throws a RangeError for an error below 0.
 */
export function judgeValue(
  { id, sentence, source, quantity, rule, expectation, why }: ValueClaim,
  { value, standardError }: { readonly value: number; readonly standardError: number },
): ClaimResult {
  if (standardError < 0) throw new RangeError(`claim ${id}: standardError = ${standardError}: expected 0 or more`);
  const part: Part = { quantity: 'value', rule, expectation, design: 1, why };
  // An error that nobody knows may be of any size.
  const isUndefined = Number.isNaN(standardError);
  const error = isUndefined ? Number.POSITIVE_INFINITY : standardError;
  const measure = () => ({
    kind: 'estimate' as const,
    ...{ value, standardError: error, low: value - 2 * error, high: value + 2 * error },
    ...{ errorFrom: null, seeds: null, cells: { planned: 1, excluded: 0, used: 1 } },
    detail: isUndefined ? 'The standard error is undefined.' : '',
  });
  const registered = {
    quantities: [{ id: 'value', label: quantity, kind: 'estimate' as const, measure }],
    coordinates: {},
  };
  return judgeClaims([{ id, sentence, source, by: 'paper', theme: 'Claims', parts: [part] }], registered, {})[0]!;
}
