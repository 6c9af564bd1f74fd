/** What the authors' figures show, as `params/published/toy-figures.json` cites it. */
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { json } from '../../../engine/index.ts';
import { ModelCell } from '../../artifacts.ts';

const Published = Type.Object({
  source: Type.String(),
  /** Lines through the losses of the large models: exponent, R^2 and the m fitted. */
  large: Type.Array(
    Type.Object({
      frequencies: ModelCell.properties.frequencies,
      regime: Type.Union([Type.Literal('strong'), Type.Literal('weak')]),
      exponent: Type.Number(),
      r2: Type.Number(),
      m: Type.Array(Type.Integer()),
      figure: Type.String(),
    }),
  ),
  /** Fig. 6e: mean model exponent over bands of alpha, and the distance from Eq. 7 over all cells. */
  strongExponents: Type.Object({
    bands: Type.Array(Type.Object({ atLeast: Type.Number(), atMost: Type.Number(), mean: Type.Number() })),
    rootMeanSquareDistance: Type.Number(),
  }),
  /** Fig. 6c: the least and the most strongly represented features, phi_1 n, at some m; n = 1000. */
  strongCounts: Type.Array(Type.Object({ m: Type.Integer(), low: Type.Number(), high: Type.Number() })),
  /** Fig. 6d: mean square overlap over kappa^2 at nu = min(m^2/2, n), less 1. */
  overlapExcess: Type.Object({ m: Type.Integer(), low: Type.Number(), high: Type.Number() }),
  /** Fig. 7a: L / E at the smallest and the largest activation density. */
  lossPerDensity: Type.Array(Type.Object({ gamma: Type.Number(), first: Type.Number(), last: Type.Number() })),
});
export type PublishedToyFigures = Static<typeof Published>;

/** A source file of facts, with where they are stated. */
export const PublishedFigures = json('published-toy-figures', Published);
