import { Type } from '@sinclair/typebox';
import { available, ClaimResults, defineStage, FigureCaption, figureOutputs, many, optional, Page } from 'repro';
import { PublishedPoints } from '../../published/points.ts';
import { FittedSweep } from '../../toy/artifacts.ts';
import { FirstSteps } from '../../toy/first-steps/artifact.ts';
import { TrainersTable } from '../trainers.ts';

export const resultsPage = defineStage({
  name: 'results-page',
  code: new URL('./run.ts', import.meta.url),
  summary: 'The report as one page of HTML, with a map of the exponents over α and γ.',
  params: Type.Object({
    set: Type.String(),
    title: Type.String(),
    /** What was run, in a sentence or two. */
    description: Type.String(),
    /** Ids of the claims that this set must decide. */
    decides: Type.Array(Type.String()),
    /** Claim -> part -> why it is not reproduced, where that is known. */
    reasons: Type.Record(Type.String(), Type.Record(Type.String(), Type.String())),
  }),
  inputs: {
    claims: ClaimResults,
    sweeps: many(FittedSweep),
    captions: available(FigureCaption),
    /** In the order of the captions. */
    drawings: available(figureOutputs.svg),
    points: PublishedPoints,
    trainers: TrainersTable,
    firstSteps: optional(FirstSteps),
  },
  outputs: { page: Page },
});
