/** What a run found about the claims: the content of claims.json. */
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { json } from '../graph/artifact.ts';

export const Verdict = Type.Union([
  Type.Literal('reproduced'),
  Type.Literal('not-reproduced'),
  Type.Literal('inconclusive'),
  Type.Literal('not-run'),
]);
export type Verdict = Static<typeof Verdict>;

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()]);
const nullableNumber = nullable(Type.Number());
const count = Type.Integer({ minimum: 0 });

/** What one rule found: one part of a claim. */
export const PartResult = Type.Object({
  /** `a`, `b`, ... in the order of the claim. */
  id: Type.String({ pattern: '^[a-z]$' }),
  quantity: Type.String(),
  rule: Type.String(),
  verdict: Verdict,
  /** What the rule asks for, readable: "in [0.65, 1.35] for at least 80% of the cells". */
  expected: Type.String(),
  /** The number that the rule compares, readable: "95%", "1.013 ± 0.021"; empty where nothing was measured. */
  measuredText: Type.String(),
  /** The same as a number; null where nothing was measured, or it is infinite. */
  measured: nullableNumber,
  standardError: nullableNumber,
  /** 95% interval. */
  low: nullableNumber,
  high: nullableNumber,
  /** Where the error comes from: the spread between seeds, the residuals of a fit (curvature), or between the cells. */
  errorFrom: nullable(Type.Union([Type.Literal('seeds'), Type.Literal('fit'), Type.Literal('cells')])),
  /** Fewest and most seeds behind a cell; null where a cell has none. */
  seeds: nullable(Type.Object({ least: count, most: count })),
  /** Cells that the rule compared, those of this set that it is about, and those of the published design. */
  cells: Type.Object({ used: count, planned: count, design: count }),
  /** Where a run left out some of what a set has for the rule: cells or curves that there are, and those left out. */
  unfinished: Type.Optional(Type.Object({ planned: count, absent: count })),
  /** Where the rule compares the value alone, and its error reaches across a limit. */
  nearLimit: Type.Optional(Type.Literal(true)),
  /** One or two sentences: what was measured, secondary numbers, why it was not run. */
  detail: Type.String(),
});
export type PartResult = Static<typeof PartResult>;

/** The same claim asked of other evidence: verdict and measured value part by part. */
export const Alternative = Type.Object({
  verdict: Verdict,
  parts: Type.Array(
    Type.Object({
      id: Type.String(),
      verdict: Verdict,
      measured: nullableNumber,
      measuredText: Type.String(),
      cells: Type.Object({ used: count, planned: count, design: count }),
      detail: Type.String(),
    }),
  ),
});
export type Alternative = Static<typeof Alternative>;

/** What one run found about one claim: the verdict follows from those of its parts. */
export const ClaimResult = Type.Object({
  id: Type.String(),
  /** The claim, in a sentence. */
  sentence: Type.String(),
  /** Where it is made: "Fig. 6c, App. D.6". */
  source: Type.String(),
  /** Whose claim it is. Claims are counted by it. */
  by: Type.String(),
  theme: Type.String(),
  verdict: Verdict,
  parts: Type.Array(PartResult, { minItems: 1 }),
  /** The same rules applied to other evidence, by its name; these never count as a verdict of the run. */
  alternatives: Type.Record(Type.String(), Alternative),
  /** Where choices that could have been made otherwise were: verdict -> number of their combinations that give it. */
  worlds: Type.Optional(Type.Record(Type.String(), count)),
});
export type ClaimResult = Static<typeof ClaimResult>;

export const ClaimResults = json('claim-results', Type.Array(ClaimResult));

/** A claim holds if every part does: one contradiction contradicts, then what is missing or too imprecise decides. */
export function combineVerdicts(verdicts: readonly Verdict[]): Verdict {
  for (const verdict of ['not-reproduced', 'not-run', 'inconclusive'] as const)
    if (verdicts.includes(verdict)) return verdict;
  return 'reproduced';
}
