/** Fig. 23b: size of the Chinchilla models against model dimension. */
import { fixed, logAxis, logDomain, plot, points, sheet, theory } from 'repro/figures';
import type { Figure } from 'repro/figures';
import { exp, ln } from '../../../numerics/elementary.ts';
import { defineFigure, runFigure } from '../define.ts';
import type { FigureData } from '../figure-data.ts';
import { widthTicks } from '../parts/width-ticks.ts';

export const figure = defineFigure({
  id: '23b',
  title: 'Size of the Chinchilla models against model dimension',
  section: 'Language models',
  needs: { language: 'sizes' },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const { fit, models, sizeExponent, modelExponent } = data.languageEvidence('sizes').chinchilla;
  const rows = models.map(({ m, parameters }) => ({ x: m, y: parameters }));
  const widths = models.map(({ m }) => m);
  const line = [Math.min(...widths), Math.max(...widths)].map((x) => ({
    x,
    y: exp(fit.intercept + fit.slope * ln(x)),
  }));
  const layers = [
    ...theory(line, {
      x: Math.sqrt(line[0]!.x * line[1]!.x),
      y: Math.sqrt(line[0]!.y * line[1]!.y),
      text: `exponent ${fixed(fit.slope)}`,
      dx: 12,
      dy: 13,
    }),
    points(rows, {}, { color: '#4575b4', size: 25 }),
  ];
  return {
    specification: sheet(
      data.title,
      `${models.length} models of Hoffmann et al. 2022, Table A9`,
      plot(
        widthTicks(widths),
        logAxis(
          'Number of parameters N',
          logDomain(
            rows.map(({ y }) => y),
            1.5,
          ),
        ),
        layers,
      ),
    ),
    caption:
      `Size against width of the Chinchilla models; dashed: N ∝ m^${fixed(fit.slope, 3)}, ± ${fixed(fit.standardError, 3)}. ` +
      `With L ∝ N^−(${fixed(sizeExponent.value)} ± ${fixed(sizeExponent.uncertainty)}) the exponent in m is ${fixed(modelExponent.value)} ± ${fixed(modelExponent.uncertainty)}, errors added in quadrature.`,
  };
}
