/** What is wrong with the numbers of a rule or of a finding, in one sentence: asked before anything is measured. */
import { formatConstant } from './numbers.ts';
import type { Acknowledgement, Expectation } from './definition.ts';

/** Why a rule with these numbers can never hold, or never fail; undefined if it can do both. */
export function expectationProblem(expectation: Expectation): string | undefined {
  const { low, high, above, below, share, uncertainty, halfWidth } = expectation;
  if (share !== undefined && !(share > 0))
    return `share = ${share}: it holds whatever is measured: expected more than 0`;
  for (const [name, width] of Object.entries({ uncertainty, halfWidth }))
    if (width !== undefined && !(width > 0)) return `${name} = ${width}: expected a number above 0`;
  // Readers are told one bound at each end.
  for (const [first, second, both] of [
    ['low', 'above', low !== undefined && above !== undefined],
    ['high', 'below', high !== undefined && below !== undefined],
  ] as const)
    if (both) return `${first} and ${second}: expected one of them: one includes its bound, the other does not`;
  for (const [lower, bottom] of Object.entries({ low, above }))
    for (const [upper, top] of Object.entries({ high, below })) {
      if (bottom === undefined || top === undefined) continue;
      const included = lower === 'low' && upper === 'high';
      if (bottom > top || (bottom === top && !included))
        return `${lower} = ${formatConstant(bottom)} and ${upper} = ${formatConstant(top)}: no number is within these`;
    }
  return undefined;
}

/** Why a verdict cannot be acknowledged like this; undefined if it can. */
export function acknowledgementProblem({ verdict, low, high }: Acknowledgement): string | undefined {
  if (verdict === 'reproduced') return 'verdict = "reproduced": expected another verdict: this is no finding';
  if (verdict === 'not-reproduced' && low === undefined && high === undefined)
    return 'low and high are missing: expected the range of the measured value in which the finding is the same';
  if (low !== undefined && high !== undefined && low > high) return `low = ${low}: expected at most high = ${high}`;
  return undefined;
}
