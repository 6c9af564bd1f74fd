/** From claims and sources to results. */
import type { ClaimResult } from '../../../engine/index.ts';
import type { ClaimDefinition } from './definition.ts';
import { criteriaOf, describeClaim } from './expected.ts';
import { labels } from './labels.ts';
import { quantityOf } from './quantities/index.ts';
import type { Sources } from './quantities/sources.ts';
import { combineVerdicts, judge } from './rules.ts';
import { formatWithUncertainty } from '../format.ts';

/**
 * Judges every claim. Of a claim with several criteria, `measured` is that of the first; `detail` has them all.
 */
export function judgeClaims(claims: readonly ClaimDefinition[], sources: Sources): ClaimResult[] {
  return claims.map((claim) => {
    const judged = criteriaOf(claim).map((criterion) => ({
      criterion,
      judgement: judge(criterion.rule, criterion.expectation, quantityOf[criterion.quantity](criterion, sources)),
    }));
    const first = judged[0]!.judgement;
    const verdict = combineVerdicts(judged.map(({ judgement }) => judgement.verdict));
    const absent = judged.map(({ judgement }) => judgement).find((judgement) => judgement.verdict === 'not-run');
    return {
      id: claim.id,
      sentence: claim.sentence,
      source: claim.source,
      verdict,
      expected: describeClaim(claim),
      measured: verdict === 'not-run' ? null : first.measured,
      uncertainty: verdict === 'not-run' ? null : first.uncertainty,
      detail:
        verdict === 'not-run'
          ? absent!.note
          : judged.length === 1
            ? first.note
            : judged
                .map(({ criterion, judgement: { measured, uncertainty, verdict, note } }) => {
                  const value = measured === null ? '' : ` ${formatWithUncertainty(measured, uncertainty)}`;
                  return `${labels[criterion.quantity]}:${value} (${words[verdict]}). ${note}`;
                })
                .join(' '),
    };
  });
}

const words = { reproduced: 'holds', 'not-reproduced': 'fails', inconclusive: 'too imprecise', 'not-run': 'not measured' } as const;
