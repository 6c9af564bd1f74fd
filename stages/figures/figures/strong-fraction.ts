/** Figs. 6c, 10a and 10c: how many features are represented, and how many strongly, against model dimension. */
import type { ModelSummary } from '../../toy/artifacts.ts';
import { linearAxis, logAxis, logDomain, widthAxis } from '../axes.ts';
import { alphaColour, frequencyColour } from '../colours.ts';
import { fixed, gammasOf, median, nearestGammas, sameGamma, scaleOf, signed, widthsOf } from '../figure-data.ts';
import type { Figure, FigureData } from '../figure-data.ts';
import { lines, plot, points, sheet, theory } from '../marks.ts';
import type { Point } from '../marks.ts';
import { legendShape, regimeOf, regimeShape } from '../regimes.ts';
import { geometricSpace } from '../row-norms.ts';
import { frequencyNames } from '../theme.ts';
import { mediansBy, rowsOf } from '../tables.ts';

/** An equiangular tight frame holds at most about m^2/2 vectors (Sec. 3). */
export const frameBound = (m: number, n: number): number => Math.min(1, (m * m) / (2 * n));

export function figure6c(data: FigureData): Figure {
  const sweep = data.sweep('small');
  const { chosen, remark } = nearestGammas(gammasOf(sweep.models), [-1]);
  const models = sweep.models.filter((model) => sameGamma(model.gamma, chosen[0]!) && model.alpha !== null);
  data.some(models, `power-law models with γ = ${signed(chosen[0]!, 3)}`);
  const columns = {
    alpha: ({ alpha }: ModelSummary) => alpha!,
    x: ({ m }: ModelSummary) => m,
    y: ({ stronglyRepresentedFraction }: ModelSummary) => stronglyRepresentedFraction,
  };
  const rows = rowsOf(models, columns, 'alpha', 'x');
  const color = { color: alphaColour };
  const y = linearAxis('Strongly represented fraction φ₁', [-0.04, 1.15], {
    values: [0, 0.25, 0.5, 0.75, 1],
    format: '.2~f',
  });
  const layers = [
    lines(rows, { ...color, detail: { field: 'alpha', type: 'nominal' } }),
    points(rows, color),
    ...bounds(models),
  ];
  return {
    specification: sheet(
      data.title,
      `${scaleOf(models)}, γ = ${signed(chosen[0]!, 3)}`,
      plot(widthAxis(widthsOf(models)), y, layers),
    ),
    caption: `φ₁, the fraction of features with row norm above 1. ${ratioToBound(models)}${remark}`,
  };
}

export function figure10a(data: FigureData): Figure {
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
    { x: at, y: at / n, text: 'm/n', dx: 10, dy: 12 },
  );
  return {
    specification: ofLarge(data, models, 'Represented fraction φ₁∕₂', (model) => model.representedFraction, line),
    caption: `φ₁∕₂, the fraction of features with row norm above 1/2; ${parts.join('; ')}. Dashed: m/n.`,
  };
}

export function figure10c(data: FigureData): Figure {
  const models = data.some(
    data.sweep('large').models.filter((model) => model.gamma < 0),
    'strong models in "large"',
  );
  return {
    specification: ofLarge(
      data,
      models,
      'Strongly represented fraction φ₁',
      (model) => model.stronglyRepresentedFraction,
      bounds(models, 'below its slope'),
    ),
    caption: `φ₁ of the large models at strong superposition. ${ratioToBound(models)}`,
  };
}

function ofLarge(
  data: FigureData,
  models: readonly ModelSummary[],
  title: string,
  value: (model: ModelSummary) => number,
  theoryLayers: Parameters<typeof plot>[2],
) {
  const columns = {
    frequencies: (model: ModelSummary) => frequencyNames[model.frequencies]!,
    regime: regimeOf,
    x: ({ m }: ModelSummary) => m,
    y: value,
  };
  const rows = rowsOf(
    models.filter((model) => value(model) > 0),
    columns,
    'frequencies',
    'regime',
    'x',
  );
  data.some(rows, 'represented features');
  const { n } = models[0]!;
  const low = widthsOf(models)[0]! / n;
  const y = logAxis(title, logDomain([1.2, low, ...rows.map((row) => row.y)], 1.7));
  const color = frequencyColour(
    models.map((model) => model.frequencies),
    true,
    legendShape(models),
  );
  const layers = [
    lines(rows, { color, detail: { field: 'regime', type: 'nominal' } }),
    points(rows, { color, shape: regimeShape(models) }),
    ...theoryLayers,
  ];
  return sheet(data.title, scaleOf(models), plot(widthAxis(widthsOf(models)), y, layers));
}

/** min(1, m^2/2n) and m/n. The first is labelled above its end, or, where models lie there, below its slope. */
function bounds(models: readonly ModelSummary[], place: 'above its end' | 'below its slope' = 'above its end') {
  const { n } = models[0]!;
  const widths = widthsOf(models);
  const curve = (value: (m: number) => number): Point[] =>
    geometricSpace(widths[0]!, widths.at(-1)!, 60).map((m) => ({ x: m, y: value(m) }));
  const last = widths.at(-1)!;
  const rising = widths.filter((m) => frameBound(m, n) < 1);
  const middle = rising[rising.length >> 1] ?? last;
  const text = 'min(1, m²/2n)';
  const label =
    place === 'above its end'
      ? { x: last, y: frameBound(last, n), text, align: 'right' as const, dy: -13 }
      : { x: middle, y: frameBound(middle, n), text, dx: 8, dy: 12 };
  return [
    ...theory(
      curve((m) => frameBound(m, n)),
      label,
    ),
    ...theory(
      curve((m) => m / n),
      { x: last, y: last / n, text: 'm/n', align: 'right', dy: 20 },
    ),
  ];
}

function ratioToBound(models: readonly ModelSummary[]): string {
  const ratios = mediansBy(
    models,
    ({ m }) => m,
    (model) => model.stronglyRepresentedFraction / frameBound(model.m, model.n),
  );
  const overM = median(models.map(({ stronglyRepresentedFraction, n, m }) => (stronglyRepresentedFraction * n) / m));
  return (
    `Its median ratio to min(1, m²/2n) is ${ratios.map(({ key, median }) => `${fixed(median)} at m = ${key}`).join(', ')}; ` +
    `its median ratio to m/n is ${fixed(overM, 1)}.`
  );
}
