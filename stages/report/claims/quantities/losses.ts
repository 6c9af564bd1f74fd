/** What is claimed of the losses of language models, and of the frequencies of their tokens (Figs. 8b, 21, 22). */
import type { ValueOf } from 'repro';
import { allCells, defineQuantity, formatNumber, missing } from 'repro/claims';
import type { Evidence, Missing, Part } from 'repro/claims';
import type { LossFits } from '../../../language/artifacts.ts';
import { notHad, unreadModels, withDetail } from './language.ts';
import type { Sources } from './sources.ts';

/** Data sets are read as far as they are wanted. */
const unverifiedTexts =
  ' Unverified, since only the beginnings of their files were fetched: the texts; lock.json pins their digests.';

type Losses = ValueOf<typeof LossFits>;

function overLosses<Found extends Evidence>(
  measure: (losses: Losses) => Found | Missing,
): (part: Part, sources: Sources) => Found | Missing {
  return (_, sources) =>
    sources.losses
      ? withDetail(measure(sources.losses), notHad(sources.losses.missing) + unverifiedTexts)
      : unreadModels(sources);
}

/** a of Eq. 8; s from the Jacobian, and what the choice of models does. Its cells are the losses. */
export const lossExponent = defineQuantity<Sources>({
  id: 'llm-loss-exponent',
  label: 'αₘ of language models',
  kind: 'estimate',
  measure: overLosses(({ law, bootstrap, leaveOneOut, families, points }) => {
    const without = [...leaveOneOut].sort((x, y) => x.exponent - y.exponent);
    const [least, most] = [without[0], without.at(-1)];
    const own = families.flatMap(({ family, exponent }) =>
      exponent === null ? [] : [`${formatNumber(exponent)} (${family})`],
    );
    return {
      kind: 'estimate',
      value: law.exponent,
      ...{ standardError: law.standardError, low: law.low, high: law.high, errorFrom: 'fit' },
      cells: allCells(points.length),
      seeds: null,
      detail:
        `Eq. 8 with ${law.parameters} parameters on ${points.length} losses: C = ${formatNumber(law.coefficient)}; the error is that of least squares. ` +
        `Models drawn again: ± ${formatNumber(bootstrap.standardError)}, 95% from ${formatNumber(bootstrap.low)} to ${formatNumber(bootstrap.high)}.` +
        (least && most
          ? ` Without one model: ${formatNumber(least.exponent)} (${least.model}) to ${formatNumber(most.exponent)} (${most.model}).`
          : '') +
        (own.length > 1 ? ` Each family alone: ${own.join(', ')}.` : ''),
    };
  }),
});

/** R^2 of L against 1/m in each group of three or more widths. */
export const linearity = defineQuantity<Sources>({
  id: 'llm-linear-r2',
  label: 'R² of L linear in 1/m',
  kind: 'cells',
  measure: overLosses(({ linear, commonSlope }) => {
    if (!linear.length) return missing("Out of this set's scale: needs three widths in a family.");
    const test = commonSlope
      ? ` One slope for all groups is ${formatNumber(commonSlope.slope)} ± ${formatNumber(commonSlope.standardError)}; against one for each, F(${commonSlope.d1}, ${commonSlope.d2}) = ${formatNumber(commonSlope.f)}, p = ${formatNumber(commonSlope.p)}.`
      : '';
    return {
      kind: 'cells',
      cells: linear.map(({ r2 }) => ({ value: r2 })),
      excluded: 0,
      detail: `R² of L against 1/m in ${linear.length} groups of one family and data set.${test}`,
    };
  }),
});

/** Exponent of token frequencies for each tokenizer and data set. */
export const zipfExponent = defineQuantity<Sources>({
  id: 'zipf-exponent',
  label: 'exponent of token frequencies',
  kind: 'cells',
  measure: (_, sources) => {
    if (!sources.tokens) return unreadModels(sources);
    const rows = sources.tokens.rows;
    if (!rows.length) return missing('Needs token frequencies.');
    const sorted = [...rows].sort((a, b) => a.exponent - b.exponent);
    const name = ({ tokenizer, dataset, exponent }: (typeof rows)[number]): string =>
      `${formatNumber(exponent)} (${tokenizer}, ${dataset})`;
    return {
      kind: 'cells',
      cells: rows.map(({ exponent }) => ({ value: exponent })),
      excluded: 0,
      detail: `1000 points even in log rank; from ${name(sorted[0]!)} to ${name(sorted.at(-1)!)}.`,
    };
  },
});
