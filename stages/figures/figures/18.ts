/** Fig. 18: model exponent against activation density. */
import { errorBars, fixed, linearAxis, linearDomain, lines, plot, points, sheet, some } from 'repro/figures';
import type { Figure } from 'repro/figures';
import { defineFigure, runFigure } from '../define.ts';
import { gammasOf, scaleOf } from '../figure-data.ts';
import type { FigureData } from '../figure-data.ts';
import { gammaMarks } from '../parts/colours.ts';
import { exponentRows } from '../parts/exponents.ts';
import { oneDensity } from '../parts/one-density.ts';
import { exponentBars } from '../parts/over-seeds.ts';

export const figure = defineFigure({
  id: '18',
  title: 'Model exponent against activation density',
  section: 'Activation density',
  needs: { experiments: ['density'] },
  draw,
});
export const run = runFigure(figure);

/** Fig. 18: the model exponent against activation density. */
function draw(data: FigureData): Figure {
  const sweep = data.sweep('density');
  const fits = some(sweep.exponents, 'fitted exponents in "density"');
  const rows = exponentRows(fits, ({ density }) => density);
  const y = linearAxis('Model exponent αₘ', linearDomain(rows.flatMap((row) => [row.low, row.high])), { format: '~g' });
  const x = linearAxis('Activation density E', [0, Math.max(...rows.map((row) => row.x)) * 1.06], { format: '~g' });
  const { color, shape } = gammaMarks(fits);
  const changes = gammasOf(fits).flatMap((gamma) => {
    const own = rows.filter((row) => row.gamma === gamma);
    const [first, last] = [own[0]!, own.at(-1)!];
    return last.x > first.x ? [(last.y - first.y) / (last.x - first.x)] : [];
  });
  const change = changes.length
    ? `From the lowest to the highest E the exponent changes by ${[...new Set([Math.min(...changes), Math.max(...changes)].map((one) => fixed(one, 3)))].join(' to ')} per unit of E.`
    : oneDensity(rows.map(({ x: density }) => density));
  return {
    specification: sheet(
      data.title,
      scaleOf(sweep.models),
      plot(x, y, [
        lines(rows, { color, detail: { field: 'gamma', type: 'nominal' } }, { opacity: 0.6 }),
        errorBars(rows, y, { color }),
        points(rows, { color, shape }),
      ]),
    ),
    caption: `αₘ against activation density E, one line per weight decay. ${change} ${exponentBars(fits)}`,
  };
}
