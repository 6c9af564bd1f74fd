/** The rules of claims as values: `agree(0.35, 0.02)`, `largest({ below: 0.1 })`. What each computes is in claims/rules.ts. */
import { expectationProblem } from '../claims/problems.ts';
import { a, check, checkMembers, DeclarationError, maybe } from '../graph/declared.ts';
import type { Expectation } from '../claims/definition.ts';
import type { RuleName } from '../claims/rules.ts';

/** A rule with its numbers. `of`: what it judges, one number or a list of them. */
export interface Rule<Of extends 'estimate' | 'cells' = 'estimate' | 'cells'> {
  readonly name: RuleName;
  readonly expectation: Expectation;
  readonly of: Of;
}

/** `low` and `high` are included, `above` and `below` are not. At least one of them. */
export type Bounds = Pick<Expectation, 'low' | 'high' | 'above' | 'below'>;

const bound = maybe(a.number);
const boundsOf = (rule: string, bounds: Bounds): Bounds => {
  checkMembers(rule, bounds, { low: bound, high: bound, above: bound, below: bound });
  const problem = expectationProblem(bounds);
  if (problem !== undefined) throw new DeclarationError(`${rule}: ${problem}`);
  return bounds;
};
const numbers = (rule: string, given: Readonly<Record<string, number>>): Expectation => {
  for (const [name, value] of Object.entries(given))
    check(`${rule}: ${name}`, value, name === 'value' ? a.number : a.positive);
  return given;
};

const estimate = (name: RuleName, expectation: Expectation): Rule<'estimate'> => ({
  name,
  expectation,
  of: 'estimate',
});
const cells = (name: RuleName, expectation: Expectation): Rule<'cells'> => ({ name, expectation, of: 'cells' });

/** |x - value| <= 2 sqrt(error^2 + uncertainty^2); inconclusive where the error of x exceeds the uncertainty. */
export const agree = (value: number, uncertainty: number): Rule<'estimate'> =>
  estimate('agree', numbers('agree', { value, uncertainty }));
/** The number is within the bounds. */
export const within = (bounds: Bounds): Rule<'estimate'> => estimate('within', boundsOf('within', bounds));
/** Its whole 95% interval is; inconclusive where only the number is. */
export const intervalWithin = (bounds: Bounds): Rule<'estimate'> =>
  estimate('interval-within', boundsOf('intervalWithin', bounds));
/** The 95% interval contains the value; inconclusive where it is wider than `halfWidth` on either side. */
export const intervalContains = (value: number, halfWidth: number): Rule<'estimate'> =>
  estimate('interval-contains', numbers('intervalContains', { value, halfWidth }));

/** At least the given share of the numbers, above 0 and up to 1, is within the bounds. */
export const share = (least: number, bounds: Bounds): Rule<'cells'> => {
  check('share: the least share', least, {
    expected: 'a number above 0 and up to 1',
    accepts: (value) => a.share.accepts(value) && value !== 0,
  });
  return cells('share', { share: least, ...boundsOf('share', bounds) });
};
export const mean = (bounds: Bounds): Rule<'cells'> => cells('mean', boundsOf('mean', bounds));
export const median = (bounds: Bounds): Rule<'cells'> => cells('median', boundsOf('median', bounds));
export const largest = (bounds: Bounds): Rule<'cells'> => cells('largest', boundsOf('largest', bounds));
