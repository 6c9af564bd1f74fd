/** From claims and sources to results. */
import type { ClaimResult, Verdict } from 'repro';
import { formatWithUncertainty } from '../format.ts';
import type { ClaimDefinition } from './definition.ts';
import { criteriaOf, describeClaim, describeCriterion } from './expected.ts';
import type { Evidence } from './evidence.ts';
import { labels } from './labels.ts';
import { quantityOf } from './quantities/index.ts';
import type { Sources } from './quantities/sources.ts';
import { combineVerdicts, judge } from './rules.ts';
import { measuredText } from './words.ts';

/** One criterion of a claim, for the tables of the report. */
export interface JudgedPart {
  readonly expected: string;
  /** `95%`, `1.013 ± 0.021`; empty where nothing was measured. */
  readonly measured: string;
  readonly verdict: Verdict;
}

export interface JudgedClaim {
  readonly result: ClaimResult;
  readonly parts: readonly JudgedPart[];
  /** Of a claim that is not run for want of scale: what a smaller set found of it. */
  readonly reducedScale?: string;
}

/** Judges every claim. Of a claim with several criteria, `measured` is that of the first; `detail` has them all. */
export function judgeClaims(claims: readonly ClaimDefinition[], sources: Sources): JudgedClaim[] {
  return claims.map((claim) => judgeClaim(claim, sources));
}

function judgeClaim(claim: ClaimDefinition, sources: Sources): JudgedClaim {
  const judged = criteriaOf(claim).map((criterion) => {
    const evidence = quantityOf[criterion.quantity](criterion, sources);
    const judgement = judge(criterion.rule, criterion.expectation, evidence);
    const measured = measuredText(criterion.rule, judgement.measured, judgement.uncertainty) + seedsText(evidence);
    return { criterion, judgement, measured };
  });
  const first = judged[0]!.judgement;
  const verdict = combineVerdicts(judged.map(({ judgement }) => judgement.verdict));
  const absent = judged.find(({ judgement }) => judgement.verdict === 'not-run')?.judgement.note ?? '';
  const details = judged.map(({ criterion, judgement, measured }, i) =>
    judged.length === 1
      ? judgement.note
      : `${partLetter(i)}) ${labels[criterion.quantity]}:${measured && ` ${measured}`} (${words[judgement.verdict]}). ${judgement.note}`,
  );
  const ran = verdict !== 'not-run';
  return {
    result: {
      id: claim.id,
      sentence: claim.sentence,
      source: claim.source,
      verdict,
      expected: describeClaim(claim),
      measured: ran ? first.measured : null,
      uncertainty: ran ? first.uncertainty : null,
      detail: ran ? details.join(' ') : absent,
    },
    parts: judged.map(({ criterion, judgement, measured }) => ({
      expected: describeCriterion(criterion),
      measured,
      verdict: judgement.verdict,
    })),
  };
}

/** Parts of a claim are lettered alike wherever they are told. */
export function partLetter(index: number): string {
  return String.fromCharCode(97 + index);
}

function seedsText(evidence: Evidence): string {
  if (evidence.kind !== 'estimate' || !evidence.seeds) return '';
  const { count, mean, standardError } = evidence.seeds;
  return ` (${count} seeds: ${formatWithUncertainty(mean, standardError)})`;
}

const words = {
  reproduced: 'holds',
  'not-reproduced': 'fails',
  inconclusive: 'too imprecise',
  'not-run': 'not measured',
} as const;
