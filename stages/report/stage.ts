import { Type } from '@sinclair/typebox';
import type { Claim } from 'repro/claims';
import { available, ClaimResults, defineStage, FigureCaption, file, many, optional } from 'repro';
import { FittedSweep, LanguageModels, RandomGeometry, Report, VariantComparison } from '../toy/artifacts.ts';
import { FirstSteps } from '../toy/first-steps/artifact.ts';
import { PublishedPoints } from '../published/points.ts';
import { PowerTable } from './power.ts';
import { TrainersTable } from './trainers.ts';
import { PublishedFigures } from './beyond/published.ts';
import { HeadFits, LossFits, SizeFits, TokenFits } from '../language/artifacts.ts';

/** The verdicts over all worlds, drawn. */
const WorldsFigure = file('worlds-figure', '.svg');

/** Our numbers against the authors', drawn; without rows where a set is of another scale than the paper's. */
const ReplicationFigure = file('replication-figure', '.svg');

export const report = defineStage({
  name: 'report',
  code: new URL('./run.ts', import.meta.url),
  summary: 'Judges every claim by its rule and writes the report.',
  params: Type.Object({
    /** Name of the parameter set: the heading, and which acknowledged findings apply. */
    set: Type.String(),
    title: Type.String(),
    /** What was run, in a sentence or two. */
    description: Type.String(),
    /** As parsed: `parseClaims` has checked them. */
    claims: Type.Array(Type.Unsafe<Claim>(Type.Object({}, { additionalProperties: true }))),
    /** Ids of the claims that this set must decide. */
    decides: Type.Array(Type.String()),
    /** Whether this set reads language models, and not only what is published of them. */
    readsModels: Type.Boolean(),
  }),
  inputs: {
    sweeps: many(FittedSweep),
    random: optional(RandomGeometry),
    /** Of the figures that could be drawn. */
    captions: available(FigureCaption),
    /** Text and scripts side by side, in the order in which the report lists them. */
    variants: available(VariantComparison),
    languageModels: LanguageModels,
    sizes: SizeFits,
    heads: optional(HeadFits),
    losses: optional(LossFits),
    tokens: optional(TokenFits),
    published: PublishedFigures,
    /** The authors' own points, which the same rules are asked of. */
    points: PublishedPoints,
    /** Which claims each set can decide. */
    power: PowerTable,
    trainers: TrainersTable,
    /** One small model followed from both sets of initial biases; where a figure shows it. */
    firstSteps: optional(FirstSteps),
  },
  outputs: { markdown: Report, claims: ClaimResults, worlds: WorldsFigure, replication: ReplicationFigure },
});
