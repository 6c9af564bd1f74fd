/** The kinds of file that the stages of this paper exchange. Units: losses are summed over features (Sec. 2). */
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { file, json } from 'repro';
import type { ValueOf } from 'repro';
import { InitialBias } from './train/initial-bias.ts';

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()]);
const count = Type.Integer({ minimum: 0 });

/**
 * The feature frequencies of one distribution and the integer tables that every sampler compares with, as
 * safetensors; its own numeric parameters are in the header's metadata under `params`, as canonical JSON.
 */
export const Distribution = file('feature-distribution', '.safetensors');

/** Held-out samples of one distribution, compressed sparse rows, shared by all models trained on it. */
export const EvaluationSamples = file('evaluation-samples', '.safetensors');

/** Trainers on different backends draw the same samples and round otherwise: 7000 steps end within 1e-5 of each other. */
const rounding = { level: 'bytes', acrossBackends: { rtol: 1e-4, atol: 1e-4 } } as const;

/** W: [n, m] f32, b: [n] f32. */
export const Weights = file('weights', '.safetensors', rounding);

/** The training loss along the schedule: means over stretches of steps. */
export const TrainingLosses = json(
  'training-losses',
  Type.Object({
    /** Last step of each stretch, from 1. */
    step: Type.Array(Type.Integer()),
    loss: Type.Array(Type.Number()),
    /** Mean and standard deviation of the last 100 training losses: the authors' scripts' final loss. */
    last: Type.Object({ count, mean: Type.Number(), standardDeviation: Type.Number() }),
  }),
  rounding,
);

/** Which model a row is about. */
const Cell = {
  frequencies: Type.Union([Type.Literal('power-law'), Type.Literal('exponential'), Type.Literal('linear')]),
  /** Exponent of a power law; null for the other two. */
  alpha: nullable(Type.Number()),
  n: count,
  m: count,
  /** Activation density E. */
  density: Type.Number(),
  gamma: Type.Number(),
  batch: count,
  steps: count,
  /** Rows projected to unit norm after each step, or left free. */
  projection: Type.Union([Type.Literal('none'), Type.Literal('unit-rows')]),
  /** 0 for the model itself, 1, 2, ... for its repetitions under other random numbers. */
  replicate: count,
  /** b ~ N(mean, standardDeviation^2) before training: 0 and 1 in the paper. */
  initialBias: InitialBias,
  /** Factor on the mean squared error that is minimised, and the epsilon of Adam: 1 or 100, and 1e-8 in the paper. */
  lossScale: Type.Number(),
  epsilon: Type.Number(),
};
export const ModelCell = Type.Object(Cell);
export type ModelCell = Static<typeof ModelCell>;

/** Overlaps among a set of nu rows, taken as unit vectors (Sec. 3, App. D.6). */
export const OverlapStatistics = Type.Object({
  count,
  /** Mean of (w_i . w_j)^2 over pairs i < j. */
  meanSquare: Type.Number(),
  /** Mean and variance of |w_i . w_j|. */
  meanAbsolute: Type.Number(),
  varianceAbsolute: Type.Number(),
  maximumAbsolute: Type.Number(),
  /** kappa^2 at this nu (Eq. 5): an exact lower bound of meanSquare. 0 where nu <= m. */
  welchBoundSquared: Type.Number(),
});
export type OverlapStatistics = Static<typeof OverlapStatistics>;

/** Row norms. */
const NormStatistics = Type.Object({
  mean: Type.Number(),
  standardDeviation: Type.Number(),
  minimum: Type.Number(),
  maximum: Type.Number(),
});

/** Quantiles of a set of values, by the share below: `q05` is the 5% quantile. */
const Quantiles = Type.Object({
  q05: Type.Number(),
  q25: Type.Number(),
  q50: Type.Number(),
  q75: Type.Number(),
  q95: Type.Number(),
});

const ModelSummaryProperties = {
  ...Cell,
  /** Mean squared error summed over features, on the held-out samples; standard deviation over its batches. */
  loss: Type.Number(),
  lossStandardDeviation: Type.Number(),
  /** The authors' scripts' final loss: mean and standard deviation of the last 100 training losses. */
  trainingLoss: Type.Number(),
  trainingLossStandardDeviation: Type.Number(),
  /** phi_1/2 and phi_1: fractions of rows with norm above 1/2 and above 1. */
  representedFraction: Type.Number(),
  stronglyRepresentedFraction: Type.Number(),
  /** Fraction of rows with norm in [0.25, 0.75]. */
  middleNormFraction: Type.Number(),
  norm: NormStatistics,
  /** Density of row norms: in [0.975, 1.025], and the maxima of the 0.05-wide bins below and above it. */
  normDensityAtOne: Type.Number(),
  normDensityBelowOne: Type.Number(),
  normDensityAboveOne: Type.Number(),
  /** Mann-Whitney test that strong rows are more frequent features: z and one-sided p; null if a group is empty. */
  strongRankTest: nullable(Type.Object({ z: Type.Number(), p: Type.Number() })),
  /** (4/3) sum of p_i over i > phi_1/2 n (Eq. 4), and the integral form of App. D.5 with the factor 4/3. */
  unlearnedLoss: Type.Number(),
  unlearnedLossIntegral: nullable(Type.Number()),
  /** (4/3) sum of p_i over the features with row norm at most 1/2, whichever they are. */
  unrepresentedLoss: Type.Number(),
  /** Spectral norm of W W^T - diag(1 (m times), 0, ...) (App. D.5). */
  ambiguity: Type.Number(),
  /** Rows with norm above 1, and the others; null with fewer than 2 rows. */
  strongOverlap: nullable(OverlapStatistics),
  weakOverlap: nullable(OverlapStatistics),
  /**
   * Features whose own activation, at most 2, cannot open their ReLU: b_i + 2 ||W_i||^2 <= 0. Their fraction; their
   * shares of the rows with norm at most 1 (weak) and above (strong); (4/3) sum of their p_i; the probability that
   * one of them began with a lower bias, or is less frequent, than one that is not dead. Null where there are none.
   * `ofRepresented` is their share of the rows with norm above 1/2, `mostFrequent` the rank (from 1) of the most
   * frequent of them, and `singleFeatureLoss` their terms of Eq. 10, as in `strongLoss`.
   */
  dead: Type.Object({
    fraction: Type.Number(),
    ofWeak: nullable(Type.Number()),
    ofStrong: nullable(Type.Number()),
    ofRepresented: nullable(Type.Number()),
    mostFrequent: nullable(count),
    loss: Type.Number(),
    singleFeatureLoss: Type.Number(),
    lowerInitialBias: nullable(Type.Number()),
    lessFrequent: nullable(Type.Number()),
  }),
  /**
   * Parts of `loss`: the squared error of the output units of the strongly (norm above 1) and weakly represented
   * features, and of the live and the dead ones. Each pair adds up to the loss.
   */
  outputLoss: Type.Object({ strong: Type.Number(), weak: Type.Number(), live: Type.Number(), dead: Type.Number() }),
  /** Features that are not dead: their row norms and biases, null if there are none, and their overlaps, null with fewer than 2. */
  live: Type.Object({
    norm: nullable(NormStatistics),
    bias: nullable(Quantiles),
    overlap: nullable(Type.Object({ count, meanSquare: Type.Number(), welchBoundSquared: Type.Number() })),
  }),
  /** Biases of the strongly represented rows; null if there are none. */
  strongBias: nullable(Quantiles),
  /** Median bias of the strongly represented rows; null if there are none. */
  strongBiasMedian: nullable(Type.Number()),
  /** Sum of p_i over the strongly represented features. */
  strongFrequency: Type.Number(),
  /**
   * The terms of Eq. 10 (App. A.1), p_i times the expected loss when feature i alone is active, summed over the
   * strongly represented features and over the others. Their sum is near the loss, but leaves out joint activations.
   */
  strongLoss: Type.Number(),
  weakLoss: Type.Number(),
};

export const ModelSummary = Type.Object(ModelSummaryProperties);
export type ModelSummary = Static<typeof ModelSummary>;

/** What measure-geometry finds on one trained model. */
export const ModelMeasurement = json(
  'model-measurement',
  Type.Object({
    summary: ModelSummary,
    /** By feature, in order of frequency. Rounded to seven digits, which f32 has. */
    frequency: Type.Array(Type.Number()),
    rowNorm: Type.Array(Type.Number()),
    bias: Type.Array(Type.Number()),
    initialBias: Type.Array(Type.Number()),
    /** The squared error of each output unit on the held-out samples: they add up to the loss. */
    outputLoss: Type.Array(Type.Number()),
  }),
  rounding,
);

/** A least-squares line in log-log: log L = intercept - exponent log m (App. D.1), one per cell that differs in m only. */
export const ExponentFit = Type.Object({
  frequencies: Cell.frequencies,
  alpha: Cell.alpha,
  n: count,
  density: Type.Number(),
  gamma: Type.Number(),
  batch: count,
  steps: count,
  projection: Cell.projection,
  initialBias: Cell.initialBias,
  lossScale: Cell.lossScale,
  epsilon: Cell.epsilon,
  /** alpha_m = minus the slope. */
  exponent: Type.Number(),
  standardError: Type.Number(),
  /** 95% interval from Student's t. */
  low: Type.Number(),
  high: Type.Number(),
  /**
   * Over seeds, where there are replicates: the exponents fitted seed by seed to the m that every seed has, their mean,
   * its standard error and its 95% interval from Student's t.
   */
  replicates: nullable(
    Type.Object({
      count,
      exponents: Type.Array(Type.Number()),
      mean: Type.Number(),
      standardError: Type.Number(),
      low: Type.Number(),
      high: Type.Number(),
      m: Type.Array(count),
    }),
  ),
  intercept: Type.Number(),
  r2: Type.Number(),
  /** The model dimensions used. */
  m: Type.Array(count),
  /** The largest ambiguity over the m of this cell (App. D.5). */
  maximumAmbiguity: Type.Number(),
});
export type ExponentFit = Static<typeof ExponentFit>;

const FittedSweepValue = Type.Object({
  /** The experiment's name in the parameters: `small`, `density`, `wide`, `large`, ... */
  experiment: Type.String(),
  /** With `loss` and `unlearnedLoss` as the parameters read them (stages/readings.ts). */
  models: Type.Array(ModelSummary),
  exponents: Type.Array(ExponentFit),
});

/** All models of one experiment and the exponents fitted to them. */
export const FittedSweep = json('fitted-sweep', FittedSweepValue);
export type FittedSweepContent = Static<typeof FittedSweepValue>;

const VariantSide = Type.Object({
  /** At each m: final losses, or losses by unlearned features (Eq. 4). */
  losses: Type.Array(Type.Number()),
  /** Of the loss in m; null with fewer than three m, or where a loss is 0. */
  exponent: nullable(Type.Object({ value: Type.Number(), standardError: Type.Number() })),
});

/** One place where the paper's text and its authors' scripts differ, done both ways. */
export const VariantComparison = json(
  'variant-comparison',
  Type.Object({
    difference: Type.String(),
    rows: Type.Array(
      Type.Object({ gamma: Type.Number(), m: Type.Array(count), text: VariantSide, scripts: VariantSide }),
    ),
  }),
);

/** Random unit vectors and their theory (Beta law, Welch bound), for the reference lines of Figs. 6d and 15. */
export const RandomGeometry = json(
  'random-geometry',
  Type.Object({
    rows: Type.Array(
      Type.Object({
        m: count,
        /** Number of vectors. */
        count,
        overlap: OverlapStatistics,
        meanTheory: Type.Number(),
        /** Of the squared cosine, and of |cos|: never mix the two. */
        varianceSquare: Type.Number(),
        varianceSquareTheory: Type.Number(),
        varianceAbsoluteTheory: Type.Number(),
        /** Kolmogorov-Smirnov against Beta(1/2, (m-1)/2), on disjoint (independent) pairs. */
        kolmogorovSmirnov: Type.Object({ statistic: Type.Number(), p: Type.Number(), pairs: count }),
      }),
    ),
  }),
);

/** Unit vectors of least frame potential, as in Fig. 2c. */
export const TightFrame = json(
  'tight-frame',
  Type.Object({
    m: count,
    /** Each of unit norm and length m. */
    rows: Type.Array(Type.Array(Type.Number())),
    /** Sum over i, j of (w_i . w_j)^2. */
    potential: Type.Number(),
    /** Steps of gradient descent that led there. */
    steps: count,
    overlap: OverlapStatistics,
  }),
);

/** Widths, vocabularies and sizes of published language models: a source file of facts, each family with where it is stated. */
export const LanguageModels = json(
  'language-models',
  Type.Object({
    /** Which parameters are counted. */
    counting: Type.String(),
    families: Type.Array(
      Type.Object({
        family: Type.String(),
        /** Of the weights as they are stored. */
        bytesPerNumber: Type.Integer({ minimum: 1 }),
        source: Type.String(),
        models: Type.Array(
          Type.Object({
            model: Type.String(),
            /** Of the rows of the head. */
            width: Type.Integer({ minimum: 1 }),
            vocabulary: Type.Integer({ minimum: 1 }),
            /** Of the layers, where it is not that of the head. */
            residualWidth: Type.Optional(Type.Integer({ minimum: 1 })),
            layers: Type.Integer({ minimum: 1 }),
            parameters: Type.Integer({ minimum: 1 }),
            parametersLessEmbeddings: Type.Integer({ minimum: 1 }),
          }),
        ),
      }),
    ),
  }),
);

/** A file of a repository of the hub, and what its bytes must be: of large files the sha256, of the others git's blob id. */
export const HubFile = Type.Object({
  path: Type.String(),
  size: count,
  sha256: nullable(Type.String({ pattern: '^[0-9a-f]{64}$' })),
  gitOid: Type.String({ pattern: '^[0-9a-f]{40}$' }),
});
export type HubFile = Static<typeof HubFile>;

/** Which commit a revision stood for when it was first asked for, and its files. The pin of all that is fetched from it. */
export const HubRepository = json(
  'hub-repository',
  Type.Object({
    kind: Type.Union([Type.Literal('model'), Type.Literal('dataset')]),
    repository: Type.String(),
    commit: Type.String({ pattern: '^[0-9a-f]{40}$' }),
    /** Only files below this folder are listed; empty for all. */
    folder: Type.String(),
    files: Type.Array(HubFile),
  }),
);
export type HubRepositoryContent = ValueOf<typeof HubRepository>;

/**
 * The head W of a language model: one tensor `head`, [vocabulary, width], in the checkpoint's own dtype. Metadata:
 * repository, commit, file and tensor it was taken from.
 */
export const LanguageModelHead = file('language-model-head', '.safetensors');

/**
 * A whole checkpoint: its configuration, and the names, sizes and digests of its weight files. The weights themselves
 * lie in the hub's cache and are verified when they are opened.
 */
export const Checkpoint = json(
  'checkpoint',
  Type.Object({
    repository: Type.String(),
    commit: Type.String(),
    format: Type.Union([Type.Literal('safetensors'), Type.Literal('torch')]),
    /** config.json as it is. */
    config: Type.Record(Type.String(), Type.Unknown()),
    /** In order of name. */
    weights: Type.Array(HubFile),
    /** Tensor -> weight file, where there are several; null for a single file. */
    shards: nullable(Type.Record(Type.String(), Type.String())),
  }),
);
export type CheckpointContent = ValueOf<typeof Checkpoint>;

/** The files of a tokenizer as text, by name: tokenizer.json, or vocab.json and merges.txt, and what configures them. */
export const Tokenizer = json(
  'tokenizer',
  Type.Object({ repository: Type.String(), commit: Type.String(), files: Type.Record(Type.String(), Type.String()) }),
);
export type TokenizerContent = ValueOf<typeof Tokenizer>;

/** The first texts of a data set, a JSON object per line: `{"text": "..."}`. */
export const Texts = file('texts', '.jsonl');

export const Report = file('report', '.md');
