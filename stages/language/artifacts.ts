/** The kinds of file that the language-model half exchanges. Losses are in nats per token; widths m are those of the head. */
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { json } from 'repro';

const count = Type.Integer({ minimum: 0 });
const positive = Type.Integer({ minimum: 1 });
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()]);

/** A line in log-log: value ~ m^slope. */
const Slope = Type.Object({
  slope: Type.Number(),
  standardError: Type.Number(),
  /** 95% interval by Student's t. */
  low: Type.Number(),
  high: Type.Number(),
  intercept: Type.Number(),
  r2: Type.Number(),
  count,
});

/** How an estimate scatters when the models are drawn again, with replacement, within each family. */
const Bootstrap = Type.Object({ standardError: Type.Number(), low: Type.Number(), high: Type.Number(), draws: count });

/** Widths, depths and sizes of Chinchilla's models, and how fast their loss falls with size: a source file of facts. */
export const SizeTable = json(
  'size-table',
  Type.Object({
    source: Type.String(),
    sizeExponent: Type.Object({ value: Type.Number(), uncertainty: Type.Number(), source: Type.String() }),
    models: Type.Array(
      Type.Object({ parametersMillions: Type.Number({ exclusiveMinimum: 0 }), width: positive, layers: positive }),
    ),
  }),
);

/** Size against width, N ~ m^slope (Fig. 23). */
const SizeFit = Type.Object({ ...Slope.properties, bootstrap: Bootstrap });
export const SizeFits = json(
  'size-fits',
  Type.Object({
    /** One exponent and a constant for each family; m is the width of the layers. `less`: without embeddings. */
    families: Type.Object({ total: SizeFit, lessEmbeddings: SizeFit }),
    models: Type.Array(
      Type.Object({
        model: Type.String(),
        family: Type.String(),
        m: positive,
        parameters: positive,
        parametersLessEmbeddings: positive,
      }),
    ),
    chinchilla: Type.Object({
      fit: SizeFit,
      models: Type.Array(Type.Object({ m: positive, parameters: Type.Number() })),
      /** alpha_N, and alpha_m = slope alpha_N with the errors added in quadrature. */
      sizeExponent: Type.Object({ value: Type.Number(), uncertainty: Type.Number() }),
      modelExponent: Type.Object({ value: Type.Number(), uncertainty: Type.Number() }),
    }),
  }),
);

const Head = {
  model: Type.String(),
  family: Type.String(),
  /** Rows of the head, as padded, and their width. */
  n: positive,
  m: positive,
};

const HeadSummary = Type.Object({
  ...Head,
  /** Rows that are not zero: only these have a direction. */
  directed: count,
  /** Over pairs of them: mean of cos^2, exact, and its lower bound by Welch; mean and variance of |cos|. */
  meanSquare: Type.Number(),
  welchBoundSquared: Type.Number(),
  /** Mean of cos^2 over the same pairs, once the mean row is taken away; null where fewer than two rows differ from it. */
  centredMeanSquare: nullable(Type.Number()),
  pairs: Type.Object({
    /** How many pairs |cos| was taken of, and whether they are a sample. */
    count,
    sampled: Type.Boolean(),
    meanAbsolute: Type.Number(),
    varianceAbsolute: Type.Number(),
    maximumAbsolute: Type.Number(),
    /** From sampling; 0 where all pairs were seen. */
    meanAbsoluteError: Type.Number(),
    varianceAbsoluteError: Type.Number(),
  }),
  norm: Type.Object({
    mean: Type.Number(),
    standardDeviation: Type.Number(),
    minimum: Type.Number(),
    maximum: Type.Number(),
  }),
  /** Eq. 14, averaged over the rows. */
  crossEntropyOverlap: Type.Number(),
});
export type HeadSummary = Static<typeof HeadSummary>;

/** What measure-head finds on the head of one language model. */
export const HeadMeasurement = json(
  'head-measurement',
  Type.Object({
    summary: HeadSummary,
    /** Row norms in bins of equal width from `from`. */
    normHistogram: Type.Object({ from: Type.Number(), width: Type.Number(), counts: Type.Array(count) }),
  }),
  { level: 'bytes', acrossBackends: { rtol: 1e-5, atol: 1e-6 } },
);

/** All heads together (Figs. 8a, 19, 20; App. A.2). */
export const HeadFits = json(
  'head-fits',
  Type.Object({
    /** What was asked for and could not be had where this ran. */
    missing: Type.Optional(Type.Array(Type.String())),
    heads: Type.Array(HeadSummary),
    /** Of the mean square overlap on m over all heads; null with fewer than three widths. */
    overlap: nullable(Slope),
    /** Of Eq. 14 on m: one slope, with a constant for each family, since it grows with n and falls with the norms, which are a family's own. */
    crossEntropy: nullable(Slope),
    /** The same by one line through all heads. */
    crossEntropyOneLine: nullable(Slope),
    /** Of the mean norm on m in each family; null with fewer than two widths. */
    norms: Type.Array(
      Type.Object({ family: Type.String(), slope: nullable(Type.Number()), standardError: nullable(Type.Number()) }),
    ),
  }),
);

const LossLaw = Type.Object({
  exponent: Type.Number(),
  standardError: Type.Number(),
  low: Type.Number(),
  high: Type.Number(),
  coefficient: Type.Number(),
  coefficientError: Type.Number(),
  correlation: Type.Number(),
  offsets: Type.Record(Type.String(), Type.Number()),
  meanSquareError: Type.Number(),
  parameters: count,
  points: count,
});

/** Losses of all models on all data sets, and Eq. 8 fitted to them (Figs. 8b, 21). */
export const LossFits = json(
  'loss-fits',
  Type.Object({
    /** What was asked for and could not be had where this ran. */
    missing: Type.Optional(Type.Array(Type.String())),
    points: Type.Array(
      Type.Object({
        model: Type.String(),
        family: Type.String(),
        dataset: Type.String(),
        /** The width of the layers, which the loss is fitted against. */
        m: positive,
        loss: Type.Number(),
        texts: count,
        tokens: count,
      }),
    ),
    law: LossLaw,
    /** Over models, within each family. */
    bootstrap: Bootstrap,
    /** The exponent without each model in turn. */
    leaveOneOut: Type.Array(Type.Object({ model: Type.String(), exponent: Type.Number() })),
    /** Eq. 8 fitted to one family alone; null where it has fewer than three widths. */
    families: Type.Array(Type.Object({ family: Type.String(), exponent: nullable(Type.Number()) })),
    /** L against 1/m in each group: R^2 of a line, where a group has at least three widths. */
    linear: Type.Array(
      Type.Object({
        family: Type.String(),
        dataset: Type.String(),
        slope: Type.Number(),
        intercept: Type.Number(),
        r2: Type.Number(),
      }),
    ),
    /** F-test of one slope in 1/m for all groups against one for each. */
    commonSlope: nullable(
      Type.Object({
        slope: Type.Number(),
        standardError: Type.Number(),
        f: Type.Number(),
        p: Type.Number(),
        d1: count,
        d2: count,
      }),
    ),
  }),
);

const TokenSource = {
  /** The family whose tokenizer it is. */
  tokenizer: Type.String(),
  dataset: Type.String(),
  tokens: count,
};

/** How often each token of a vocabulary occurs in the beginning of a data set: `counts` by falling count, without zeros. */
export const TokenFrequencies = json(
  'token-frequencies',
  Type.Object({ ...TokenSource, texts: count, counts: Type.Array(positive) }),
);

/** Rank-frequency relations and their exponents (Fig. 22, App. D.8). */
export const TokenFits = json(
  'token-fits',
  Type.Object({
    /** What was asked for and could not be had where this ran. */
    missing: Type.Optional(Type.Array(Type.String())),
    rows: Type.Array(
      Type.Object({
        ...TokenSource,
        distinct: count,
        /** alpha of frequency ~ 1/rank^alpha. */
        exponent: Type.Number(),
        standardError: Type.Number(),
        r2: Type.Number(),
        intercept: Type.Number(),
        /** Some of the points of the fit, for the figure. */
        rank: Type.Array(Type.Number()),
        frequency: Type.Array(Type.Number()),
      }),
    ),
  }),
);
