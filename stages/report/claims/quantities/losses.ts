/** What is claimed of the losses of language models, and of the frequencies of their tokens (Figs. 8b, 21, 22). */
import type { ValueOf } from 'repro';
import type { LossFits } from '../../../language/artifacts.ts';
import { formatNumber } from '../../format.ts';
import { missing } from '../evidence.ts';
import type { Evidence } from '../evidence.ts';
import { unreadModels } from './language.ts';
import type { Quantity } from './sources.ts';

type Losses = ValueOf<typeof LossFits>;

function overLosses(measure: (losses: Losses) => Evidence): Quantity {
  return (_, sources) => (sources.losses ? measure(sources.losses) : unreadModels(sources));
}

/** a of Eq. 8; s from the Jacobian, and beside it what the choice of models does. */
export const lossExponent = overLosses(({ law, bootstrap, leaveOneOut, families, points }) => {
  const without = [...leaveOneOut].sort((x, y) => x.exponent - y.exponent);
  const [least, most] = [without[0], without.at(-1)];
  const own = families.flatMap(({ family, exponent }) =>
    exponent === null ? [] : [`${formatNumber(exponent)} (${family})`],
  );
  return {
    kind: 'estimate',
    value: law.exponent,
    standardError: law.standardError,
    low: law.low,
    high: law.high,
    detail:
      `Eq. 8 with ${law.parameters} parameters on ${points.length} losses: C = ${formatNumber(law.coefficient)}; the error is that of least squares. ` +
      `Models drawn again: ± ${formatNumber(bootstrap.standardError)}, 95% from ${formatNumber(bootstrap.low)} to ${formatNumber(bootstrap.high)}.` +
      (least && most
        ? ` Without one model: ${formatNumber(least.exponent)} (${least.model}) to ${formatNumber(most.exponent)} (${most.model}).`
        : '') +
      (own.length > 1 ? ` Each family alone: ${own.join(', ')}.` : ''),
  };
});

/** R^2 of L against 1/m in each group of three or more widths. */
export const linearity = overLosses(({ linear, commonSlope }) => {
  if (!linear.length) return missing("Out of this set's scale: needs three widths in a family.");
  const test = commonSlope
    ? ` One slope for all groups is ${formatNumber(commonSlope.slope)} ± ${formatNumber(commonSlope.standardError)}; against one for each, F(${commonSlope.d1}, ${commonSlope.d2}) = ${formatNumber(commonSlope.f)}, p = ${formatNumber(commonSlope.p)}.`
    : '';
  return {
    kind: 'cells',
    values: linear.map(({ r2 }) => r2),
    detail: `R² of L against 1/m in ${linear.length} groups of one family and data set.${test}`,
  };
});

/** Exponent of token frequencies for each tokenizer and data set. */
export const zipfExponent: Quantity = (_, sources) => {
  if (!sources.tokens) return unreadModels(sources);
  const rows = sources.tokens.rows;
  if (!rows.length) return missing('Needs token frequencies.');
  const sorted = [...rows].sort((a, b) => a.exponent - b.exponent);
  const name = ({ tokenizer, dataset, exponent }: (typeof rows)[number]): string =>
    `${formatNumber(exponent)} (${tokenizer}, ${dataset})`;
  return {
    kind: 'cells',
    values: rows.map(({ exponent }) => exponent),
    detail: `1000 points even in log rank; from ${name(sorted[0]!)} to ${name(sorted.at(-1)!)}.`,
  };
};
