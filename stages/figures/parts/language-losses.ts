/** Figs. 8b and 21: losses of language models against their width. */
import type { ValueOf } from 'repro';
import { fixed, points, span, theory } from 'repro/figures';
import type { Fragment } from 'repro/figures';
import type { LossFits } from '../../language/artifacts.ts';
import { exp, ln } from '../../../numerics/elementary.ts';
import { datasetName } from './families.ts';

export type Losses = ValueOf<typeof LossFits>;

/** The part of each loss that Eq. 8 attributes to the width: L less the constant of its family and data set. */
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
        { color: '#777777', opacity: 0.3, stroke: null, size: 23 },
      ),
      ...theory(line, {
        x: middle,
        y: Math.sqrt(line[0]!.y * line[1]!.y),
        text: 'language models',
        align: 'right',
        dx: -6,
        dy: 7,
        colour: '#666666',
      }),
    ],
    caption: ` Grey: the width-dependent part of the losses of ${new Set(losses.points.map(({ model }) => model)).size} language models (Fig. 8b), with exponent ${fixed(law.exponent)} ± ${fixed(law.standardError)}.`,
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
