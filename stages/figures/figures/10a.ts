/** Fig. 10a: large models: represented fraction. */
import { fixed, median, theory } from 'repro/figures';
import type { Figure } from 'repro/figures';
import { defineFigure, runFigure } from '../define.ts';
import { widthsOf } from '../figure-data.ts';
import type { FigureData } from '../figure-data.ts';
import { apartBy } from '../parts/set-apart.ts';
import { ofLarge } from '../parts/strong-fraction.ts';

export const figure = defineFigure({
  id: '10a',
  title: 'Large models: represented fraction',
  section: 'Large models',
  needs: { experiments: ['large'] },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const { models } = data.sweep('large');
  const weak = models.filter((model) => model.gamma > 0);
  const strong = models.filter((model) => model.gamma < 0).map((model) => model.representedFraction);
  const parts = [
    ...(strong.length ? [`strong superposition: at least ${fixed(Math.min(...strong))}`] : []),
    ...(weak.length
      ? [
          `weak: median of φ₁∕₂ n/m ${fixed(median(weak.map(({ representedFraction, n, m }) => (representedFraction * n) / m)))}`,
        ]
      : []),
  ];
  const { n } = models[0]!;
  const widths = widthsOf(models);
  const at = widths.at(-2) ?? widths[0]!;
  const line = theory(
    widths.map((m) => ({ x: m, y: m / n })),
    { x: at, y: at / n, text: 'm/n', dx: 6, dy: 7 },
  );
  return {
    specification: ofLarge(data, models, 'Represented fraction φ₁∕₂', (model) => model.representedFraction, line),
    caption: `φ₁∕₂, the fraction of features with row norm above 1/2; ${parts.join('; ')}. Dashed: m/n.${apartBy('kind')}`,
  };
}
