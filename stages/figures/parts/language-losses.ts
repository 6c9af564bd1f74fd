/** Figs. 8b and 21: losses of language models against their width. */
import type { ValueOf } from 'repro';
import { fixed, hollow, points, span, theory } from 'repro/figures';
import type { Fragment, Point } from 'repro/figures';
import type { LossFits } from '../../language/artifacts.ts';
import { exp, ln } from '../../../numerics/elementary.ts';
import { fitLossLaw } from '../../../numerics/statistics/loss-law.ts';
import { fitPowerLaw } from '../../../numerics/statistics/regression.ts';

export type Losses = ValueOf<typeof LossFits>;

/** The part of each loss that Eq. 8 attributes to the width: L less the constant of its family and data set. */
export function widthParts({ points, law }: Losses) {
  return points.map(({ m, loss, family, dataset, model }) => ({
    x: m,
    y: loss - law.offsets[`${family}, ${dataset}`]!,
    family,
    dataset,
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

/** What Fig. 1d shows of language models, in grey: what toy models are compared with. */
export interface LanguageModelsBeside {
  readonly widths: readonly number[];
  readonly losses: readonly number[];
  readonly layers: Fragment[];
  readonly caption: string;
}

/** The losses that were measured here, filled. */
export function languageModelsBeside(losses: Losses): LanguageModelsBeside {
  const rows = widthParts(losses).filter(({ y }) => y > 0);
  const line = lossLaw(
    losses,
    rows.map(({ x }) => x),
  );
  const { law } = losses;
  const models = new Set(losses.points.map(({ model }) => model)).size;
  return beside(
    rows,
    line,
    points(
      rows.map(({ x, y }) => ({ x, y })),
      {},
      { color: '#777777', opacity: 0.3, stroke: null, size: 23 },
    ),
    ` Grey: the width-dependent part of the losses of ${models} language models (Fig. 8b), with exponent ${fixed(law.exponent)} ± ${fixed(law.standardError)}.`,
  );
}

/** A loss that the authors published, and its part that depends on the width by their fit of Eq. 8. */
export interface PublishedLoss {
  readonly family: string;
  readonly model: string;
  readonly dataset: string;
  readonly m: number;
  readonly loss: number;
  readonly widthPart: number;
}

/** The losses that the authors published, hollow, where none were measured here; nothing where there are none. */
export function publishedLanguageModels(published: readonly PublishedLoss[]): LanguageModelsBeside | undefined {
  const rows = published.filter(({ widthPart }) => widthPart > 0).map(({ m, widthPart }) => ({ x: m, y: widthPart }));
  if (!rows.length) return undefined;
  const { line, slope, standardError } = lineThrough(rows);
  const models = new Set(published.map(({ model }) => model)).size;
  return beside(
    rows,
    line,
    hollow(rows, {}, { color: '#777777', opacity: 0.45 }),
    ` Grey: the width-dependent part of the losses of ${models} language models, as the authors' figure shows it: published points, not measured again, with slope ${fixed(slope)} ± ${fixed(standardError)}. ${besideTheLaw(published)}`,
  );
}

/** Why the slope of the line through the logarithms is not the exponent that the paper states. */
export function besideTheLaw(published: readonly PublishedLoss[]): string {
  const law = fitLossLaw(
    published.map(({ m, loss, family, dataset }) => ({ m, loss, group: `${family}, ${dataset}` })),
  );
  const left = published.filter(({ widthPart }) => widthPart <= 0).length;
  return (
    `Eq. 8 fitted to the losses themselves, as the paper does, gives the exponent ${fixed(law.exponent)} ± ${fixed(law.standardError)}. The line through logarithms counts a small part as much as a large one` +
    (left
      ? `, and leaves out the ${left} of ${published.length} losses that ${left === 1 ? 'lies below its' : 'lie below their'} constant.`
      : '.')
  );
}

/** The line of least squares in log-log through points, at the ends of their x. */
export function lineThrough(rows: readonly Point[]): { line: Point[]; slope: number; standardError: number } {
  const widths = rows.map(({ x }) => x);
  const { intercept, slope, standardError } = fitPowerLaw(
    widths,
    rows.map(({ y }) => y),
  );
  const line = [Math.min(...widths), Math.max(...widths)].map((x) => ({ x, y: exp(intercept + slope * ln(x)) }));
  return { line, slope, standardError };
}

function beside(
  rows: readonly Point[],
  line: readonly Point[],
  marks: Fragment,
  caption: string,
): LanguageModelsBeside {
  const middle = Math.sqrt(line[0]!.x * line[1]!.x);
  return {
    widths: rows.map(({ x }) => x),
    losses: rows.map(({ y }) => y),
    layers: [
      marks,
      ...theory(line, {
        x: middle,
        y: Math.sqrt(line[0]!.y * line[1]!.y),
        text: 'LLMs',
        dx: 7,
        dy: -7,
        colour: '#666666',
      }),
    ],
    caption,
  };
}

export function describe({ points: all }: Losses): string {
  const models = new Set(all.map(({ model }) => model)).size;
  const texts = Math.max(...all.map((point) => point.texts));
  return `${models} models, m = ${span(
    all.map(({ m }) => m),
    0,
  )}, ${texts} texts of each data set`;
}
