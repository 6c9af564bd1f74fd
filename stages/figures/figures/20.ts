/** Fig. 20: row norms of language-model heads. */
import { errorBars, fixed, linearAxis, plot, points, sheet } from 'repro/figures';
import type { Figure, Fragment } from 'repro/figures';
import { defineFigure, runFigure } from '../define.ts';
import type { FigureData } from '../figure-data.ts';
import { familyColour, familyOrder } from '../parts/families.ts';
import { widthTicks } from '../parts/width-ticks.ts';

export const figure = defineFigure({
  id: '20',
  title: 'Row norms of language-model heads',
  section: 'Language models',
  needs: { language: 'heads' },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const { heads, norms } = data.languageEvidence('heads');
  const families = familyOrder(heads.map(({ family }) => family));
  const panels = families.map((family) => {
    const own = heads.filter((head) => head.family === family);
    const rows = own.map(({ m, norm }) => ({
      x: m,
      y: norm.mean,
      low: norm.mean - norm.standardDeviation,
      high: norm.mean + norm.standardDeviation,
      least: norm.minimum,
      most: norm.maximum,
      family,
    }));
    const y = linearAxis('Row norm', [0, 1.06 * Math.max(...rows.map(({ most, high }) => Math.max(most, high)))], {
      format: '~g',
    });
    const color = { color: familyColour(families, false) };
    const extremes = (field: 'least' | 'most', colour: string): Fragment =>
      points(
        rows.map((row) => ({ x: row.x, y: row[field] })),
        {},
        { size: 9, color: colour, stroke: null },
      );
    const layers = [
      errorBars(rows, y, color),
      points(rows, color),
      extremes('most', '#a50026'),
      extremes('least', '#333333'),
    ];
    return {
      title: { text: family, fontSize: 9.4, fontWeight: 'normal', anchor: 'middle', offset: 4, frame: 'group' },
      ...plot(widthTicks(own.map(({ m }) => m)), y, layers, { width: 143, height: 105 }),
    };
  });
  const slopes = norms.flatMap(({ family, slope, standardError }) =>
    slope === null ? [] : [`${fixed(slope)}${standardError ? ` ± ${fixed(standardError)}` : ''} (${family})`],
  );
  const zero = heads.filter(({ norm }) => !(norm.minimum > 0)).map(({ model }) => model);
  return {
    specification: sheet(data.title, `${heads.length} heads`, { concat: panels, columns: 2, spacing: 14 }),
    caption:
      `Mean row norm (circles, bars: standard deviation), the largest (red) and the smallest (black) of each head. ` +
      `${slopes.length ? `Log-log slope of the mean norm on m: ${slopes.join(', ')}. ` : ''}${zero.length ? `Zero rows: ${zero.join(', ')}.` : 'The smallest norm is above 0 in every head.'}`,
  };
}
