/** Fig. 22: token frequencies. */
import { fixed, labels, lines, logAxis, logDomain, plot, sheet, span, theory } from 'repro/figures';
import type { Figure } from 'repro/figures';
import { exp, ln } from '../../../numerics/elementary.ts';
import { defineFigure, runFigure } from '../define.ts';
import type { FigureData } from '../figure-data.ts';
import { datasetName, datasetOrder, familyOrder } from '../parts/families.ts';

export const figure = defineFigure({
  id: '22',
  title: 'Token frequencies',
  section: 'Language models',
  needs: { language: 'tokens' },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const { rows } = data.languageEvidence('tokens');
  const tokenizers = familyOrder(rows.map(({ tokenizer }) => tokenizer));
  const datasets = datasetOrder(rows.map(({ dataset }) => dataset));
  const all = rows.flatMap(({ rank, frequency }) => rank.map((x, i) => ({ x, y: frequency[i]! })));
  const domain = {
    x: logDomain(
      all.map(({ x }) => x),
      1.05,
    ),
    y: logDomain(
      all.map(({ y }) => y),
      1.6,
    ),
  };
  const panels = tokenizers.flatMap((tokenizer) =>
    datasets.flatMap((dataset) => {
      const row = rows.find((one) => one.tokenizer === tokenizer && one.dataset === dataset);
      if (!row) return [];
      const line = [row.rank[0]!, row.rank.at(-1)!].map((x) => ({ x, y: exp(row.intercept - row.exponent * ln(x)) }));
      const layers = [
        lines(
          row.rank.map((x, i) => ({ x, y: row.frequency[i]! })),
          {},
          { color: '#4575b4', strokeWidth: 1.44 },
        ),
        ...theory(line, undefined, { strokeWidth: 0.86 }),
        ...labels([
          { x: domain.x[1], y: domain.y[1], text: `α = ${fixed(row.exponent)}`, align: 'right', dx: -4, dy: 8 },
        ]),
      ];
      const title = {
        text: `${tokenizer}, ${datasetName(dataset)}`,
        fontSize: 9.4,
        fontWeight: 'normal',
        anchor: 'middle',
        offset: 4,
        frame: 'group',
      };
      return [
        {
          title,
          ...plot(logAxis('Rank', domain.x), logAxis('Frequency', domain.y), layers, { width: 93, height: 74 }),
        },
      ];
    }),
  );
  const exponents = rows.map(({ exponent }) => exponent);
  return {
    specification: sheet(data.title, `${Math.max(...rows.map(({ tokens }) => tokens))} tokens each`, {
      concat: panels,
      columns: datasets.length,
      spacing: 10,
    }),
    caption:
      `Share of each token by its rank, one row of panels for each tokenizer. Dashed: lines fitted in log-log to 1000 points even in log rank; their exponents run from ${span(exponents, 2)}.`.replace(
        /run from (\S+)\.$/,
        'are all $1.',
      ),
  };
}
