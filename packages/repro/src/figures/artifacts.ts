/** The files of a figure, for the outputs of the stage that draws it. */
import { Type } from '@sinclair/typebox';
import { file, json } from '../graph/artifact.ts';

const FigureSpecification = file('figure-specification', '.vl.json');
const FigureSvg = file('figure-svg', '.svg');
const FigurePng = file('figure-png', '.png');
/** What a report prints with a figure, and where. */
export const FigureCaption = json(
  'figure-caption',
  Type.Object({ figure: Type.String(), title: Type.String(), section: Type.String(), caption: Type.String() }),
);

/** The outputs of a stage that draws one figure; `writeFigure` of `repro/figures` writes them. */
export const figureOutputs = {
  specification: FigureSpecification,
  svg: FigureSvg,
  png: FigurePng,
  caption: FigureCaption,
} as const;
