import { Type } from '@sinclair/typebox';
import { available, defineStage, figureOutputs, many, optional } from 'repro';
import { FittedSweep, ModelMeasurement, RandomGeometry, TightFrame } from '../toy/artifacts.ts';
import { FirstSteps } from '../toy/first-steps/artifact.ts';
import { HeadFits, HeadMeasurement, LossFits, SizeFits, TokenFits } from '../language/artifacts.ts';
import { PublishedPoints } from '../published/points.ts';
import type { PaperFigure } from './define.ts';

export type FigureStage = ReturnType<typeof figureStage>;

/** The stage that draws one figure. All are variants of `figure`, each with the code of its own file. */
export function figureStage({ id }: PaperFigure, code: URL) {
  return defineStage({
    name: 'figure',
    variant: id,
    code,
    summary: 'Draws one figure: a self-contained Vega-Lite specification, its SVG and PNG, and the caption.',
    labels: ['figure'],
    // Most of a figure's time would be that of loading Vega.
    execution: { batchBy: [], batchWaits: false },
    params: Type.Object({ figure: Type.Unsafe<string>(Type.Literal(id)) }),
    inputs: {
      /** Found by their `experiment`, as the figure's needs list them. */
      sweeps: many(FittedSweep),
      /** The models that the figure's needs select. */
      models: many(ModelMeasurement),
      random: optional(RandomGeometry),
      frame: optional(TightFrame),
      firstSteps: optional(FirstSteps),
      /** The points of the authors' own figures. */
      published: optional(PublishedPoints),
      /** Of what the figure's needs name there is one, and the figure is not drawn where it could not be made. */
      sizes: many(SizeFits),
      heads: many(HeadFits),
      head: many(HeadMeasurement),
      losses: many(LossFits),
      tokens: many(TokenFits),
      besideLosses: available(LossFits),
    },
    outputs: figureOutputs,
    withoutIt: ({ figure }) =>
      `the report is made of every figure that its set lists: to have it without this one, leave "${figure}" out of "figures" in the parameter file, or name the others with --set 'figures=[...]'`,
  });
}
