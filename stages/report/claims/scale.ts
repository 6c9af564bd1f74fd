/** Claims whose rule needs more models than a set trains: not run at this scale, and what a smaller set found. */
import type { ClaimResult } from 'repro';
import type { ClaimDefinition } from './definition.ts';
import { criteriaOf } from './expected.ts';
import type { JudgedClaim } from './judge-claims.ts';
import { measuredText, verdictWords } from './words.ts';

/** The published results of another parameter set: the same claims at a scale that is reached sooner. */
export interface ReducedScale {
  readonly set: string;
  readonly results: readonly ClaimResult[];
}

/**
 * A claim about toy models that this set does not decide is not judged by the part of its cells that happens to be
 * there: it is not run, and the verdict at the reduced scale stands beside. Other claims are returned as they are.
 */
export function atScale(
  judged: JudgedClaim,
  claim: ClaimDefinition,
  decides: readonly string[],
  reduced: ReducedScale,
): JudgedClaim {
  if (decides.includes(claim.id) || !criteriaOf(claim).some(({ experiment }) => experiment)) return judged;
  const beside = describeReduced(claim, reduced);
  const why =
    judged.result.verdict === 'not-run'
      ? judged.result.detail
      : 'Out of this set’s scale: it trains only a part of the models that the rule is about.';
  const result: ClaimResult = {
    ...judged.result,
    verdict: 'not-run',
    measured: null,
    uncertainty: null,
    detail: `${why} At reduced scale: ${beside}.`,
  };
  return { ...judged, result, reducedScale: beside };
}

/** "`quick`: reproduced, 1.025 ± 0.033"; without the number where a claim has several parts, since it is that of the first. */
function describeReduced(claim: ClaimDefinition, { set, results }: ReducedScale): string {
  const found = results.find(({ id }) => id === claim.id);
  if (!found || found.verdict === 'not-run') return `\`${set}\`: not run`;
  const measured = claim.also?.length ? '' : measuredText(claim.rule, found.measured, found.uncertainty);
  return `\`${set}\`: ${verdictWords[found.verdict]}${measured && `, ${measured}`}`;
}
