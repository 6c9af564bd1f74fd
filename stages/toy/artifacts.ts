/** The kinds of file that the stages of this paper exchange. Units: losses are summed over features (Sec. 2). */
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { file, json } from 'repro';
import type { ValueOf } from 'repro';
import { count, ExponentFit, ModelCell, ModelSummary, nullable, OverlapStatistics } from './model-summary.ts';

export { ExponentFit, ModelCell, ModelSummary, OverlapStatistics } from './model-summary.ts';

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

const FittedSweepValue = Type.Object({
  /** The experiment's name in the parameters: `small`, `density`, `wide`, `large`, ... */
  experiment: Type.String(),
  /** With `loss` and `unlearnedLoss` as the parameters read them (stages/readings.ts). */
  models: Type.Array(ModelSummary),
  exponents: Type.Array(ExponentFit),
  /** Models of the experiment that were not trained, where a run left some out; absent where all are there. */
  missing: Type.Optional(Type.Array(ModelCell)),
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
    /** The commit and the sha256 of the list of files, for the lock. */
    pin: Type.Optional(Type.String({ pattern: '^[0-9a-f]{40} [0-9a-f]{64}$' })),
  }),
);
export type HubRepositoryContent = ValueOf<typeof HubRepository>;

/**
 * The head W of a language model: one tensor `head`, [vocabulary, width], in the checkpoint's own dtype. Metadata:
 * repository, commit, file and tensor it was taken from.
 */
export const LanguageModelHead = file('language-model-head', '.safetensors');

const pin = Type.String({ pattern: '^[0-9a-f]{40} [0-9a-f]{64}$' });

/** Where a head was taken from, and what the lock pins of it: its commit and the sha256 of the artifact. */
export const HeadOrigin = json('head-origin', Type.Object({ file: Type.String(), tensor: Type.String(), pin }));

/** What the lock pins of texts: the commit of their data set, and the sha256 of the artifact. */
export const TextsOrigin = json('texts-origin', Type.Object({ pin }));

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
