/** Figs. 6d, 10d, 15 and 16: overlaps among strongly and among weakly represented rows, against model dimension. */
import { exp, ln, lnGamma } from '../../../numerics/elementary.ts';
import type { ModelSummary } from '../../toy/artifacts.ts';
import { logAxis, logDomain, widthAxis } from '../axes.ts';
import { alphaColour, frequencyColour } from '../colours.ts';
import { fixed, median, scaleOf, widthsOf } from '../figure-data.ts';
import type { Figure, FigureData } from '../figure-data.ts';
import { labels, lines, plot, points, sheet, theory } from '../marks.ts';
import type { Point } from '../marks.ts';
import { geometricSpace } from '../row-norms.ts';
import { faint, frequencyNames } from '../theme.ts';
import type { Fragment } from '../theme.ts';
import { rowsOf } from '../tables.ts';

/** Room on the right of the last points, as a factor on their model dimension, for the label of a line. */
function rightMargin(widths: readonly number[]): number {
  return exp(0.18 * ln(widths.at(-1)! / widths[0]!)) * 1.02;
}

/** kappa^2 of nu unit vectors in m dimensions (Eq. 5); 0 where they can be orthogonal. */
export function welchBoundSquared(nu: number, m: number): number {
  return nu <= m ? 0 : (nu - m) / (m * (nu - 1));
}

/** Variance of |cos| between independent random unit vectors in m dimensions; of cos^2 it is another. */
export function randomVarianceAbsolute(m: number): number {
  return 1 / m - exp(2 * (lnGamma(m / 2) - lnGamma((m + 1) / 2))) / Math.PI;
}

type Overlap = NonNullable<ModelSummary['strongOverlap']>;
interface Measured {
  readonly model: ModelSummary;
  readonly overlap: Overlap;
}

/** Rows of a model are compared with a frame only where they are more than m: fewer can be orthogonal. */
function strongOverlaps(data: FigureData, experiment: string): { measured: readonly Measured[]; remark: string } {
  const all = overlapsOf(data, experiment, 'strongOverlap', 2);
  const measured = all.filter(({ model, overlap }) => overlap.count > model.m);
  const left = all.length - measured.length;
  return {
    measured: data.some(measured, `models in "${experiment}" with more than m strongly represented rows`),
    remark: left
      ? ` Left out: ${left} ${left === 1 ? 'model' : 'models'} with at most m such rows, which can be orthogonal.`
      : '',
  };
}

function overlapsOf(
  data: FigureData,
  experiment: string,
  which: 'strongOverlap' | 'weakOverlap',
  fewest: number,
): readonly Measured[] {
  const found = data.sweep(experiment).models.flatMap((model): Measured[] => {
    const overlap = model[which];
    return model.gamma < 0 && overlap && overlap.count >= fewest ? [{ model, overlap }] : [];
  });
  return data.some(found, `models in "${experiment}" with γ < 0 and at least ${fewest} such rows`);
}

export function figure6d(data: FigureData): Figure {
  const { measured, remark } = strongOverlaps(data, 'small');
  const models = measured.map(({ model }) => model);
  const y = logAxis('Mean square overlap', overlapDomain(measured));
  const layers = [...byAlpha(measured, (overlap) => overlap.meanSquare), ...frameTheory(models)];
  return {
    specification: sheet(
      data.title,
      `${scaleOf(models)}, every γ < 0`,
      plot(widthAxis(widthsOf(models), rightMargin(widthsOf(models))), y, layers),
    ),
    caption: captionOfStrong(measured) + apart + remark,
  };
}

export function figure10d(data: FigureData): Figure {
  const { measured, remark } = strongOverlaps(data, 'large');
  const models = measured.map(({ model }) => model);
  const columns = {
    frequencies: ({ model }: Measured) => frequencyNames[model.frequencies]!,
    x: ({ model }: Measured) => model.m,
    y: ({ overlap }: Measured) => overlap.meanSquare,
  };
  const rows = rowsOf(measured, columns, 'frequencies', 'x');
  const color = {
    color: frequencyColour(
      models.map((model) => model.frequencies),
      true,
      'square',
    ),
  };
  const y = logAxis('Mean square overlap', overlapDomain(measured));
  const layers = [lines(rows, color), points(rows, color, { shape: 'square' }), ...frameTheory(models)];
  return {
    specification: sheet(
      data.title,
      scaleOf(models),
      plot(widthAxis(widthsOf(models), rightMargin(widthsOf(models))), y, layers),
    ),
    caption: captionOfStrong(measured) + remark,
  };
}

export function figure15(data: FigureData): Figure {
  const { measured, remark } = strongOverlaps(data, 'small');
  const models = measured.map(({ model }) => model);
  const widths = widthsOf(models);
  const random = data.random
    .filter((row) => row.m >= widths[0]! && row.m <= widths.at(-1)!)
    .map((row) => ({ x: row.m, y: row.overlap.varianceAbsolute }));
  const curve = geometricSpace(widths[0]!, widths.at(-1)!, 40).map((m) => ({ x: m, y: randomVarianceAbsolute(m) }));
  const domain = logDomain([
    ...measured.map(({ overlap }) => overlap.varianceAbsolute),
    ...curve.map((point) => point.y),
  ]);
  const lowest = domain[0] * 1.1;
  const y = logAxis('Variance of |overlap|', domain);
  const layers = [
    ...byAlpha(measured, (overlap) => overlap.varianceAbsolute),
    ...theory(curve),
    ...labels([{ x: widths[0]!, y: lowest * 1.06, text: 'dashed: random unit vectors' }]),
    ...(random.length
      ? [points(random, {}, { shape: 'diamond', fill: '#ffffff', stroke: '#222222', strokeWidth: 1.4, size: 90 })]
      : []),
  ];
  const below = (some: readonly Measured[]): string =>
    `${some.filter(({ model, overlap }) => overlap.varianceAbsolute < randomVarianceAbsolute(model.m)).length} of ${some.length}`;
  const skewed = measured.filter(({ model }) => (model.alpha ?? 0) > 1);
  return {
    specification: sheet(data.title, `${scaleOf(models)}, every γ < 0`, plot(widthAxis(widths), y, layers)),
    caption:
      `Variance of |wᵢ · wⱼ| among strongly represented rows. It lies below that of random unit vectors (dashed: 1/m − Γ(m/2)²/(π Γ((m+1)/2)²)` +
      `${random.length ? '; diamonds: sampled' : ''}) in ${below(measured.filter(({ model }) => (model.alpha ?? 0) <= 1))} models with α ≤ 1` +
      `${skewed.length ? ` and in ${below(skewed)} with α > 1` : ''}.${apart}${remark}`,
  };
}

export function figure16(data: FigureData): Figure {
  const measured = data.some(
    overlapsOf(data, 'small', 'weakOverlap', 10).filter(({ overlap }) => overlap.meanSquare > 0),
    'weakly represented rows that overlap',
  );
  const models = measured.map(({ model }) => model);
  const widths = widthsOf(models);
  const curve = [widths[0]!, widths.at(-1)!].map((m) => ({ x: m, y: 1 / m }));
  const y = logAxis(
    'Mean square overlap, weak rows',
    logDomain([...measured.map(({ overlap }) => overlap.meanSquare), ...curve.map((point) => point.y)]),
  );
  const above = measured.filter(({ model, overlap }) => overlap.meanSquare > 1 / model.m).length;
  const middle = geometricSpace(widths[0]!, widths.at(-1)!, 3)[1]!;
  const layers = [
    ...byAlpha(measured, (overlap) => overlap.meanSquare),
    ...theory(curve, { x: middle, y: 1 / middle, text: '1/m', dx: -8, dy: 12, align: 'right' }),
  ];
  return {
    specification: sheet(data.title, `${scaleOf(models)}, every γ < 0`, plot(widthAxis(widths), y, layers)),
    caption:
      `Mean of (wᵢ · wⱼ)² among the rows with norm at most 1, in models with at least 10 of them. It exceeds 1/m (dashed) in ${above} of ${measured.length}; ` +
      `the largest is ${fixed(Math.max(...measured.map(({ overlap }) => overlap.meanSquare)))}.${apart}`,
  };
}

/** Wide enough for the line 1/m, which runs into the right margin. */
function overlapDomain(measured: readonly Measured[]): readonly [number, number] {
  const widths = widthsOf(measured.map(({ model }) => model));
  const end = 1 / (widths.at(-1)! * rightMargin(widths));
  return logDomain([end, ...measured.map(({ overlap }) => overlap.meanSquare)], 1.2);
}

const apart = ' About each m the points are set apart a little by α, so that none hides the others.';

/** Moves a point at m to the left or right by its alpha, by no more than the size of a point: it must still compare with the lines of theory. */
function setApart(m: number, alpha: number, widths: readonly number[]): number {
  return m * exp(0.018 * ln((1.3 * widths.at(-1)!) / widths[0]!) * (Math.min(2, alpha) - 1));
}

/** A point for each model, and a faint line for each of its (gamma, alpha). */
function byAlpha(measured: readonly Measured[], value: (overlap: Overlap) => number): Fragment[] {
  const widths = widthsOf(measured.map(({ model }) => model));
  const columns = {
    alpha: ({ model }: Measured) => model.alpha ?? 0,
    gamma: ({ model }: Measured) => model.gamma,
    x: ({ model }: Measured) => setApart(model.m, model.alpha ?? 1, widths),
    y: ({ overlap }: Measured) => value(overlap),
  };
  const rows = rowsOf(measured, columns, 'alpha', 'gamma', 'x');
  const color = { color: alphaColour };
  const curves = rows.length / widths.length;
  const detail = ['alpha', 'gamma'].map((field) => ({ field, type: 'nominal' }));
  return [
    lines(rows, { ...color, detail }, { opacity: Math.min(0.5, 12 / curves), strokeWidth: 1 }),
    points(rows, color, { opacity: 0.9, size: 40, strokeWidth: 0.4 }),
  ];
}

/** kappa^2 at nu = min(m^2/2, n), as the authors draw it, and 1/m. */
function frameTheory(models: readonly ModelSummary[]): Fragment[] {
  const { n } = models[0]!;
  const widths = widthsOf(models);
  const curve: Point[] = geometricSpace(widths[0]!, widths.at(-1)!, 40).map((m) => ({
    x: m,
    y: welchBoundSquared(Math.min((m * m) / 2, n), m),
  }));
  const visible = curve.filter((point) => point.y > 0);
  const last = visible.at(-1);
  // The line runs past the last points into the margin, where the labels are in no one's way.
  const ends = [widths[0]!, widths.at(-1)! * exp(0.3 * ln(rightMargin(widths)))].map((m) => ({ x: m, y: 1 / m }));
  const near = ends[1]!;
  return [
    ...theory(ends, undefined, { color: faint, strokeDash: [2, 3], strokeWidth: 1.6 }),
    ...labels([{ ...near, text: '1/m', colour: faint, dx: 3, dy: 2 }]),
    ...theory(visible, last && { ...last, text: 'κ²', dx: 3, dy: 15 }),
  ];
}

function captionOfStrong(measured: readonly Measured[]): string {
  const ratios = measured.flatMap(({ overlap }) =>
    overlap.welchBoundSquared > 0 ? [overlap.meanSquare / overlap.welchBoundSquared] : [],
  );
  const timesM = measured.map(({ model, overlap }) => overlap.meanSquare * model.m);
  return (
    `Mean of (wᵢ · wⱼ)² among the rows with norm above 1. Its median ratio to the Welch bound κ² of as many vectors is ${ratios.length ? fixed(median(ratios)) : 'undefined'}; ` +
    `times m it runs from ${fixed(Math.min(...timesM))} to ${fixed(Math.max(...timesM))}. ` +
    `Dashed: κ² at ν = min(m²/2, n), under which a model with fewer such rows may lie; dotted: 1/m.`
  );
}
