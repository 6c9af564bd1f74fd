/** Figs. 6d, 10d, 15 and 16: overlaps among strongly and among weakly represented rows, against model dimension. */
import { faint, fixed, labels, lines, logDomain, median, points, rowsOf, some, theory } from 'repro/figures';
import type { Fragment, Point } from 'repro/figures';
import { exp, ln } from '../../../numerics/elementary.ts';
import { welchBoundSquared } from '../../../numerics/geometry/overlaps.ts';
import type { ModelSummary } from '../../toy/artifacts.ts';
import { widthsOf } from '../figure-data.ts';
import type { FigureData } from '../figure-data.ts';
import { alphaColour } from './colours.ts';
import { rangeOf } from './represented-fraction.ts';
import { geometricSpace } from './row-norms.ts';
import { setApart } from './set-apart.ts';

/** Room on the right of the last points, as a factor on their model dimension, for the label of a line. */
export function rightMargin(widths: readonly number[]): number {
  return exp(0.18 * ln(widths.at(-1)! / widths[0]!)) * 1.02;
}

export type Overlap = NonNullable<ModelSummary['strongOverlap']>;

export interface Measured {
  readonly model: ModelSummary;
  readonly overlap: Overlap;
}

/** Rows of a model are compared with a frame only where they are more than m: fewer can be orthogonal. */
export function strongOverlaps(
  data: FigureData,
  experiment: string,
): { measured: readonly Measured[]; remark: string } {
  const all = overlapsOf(data, experiment, 'strongOverlap', 2);
  const measured = all.filter(({ model, overlap }) => overlap.count > model.m);
  const left = all.length - measured.length;
  return {
    measured: some(measured, `models in "${experiment}" with more than m strongly represented rows`),
    remark: left
      ? ` Left out: ${left} ${left === 1 ? 'model' : 'models'} with at most m such rows, which can be orthogonal.`
      : '',
  };
}

export function overlapsOf(
  data: FigureData,
  experiment: string,
  which: 'strongOverlap' | 'weakOverlap',
  fewest: number,
): readonly Measured[] {
  const found = data.sweep(experiment).models.flatMap((model): Measured[] => {
    const overlap = model[which];
    return model.gamma < 0 && overlap && overlap.count >= fewest ? [{ model, overlap }] : [];
  });
  return some(found, `models in "${experiment}" with γ < 0 and at least ${fewest} such rows`);
}

/** Wide enough for the line 1/m, which runs into the right margin. */
export function overlapDomain(measured: readonly Measured[]): readonly [number, number] {
  const widths = widthsOf(measured.map(({ model }) => model));
  const end = 1 / (widths.at(-1)! * rightMargin(widths));
  return logDomain([end, ...measured.map(({ overlap }) => overlap.meanSquare)], 1.2);
}

/** A point for each model, and a faint line for each of its (gamma, alpha). */
export function byAlpha(measured: readonly Measured[], value: (overlap: Overlap) => number): Fragment[] {
  const widths = widthsOf(measured.map(({ model }) => model));
  const columns = {
    alpha: ({ model }: Measured) => model.alpha ?? 0,
    gamma: ({ model }: Measured) => model.gamma,
    x: ({ model }: Measured) => setApart(model.m, Math.min(2, model.alpha ?? 1) - 1, widths),
    y: ({ overlap }: Measured) => value(overlap),
  };
  const rows = rowsOf(measured, columns, 'alpha', 'gamma', 'x');
  const color = { color: alphaColour };
  const curves = rows.length / widths.length;
  const detail = ['alpha', 'gamma'].map((field) => ({ field, type: 'nominal' }));
  return [
    lines(rows, { ...color, detail }, { opacity: Math.min(0.5, 12 / curves), strokeWidth: 0.72 }),
    points(rows, color, { opacity: 0.9, size: 17, strokeWidth: 0.29 }),
  ];
}

/** kappa^2 (Eq. 5) at nu = min(m^2/2, n), as the authors draw it, and 1/m. */
export function frameTheory(models: readonly ModelSummary[]): Fragment[] {
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
    ...theory(ends, undefined, { color: faint, strokeDash: [2, 3], strokeWidth: 1.15 }),
    ...labels([{ ...near, text: '1/m', colour: faint, dx: 2, dy: 1 }]),
    ...theory(visible, last && { ...last, text: 'κ²', dx: 2, dy: 9 }),
  ];
}

export function captionOfStrong(measured: readonly Measured[]): string {
  const ratios = measured.flatMap(({ overlap }) =>
    overlap.welchBoundSquared > 0 ? [overlap.meanSquare / overlap.welchBoundSquared] : [],
  );
  const timesM = rangeOf(measured.map(({ model, overlap }) => overlap.meanSquare * model.m));
  return (
    `Mean of (wᵢ · wⱼ)² among the rows with norm above 1. Its median ratio to the Welch bound κ² of as many vectors is ${ratios.length ? fixed(median(ratios)) : 'undefined'}; ` +
    `times m it ${timesM.includes(' ') ? 'runs from' : 'is'} ${timesM}. ` +
    `Dashed: κ² at ν = min(m²/2, n), under which a model with fewer such rows may lie; dotted: 1/m.`
  );
}
