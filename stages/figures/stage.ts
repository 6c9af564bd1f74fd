import { Type } from '@sinclair/typebox';
import { available, defineStage, many, optional } from 'repro';
import {
  FigureCaption,
  FigurePng,
  FigureSpecification,
  FigureSvg,
  FittedSweep,
  ModelMeasurement,
  RandomGeometry,
  TightFrame,
} from '../toy/artifacts.ts';
import { HeadFits, HeadMeasurement, LossFits, SizeFits, TokenFits } from '../language/artifacts.ts';
import { figureIds } from './needs.ts';
import type { FigureId } from './needs.ts';

export const renderFigures = defineStage({
  name: 'render-figures',
  code: new URL('./run.ts', import.meta.url),
  summary: 'Draws one figure: a self-contained Vega-Lite specification, its SVG and PNG, and the caption.',
  params: Type.Object({ figure: Type.Unsafe<FigureId>(Type.String({ enum: [...figureIds] })) }),
  inputs: {
    /** Found by their `experiment`, as `figureNeeds` lists them. */
    sweeps: many(FittedSweep),
    /** The models that `figureNeeds[figure].models` selects. */
    models: many(ModelMeasurement),
    random: optional(RandomGeometry),
    frame: optional(TightFrame),
    /** Of what `figureNeeds[figure].language` names there is one, and the figure is not drawn where it could not be made. */
    sizes: many(SizeFits),
    heads: many(HeadFits),
    head: many(HeadMeasurement),
    losses: many(LossFits),
    tokens: many(TokenFits),
    besideLosses: available(LossFits),
  },
  outputs: {
    specification: FigureSpecification,
    svg: FigureSvg,
    png: FigurePng,
    caption: FigureCaption,
  },
  withoutIt: ({ figure }) =>
    `the report is made of every figure that its set lists: to have it without this one, leave "${figure}" out of "figures" in the parameter file, or name the others with --set 'figures=[...]'`,
});
