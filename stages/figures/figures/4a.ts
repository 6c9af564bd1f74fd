/** Fig. 4a: how well the losses of the large models are power laws. */
import { fixed, ink, inline, rowsOf, sheet, some, text } from 'repro/figures';
import type { Figure, Fragment, Row } from 'repro/figures';
import type { ExponentFit } from '../../toy/artifacts.ts';
import { publishedFeatures } from '../../published/points.ts';
import { defineFigure, runFigure } from '../define.ts';
import { publishedNote } from '../parts/published.ts';
import { scaleOf } from '../figure-data.ts';
import type { FigureData } from '../figure-data.ts';
import { frequencyColour } from '../parts/colours.ts';
import { frequencyColours, frequencyNames } from '../parts/palettes.ts';
import { regimeOf } from '../parts/regimes.ts';
import { withoutFit } from '../parts/without-fit.ts';

export const figure = defineFigure({
  id: '4a',
  title: 'How well the losses of the large models are power laws',
  section: 'Model exponents',
  needs: { published: true, experiments: ['large'] },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const sweep = data.sweep('large');
  const order = Object.keys(frequencyColours);
  const fits = some(sweep.exponents, 'fits in "large"');
  const columns = {
    regime: (fit: ExponentFit) => `${regimeOf(fit)} superposition`,
    frequencies: (fit: ExponentFit) => frequencyNames[fit.frequencies]!,
    name: (fit: ExponentFit) => frequencyNames[fit.frequencies]!.replace(' decay', ''),
    place: (fit: ExponentFit) => order.indexOf(fit.frequencies),
    r2: (fit: ExponentFit) => fit.r2,
    label: (fit: ExponentFit) => fixed(fit.r2, 3),
  };
  const rows = rowsOf(fits, columns, 'regime', 'place');
  // Low enough that the names at the foot of the bars meet no circle of the authors' points, which are above 0.8.
  const floor = Math.min(0.6, Math.floor(Math.min(...rows.map((row) => row.r2)) * 10) / 10);
  const domain = [floor, 1.03];
  const x: Fragment = {
    field: 'regime',
    type: 'nominal',
    sort: regimes,
    title: null,
    axis: { labelAngle: 0, labelFontSize: 9.4, ticks: false, labelPadding: 8 },
  };
  const offset: Fragment = { field: 'place', type: 'nominal', sort: order.map((_, i) => i) };
  const y: Fragment = {
    field: 'r2',
    type: 'quantitative',
    title: 'R² of the fit',
    scale: { domain },
    axis: { values: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1], format: '.1f' },
  };
  const barLabels = (of: typeof rows, at: (row: (typeof rows)[number]) => object, colour: string): Fragment[] =>
    of.length
      ? [
          {
            data: inline(of.map(at) as Row[]),
            mark: { type: 'text', dy: -7, fontSize: text.small, color: colour },
            encoding: { x, xOffset: offset, y, text: { field: 'label', type: 'nominal' } },
          },
          {
            data: inline(of.map(at) as Row[]),
            mark: { type: 'text', angle: 270, align: 'left', dx: 18, fontSize: text.small, color: colour },
            encoding: { x, xOffset: offset, y, text: { field: 'name', type: 'nominal' } },
          },
        ]
      : [];
  const layer: Fragment[] = [
    {
      data: inline(rows.map((row) => ({ ...row, floor }))),
      mark: { type: 'bar' },
      encoding: {
        x,
        xOffset: offset,
        y,
        y2: { field: 'floor' },
        color: frequencyColour(
          fits.map((fit) => fit.frequencies),
          false,
        ),
      },
    },
    {
      data: inline([{ threshold }]),
      mark: { type: 'rule', strokeDash: [6, 4], strokeWidth: 1.15, color: ink },
      encoding: { y: { ...y, field: 'threshold' } },
    },
    ...barLabels(
      rows.filter((row) => row.r2 - floor > 0.06),
      // At the foot of the bars, where neither the threshold nor a circle is.
      (row) => ({ ...row, r2: floor }),
      '#ffffff',
    ),
    ...barLabels(
      rows.filter((row) => row.r2 - floor <= 0.06),
      (row) => row,
      ink,
    ),
  ];
  const published = data.published('largeFits').map(({ regime, frequencies, r2 }) => ({
    regime: `${regime} superposition`,
    place: order.indexOf(frequencies),
    r2,
  }));
  if (published.length)
    layer.push({
      data: inline(published),
      mark: { type: 'point', filled: true, fill: '#ffffff', stroke: ink, strokeWidth: 0.9, size: 26, opacity: 1 },
      encoding: { x, xOffset: offset, y },
    });
  const nameOf = (row: { regime: string; frequencies: string }): string =>
    `${row.regime.split(' ')[0]!} ${row.frequencies}`;
  const good = rows.filter((row) => row.r2 >= threshold).map(nameOf);
  const measured = new Set(rows.map(nameOf));
  const unfitted = [
    ...new Set(
      sweep.models.map((model) => nameOf({ regime: regimeOf(model), frequencies: frequencyNames[model.frequencies]! })),
    ),
  ].filter((name) => !measured.has(name));
  const remark = withoutFit(data, 'large', unfitted);
  return {
    specification: sheet(data.title, scaleOf(sweep.models), { layer, height: 250 }),
    caption: `R² of the lines fitted to log L against log m for three feature frequencies. At least ${threshold} (dashed): ${good.join(', ') || 'none'}.${published.length ? publishedNote(`n = ${publishedFeatures.large}`).replace('Hollow', 'White circles') : ''}${remark}`,
  };
}

const threshold = 0.95;

const regimes = ['strong superposition', 'weak superposition'];
