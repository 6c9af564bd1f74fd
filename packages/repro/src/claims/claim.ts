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

const nullableNumber = Type.Union([Type.Number(), Type.Null()]);

/** What one run found about one claim. The engine's gate reads `id` and `verdict`; the rest is for readers. */
export const ClaimResult = Type.Object({
  id: Type.String(),
  /** The claim, in a sentence. */
  sentence: Type.String(),
  /** Where it is made: "Fig. 6c, App. D.6". */
  source: Type.String(),
  verdict: Verdict,
  /** What the rule asks for, readable: "in [0.65, 1.35] for at least 80% of the cells". */
  expected: Type.String(),
  /** The quantity that the rule compares; null where nothing was measured. */
  measured: nullableNumber,
  /** Its uncertainty (standard error or half width of the 95% interval, as `detail` says); null where there is none. */
  uncertainty: nullableNumber,
  /** One or two sentences: what was measured over which cells, secondary numbers, why it was not run. */
  detail: Type.String(),
});
export type ClaimResult = Static<typeof ClaimResult>;

export const ClaimResults = json('claim-results', Type.Array(ClaimResult));
