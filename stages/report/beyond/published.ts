/** What the authors' figures show, as `params/published/figures.json` cites it. */
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { json } from 'repro';
import { ModelCell } from '../../toy/artifacts.ts';

const Range = Type.Object({ low: Type.Number(), high: Type.Number() });

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
  /** Fig. 7b: the exponents of the lines drawn, by activation density. */
  densityExponents: Type.Object({ gamma: Type.Number(), exponents: Type.Array(Type.Number()) }),
  /** Fig. 8b: Eq. 8 fitted to the losses drawn, and how far the exponent depends on which models there are. */
  languageLosses: Type.Object({
    models: Type.Integer(),
    exponent: Type.Number(),
    coefficient: Type.Number(),
    /** By least squares, and as the paper states it. */
    standardError: Type.Number(),
    statedError: Type.Number(),
    withoutOneModel: Range,
    families: Type.Record(Type.String(), Type.Number()),
    /** With each model at the width of its head where that is another than its layers' (opt-350m). */
    atHeadWidth: Type.Number(),
  }),
  /** Fig. 8a: of the models, those drawn; the log-log slope of their mean square overlap on m, and that overlap times m. */
  languageOverlaps: Type.Object({
    models: Type.Integer(),
    drawn: Type.Integer(),
    slope: Type.Number(),
    standardError: Type.Number(),
    timesWidth: Range,
  }),
});
export type PublishedFacts = Static<typeof Published>;

/** A source file of facts, with where they are stated. */
export const PublishedFigures = json('published-figures', Published);
