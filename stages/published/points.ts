/** The points that the authors' figures show, as `params/published/points.json` has them: facts, each series with its source and error. */
import { Type } from '@sinclair/typebox';
import type { Static, TProperties } from '@sinclair/typebox';
import { json } from 'repro';
import { ModelCell } from '../toy/model-summary.ts';

const { frequencies, gamma, m, density } = ModelCell.properties;
const alpha = Type.Number();
const regime = Type.Union([Type.Literal('strong'), Type.Literal('weak')]);
const exponent = Type.Number();
const standardError = Type.Number();
const loss = Type.Number();

const series = <T extends TProperties>(row: T) =>
  Type.Object({
    /** The figures of the paper that show them. */
    figures: Type.Array(Type.String()),
    /** How exactly they are known. */
    error: Type.String(),
    rows: Type.Array(Type.Object(row, { additionalProperties: false })),
  });

const Points = Type.Object({
  source: Type.String(),
  series: Type.Object({
    /** Large models, n = 10240; the standard deviation is that of the error bars drawn. */
    largeLosses: series({ frequencies, regime, m, loss, standardDeviation: Type.Number() }),
    /** φ_1/2 of the small models, n = 1000, at alpha = 1. */
    representedFractions: series({ alpha, m, gamma, fraction: Type.Number() }),
    /** Rank correlation of φ_1/2 and alpha over that many alpha, at one m. */
    representedCorrelations: series({ gamma, m, correlation: Type.Number(), points: Type.Integer() }),
    /** R² of the lines through the losses of the large models. */
    largeFits: series({ frequencies, regime, r2: Type.Number() }),
    /** Model exponents of the small models over gamma and alpha. */
    exponents: series({
      gamma,
      alpha,
      exponent,
      bound: Type.Optional(Type.Union([Type.Literal('at least'), Type.Literal('at most')])),
    }),
    exponentsClosestToNoSuperposition: series({ gamma, alpha, exponent, standardError }),
    /** φ_1 of the small models at gamma = -1. */
    stronglyRepresentedFractions: series({ alpha, m, gamma, fraction: Type.Number() }),
    strongExponents: series({ gamma, alpha, exponent, standardError }),
    lossesByDensity: series({ gamma, density, m, alpha, loss }),
    lossesByWidthAndDensity: series({ gamma, density, m, loss }),
    /** Losses in nats per token, and their part that depends on the width by the paper's fit of Eq. 8. */
    languageLosses: series({
      family: Type.String(),
      model: Type.String(),
      dataset: Type.String(),
      m,
      loss,
      widthPart: Type.Number(),
      error: Type.Number(),
    }),
    languageOverlaps: series({ family: Type.String(), model: Type.String(), m, meanSquare: Type.Number() }),
  }),
});
export type PublishedPointsContent = Static<typeof Points>;

export const PublishedPoints = json('published-points', Points);

/** The number of features of the authors' small and large models. */
export const publishedFeatures = { small: 1000, large: 10240 } as const;
