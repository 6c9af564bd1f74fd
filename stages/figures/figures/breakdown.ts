/** Beyond the paper: the power law as m approaches n. */
import {
  errorBars,
  faint,
  fixed,
  labels,
  linearAxis,
  linearDomain,
  lines,
  logAxis,
  logDomain,
  panel,
  plot,
  points,
  sheet,
  signed,
  some,
  theory,
} from 'repro/figures';
import type { Figure, Fragment } from 'repro/figures';
import { exp, ln } from '../../../numerics/elementary.ts';
import { fitPowerLaw } from '../../../numerics/statistics/regression.ts';
import type { ModelSummary } from '../../toy/artifacts.ts';
import { defineFigure, runFigure } from '../define.ts';
import { scaleOf, widthsOf } from '../figure-data.ts';
import type { FigureData } from '../figure-data.ts';
import { lossRows } from '../parts/loss-against-width.ts';
import { widthAxis } from '../parts/width-ticks.ts';

export const figure = defineFigure({
  id: 'breakdown',
  title: 'The power law as m approaches n',
  section: 'Beyond the paper',
  needs: { experiments: ['breakdown'] },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const sweep = data.sweep('breakdown');
  const first = sweep.models[0]!;
  const models = sweep.models
    .filter(
      ({ alpha, gamma, frequencies }) =>
        alpha === first.alpha && gamma === first.gamma && frequencies === first.frequencies,
    )
    .sort((a, b) => a.m - b.m);
  some(models.slice(1), 'two model dimensions in "breakdown"');
  const { n } = first;
  const widths = widthsOf(models);
  const rows = lossRows('', models);
  const slopes = localSlopes(models);
  const far = models.filter(({ m }) => 8 * m <= n);
  const line =
    far.length >= 3
      ? fitPowerLaw(
          far.map(({ m }) => m),
          far.map(({ loss }) => loss),
        )
      : undefined;
  const fitted = line
    ? theory([widths[0]!, widths.at(-1)!].map((m) => ({ x: m, y: exp(line.intercept + line.slope * ln(m)) })))
    : [];
  const x = widthAxis(widths);
  const bare = { ...x, title: null, axis: { ...(x['axis'] as Fragment), labels: false } };
  const domain = logDomain(
    rows.flatMap((row) => [row.low, row.high]),
    1.4,
  );
  const y = logAxis('Loss L', domain);
  const mark = line ? [...boundary(n / 8, domain, 'n/8', domain[1] / 2)] : [];
  const steepness = linearDomain([1.5, ...slopes.map((slope) => slope.y)]);
  const y2 = linearAxis('Local exponent', steepness, { format: '.1f', tickCount: 5 });
  const size = { width: panel.width, height: 150 };
  const lower = [
    ...theory([
      { x: widths[0]!, y: 1 },
      { x: widths.at(-1)!, y: 1 },
    ]),
    ...(line ? boundary(n / 8, steepness) : []),
    lines(slopes, {}, colour),
    points(slopes, {}, colour),
  ];
  return {
    specification: sheet(
      data.title,
      `${scaleOf(models)}, α = ${signed(first.alpha ?? 0)}, γ = ${signed(first.gamma, 3)}`,
      {
        vconcat: [
          plot(
            bare,
            y,
            [
              ...fitted,
              ...mark,
              lines(rows, {}, { ...colour, opacity: 0.5 }),
              errorBars(rows, y, {}, colour),
              points(rows, {}, colour),
            ],
            { ...size, height: 220 },
          ),
          plot(x, y2, lower, size),
        ],
        spacing: 10,
      },
    ),
    caption:
      `Loss against model dimension up to m = ${widths.at(-1)!} of n = ${n} features, and below it the local exponent −d ln L / d ln m between neighbouring m. ` +
      `${line ? `Dashed: the line fitted to m ≤ n/8, with exponent ${fixed(-line.slope)} ± ${fixed(line.standardError)}, and below it the exponent 1. ` : ''}` +
      `Between the last two m the local exponent is ${fixed(slopes.at(-1)!.y)}. Error bars: standard deviation from batch to batch.`,
  };
}

const colour = { color: '#aa3377' };

/** −d ln L / d ln m between neighbouring m, at their geometric mean. */
export function localSlopes(models: readonly Pick<ModelSummary, 'm' | 'loss'>[]): { x: number; y: number }[] {
  return models.slice(1).map(({ m, loss }, i) => {
    const before = models[i]!;
    return { x: Math.sqrt(m * before.m), y: -ln(loss / before.loss) / ln(m / before.m) };
  });
}

function boundary(at: number, [low, high]: readonly [number, number], text = '', y = high): Fragment[] {
  const rule = lines(
    [
      { x: at, y: low },
      { x: at, y: high },
    ],
    {},
    { color: faint, strokeDash: [2, 3], strokeWidth: 1.01 },
  );
  return text ? [rule, ...labels([{ x: at, y, text, dx: 4, colour: faint }])] : [rule];
}
