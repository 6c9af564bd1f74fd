/** Fig. 21: loss of language models against inverse model dimension. */
import { fixed, linearAxis, lines, plot, points, sheet, some } from 'repro/figures';
import type { Figure } from 'repro/figures';
import { defineFigure, runFigure } from '../define.ts';
import type { FigureData } from '../figure-data.ts';
import { fitLine } from '../../../numerics/statistics/regression.ts';
import { notMeasured } from '../parts/published.ts';
import { datasetName, datasetOrder, familyMarks } from '../parts/families.ts';
import { describe } from '../parts/language-losses.ts';

export const figure = defineFigure({
  id: '21',
  title: 'Loss of language models against inverse model dimension',
  section: 'Language models',
  needs: { language: 'losses', published: true, publishedInstead: true },
  draw,
});
export const run = runFigure(figure);

/** A line of least squares for each family on each data set. */
function linesThrough(
  rows: readonly { readonly family: string; readonly dataset: string; readonly m: number; readonly loss: number }[],
) {
  const groups = new Set(rows.map(({ family, dataset }) => `${family}\n${dataset}`));
  return [...groups].map((group) => {
    const [family, dataset] = group.split('\n') as [string, string];
    const own = rows.filter((row) => row.family === family && row.dataset === dataset);
    const line = fitLine(
      own.map(({ m }) => 1 / m),
      own.map(({ loss }) => loss),
    );
    return { ...line, family, dataset };
  });
}

function draw(data: FigureData): Figure {
  const own = data.language.losses;
  const all = own?.points ?? some(data.published('languageLosses'), 'published losses');
  const linear = own?.linear ?? linesThrough(data.published('languageLosses'));
  const commonSlope = own?.commonSlope;
  const inverse = all.map(({ m }) => 1 / m);
  const x = linearAxis('Inverse model dimension 1/m', [0, 1.05 * Math.max(...inverse)], { format: '~g', tickCount: 4 });
  const { color, shape } = familyMarks(all.map(({ family }) => family));
  const panels = datasetOrder(all.map(({ dataset }) => dataset)).map((dataset) => {
    const own = all.filter((point) => point.dataset === dataset);
    const rows = own.map(({ m, loss, family }) => ({ x: 1 / m, y: loss, family }));
    const fits = linear
      .filter((fit) => fit.dataset === dataset)
      .flatMap(({ family, slope, intercept }) =>
        [0, Math.max(...own.filter((point) => point.family === family).map(({ m }) => 1 / m))].map((at) => ({
          x: at,
          y: intercept + slope * at,
          family,
        })),
      );
    const values = [...rows, ...fits].map((row) => row.y);
    const margin = 0.06 * (Math.max(...values) - Math.min(...values));
    const y = linearAxis('Loss L (nats per token)', [Math.min(...values) - margin, Math.max(...values) + margin], {
      format: '~g',
    });
    const layers = [
      ...(fits.length ? [lines(fits, { color }, { strokeWidth: 0.79, opacity: 0.7 })] : []),
      points(rows, { color, shape }, { size: 21 }),
    ];
    return {
      title: {
        text: datasetName(dataset),
        fontSize: 9.4,
        fontWeight: 'normal',
        anchor: 'middle',
        offset: 6,
        frame: 'group',
      },
      ...plot(x, y, layers, { width: 143, height: 112 }),
    };
  });
  const r2 = linear.map((fit) => fit.r2);
  return {
    specification: sheet(
      data.title,
      own ? describe(own) : `${notMeasured}${new Set(all.map(({ model }) => model)).size} models`,
      { concat: panels, columns: 2, spacing: 14 },
    ),
    caption:
      `Losses against 1/m${own ? '' : ', as the authors’ figure shows them: published points, not measured again'}${r2.length ? `, with a line for each family: R² from ${fixed(Math.min(...r2))} to ${fixed(Math.max(...r2))}` : ''}.` +
      (commonSlope
        ? ` One slope for all would be ${commonSlope.slope.toPrecision(3)}; that the slopes are equal has p = ${commonSlope.p.toPrecision(2)} (F-test).`
        : ''),
  };
}
