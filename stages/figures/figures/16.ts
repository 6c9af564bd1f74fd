/** Fig. 16: mean square overlap of weakly represented features. */
import { fixed, logAxis, logDomain, plot, sheet, some, theory } from 'repro/figures';
import type { Figure } from 'repro/figures';
import { defineFigure, runFigure } from '../define.ts';
import { scaleOf, widthsOf } from '../figure-data.ts';
import type { FigureData } from '../figure-data.ts';
import { byAlpha, overlapsOf } from '../parts/overlaps.ts';
import { apartBy } from '../parts/set-apart.ts';
import { geometricSpace } from '../parts/row-norms.ts';
import { widthAxis } from '../parts/width-ticks.ts';

export const figure = defineFigure({
  id: '16',
  title: 'Mean square overlap of weakly represented features',
  section: 'Strong superposition: the geometry of overlaps',
  needs: { experiments: ['small'], superposition: 'strong' },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const measured = some(
    overlapsOf(data, 'small', 'weakOverlap', 10).filter(({ overlap }) => overlap.meanSquare > 0),
    'weakly represented rows that overlap',
  );
  const models = measured.map(({ model }) => model);
  const widths = widthsOf(models);
  const curve = [widths[0]!, widths.at(-1)!].map((m) => ({ x: m, y: 1 / m }));
  const y = logAxis(
    'Mean square overlap, weak rows',
    logDomain([...measured.map(({ overlap }) => overlap.meanSquare), ...curve.map((point) => point.y)]),
  );
  const above = measured.filter(({ model, overlap }) => overlap.meanSquare > 1 / model.m).length;
  const middle = geometricSpace(widths[0]!, widths.at(-1)!, 3)[1]!;
  const layers = [
    ...byAlpha(measured, (overlap) => overlap.meanSquare),
    ...theory(curve, { x: middle, y: 1 / middle, text: '1/m', dx: -5, dy: 7, align: 'right' }),
  ];
  return {
    specification: sheet(data.title, `${scaleOf(models)}, every γ < 0`, plot(widthAxis(widths), y, layers)),
    caption:
      `Mean of (wᵢ · wⱼ)² among the rows with norm at most 1, in models with at least 10 of them. It exceeds 1/m (dashed) in ${above} of ${measured.length}; ` +
      `the largest is ${fixed(Math.max(...measured.map(({ overlap }) => overlap.meanSquare)))}.${apartBy('α')}`,
  };
}
