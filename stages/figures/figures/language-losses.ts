/** Figs. 8b and 21: losses of language models against their width. */
import { exp, ln } from '../../../numerics/elementary.ts';
import type { ValueOf } from 'repro';
import type { LossFits } from '../../language/artifacts.ts';
import { linearAxis, logAxis, logDomain } from '../axes.ts';
import { datasetName, datasetOrder, datasetShape, familyColour } from '../families.ts';
import { fixed, span } from '../figure-data.ts';
import type { Figure, FigureData } from '../figure-data.ts';
import { lines, plot, points, sheet, theory } from '../marks.ts';
import type { Fragment } from '../theme.ts';
import { widthTicks } from '../width-ticks.ts';

type Losses = ValueOf<typeof LossFits>;

/** The part of each loss that Eq. 8 lays to the width: L less the constant of its family and data set. */
export function widthParts({ points, law }: Losses) {
  return points.map(({ m, loss, family, dataset, model }) => ({
    x: m,
    y: loss - law.offsets[`${family}, ${dataset}`]!,
    family,
    dataset: datasetName(dataset),
    model,
  }));
}

/** C/m^a at the ends of a range of widths. */
export function lossLaw({ law }: Losses, widths: readonly number[]) {
  return [Math.min(...widths), Math.max(...widths)].map((m) => ({
    x: m,
    y: law.coefficient * exp(-law.exponent * ln(m)),
  }));
}

/** The losses of language models in grey, for Fig. 1d: what toy models are compared with. */
export function languageModelsBeside(losses: Losses): {
  widths: number[];
  losses: number[];
  layers: Fragment[];
  caption: string;
} {
  const rows = widthParts(losses).filter(({ y }) => y > 0);
  const line = lossLaw(
    losses,
    rows.map(({ x }) => x),
  );
  const { law } = losses;
  const middle = Math.sqrt(line[0]!.x * line[1]!.x);
  return {
    widths: rows.map(({ x }) => x),
    losses: rows.map(({ y }) => y),
    layers: [
      points(
        rows.map(({ x, y }) => ({ x, y })),
        {},
        { color: '#777777', opacity: 0.3, stroke: null, size: 55 },
      ),
      ...theory(line, {
        x: middle,
        y: Math.sqrt(line[0]!.y * line[1]!.y),
        text: 'language models',
        align: 'right',
        dx: -10,
        dy: 12,
        colour: '#666666',
      }),
    ],
    caption: ` Grey: the width-dependent part of the losses of ${new Set(losses.points.map(({ model }) => model)).size} language models (Fig. 8b), with exponent ${fixed(law.exponent)} ± ${fixed(law.standardError)}.`,
  };
}

export function figure8b(data: FigureData): Figure {
  const losses = data.languageEvidence('losses');
  const { law, bootstrap, leaveOneOut } = losses;
  const parts = widthParts(losses);
  const shown = parts.filter(({ y }) => y > 0);
  const widths = parts.map(({ x }) => x);
  const line = lossLaw(losses, widths);
  const y = logAxis(
    'Loss, the part that depends on m',
    logDomain([...shown.map((row) => row.y), ...line.map((point) => point.y)], 1.3),
  );
  const encoding = {
    color: familyColour(
      parts.map(({ family }) => family),
      true,
    ),
    shape: datasetShape(losses.points.map(({ dataset }) => dataset)),
  };
  const layers = [
    ...theory(line, { ...line[0]!, text: `slope ${fixed(-law.exponent)}`, dx: 16, dy: -8 }),
    points(shown, encoding, { size: 60, opacity: 0.75 }),
  ];
  const without = leaveOneOut.map(({ exponent }) => exponent);
  const left = parts.length - shown.length;
  return {
    specification: sheet(data.title, describe(losses), plot(widthTicks(widths), y, layers)),
    caption:
      `L less the constant of each family and data set, after the fit of L = C/mᵃ + L₀ to all losses at once: a = ${fixed(law.exponent)} ± ${fixed(law.standardError)} by least squares, ` +
      `± ${fixed(bootstrap.standardError)} when the models are drawn again${without.length ? `, ${fixed(Math.min(...without))} to ${fixed(Math.max(...without))} without one of them` : ''}; C = ${law.coefficient.toPrecision(3)}. Dashed: the fit.` +
      (left ? ` ${left} ${left === 1 ? 'loss lies' : 'losses lie'} below its constant and cannot be drawn.` : ''),
  };
}

export function figure21(data: FigureData): Figure {
  const losses = data.languageEvidence('losses');
  const { points: all, linear, commonSlope } = losses;
  const inverse = all.map(({ m }) => 1 / m);
  const x = linearAxis('Inverse model dimension 1/m', [0, 1.05 * Math.max(...inverse)], { format: '~g', tickCount: 4 });
  const colour = {
    color: familyColour(
      all.map(({ family }) => family),
      true,
    ),
  };
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
      ...(fits.length ? [lines(fits, colour, { strokeWidth: 1.1, opacity: 0.7 })] : []),
      points(rows, colour, { size: 50 }),
    ];
    return {
      title: {
        text: datasetName(dataset),
        fontSize: 12,
        fontWeight: 'normal',
        anchor: 'middle',
        offset: 6,
        frame: 'group',
      },
      ...plot(x, y, layers, { width: 230, height: 180 }),
    };
  });
  const r2 = linear.map((fit) => fit.r2);
  return {
    specification: sheet(data.title, describe(losses), { concat: panels, columns: 2, spacing: 24 }),
    caption:
      `Losses against 1/m${r2.length ? `, with a line for each family: R² from ${fixed(Math.min(...r2))} to ${fixed(Math.max(...r2))}` : ''}.` +
      (commonSlope
        ? ` One slope for all would be ${commonSlope.slope.toPrecision(3)}; that the slopes are equal has p = ${commonSlope.p.toPrecision(2)} (F-test).`
        : ''),
  };
}

function describe({ points: all }: Losses): string {
  const models = new Set(all.map(({ model }) => model)).size;
  const texts = Math.max(...all.map((point) => point.texts));
  return `${models} models, m = ${span(
    all.map(({ m }) => m),
    0,
  )}, ${texts} texts of each data set`;
}
