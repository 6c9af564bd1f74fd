/** What the loss does under other densities, batches, widths near n, and constraints (Fig. 7a, App. B.1, commentaries). */
import { fitPowerLaw } from '../../../../numerics/statistics/regression.ts';
import { median } from '../../../../numerics/statistics/moments.ts';
import { missing } from '../evidence.ts';
import { inRange } from '../select.ts';
import { formatNumber } from '../../format.ts';
import { cellsOr, distinct, groupBy, noCells, overModels, sweepOf } from './sources.ts';
import type { Quantity } from './sources.ts';
import { withoutGamma } from './superposition.ts';

/** Largest over smallest L m among the distributions. */
export const lossSpread = overModels((models, criterion) => {
  const scaled = models.map(({ loss, m }) => loss * m);
  if (scaled.length < 2) return noCells(criterion, 'two distributions with ');
  return {
    kind: 'estimate',
    value: Math.max(...scaled) / Math.min(...scaled),
    standardError: null,
    low: null,
    high: null,
    detail: `L m: ${models.map(({ frequencies }, i) => `${formatNumber(scaled[i]!)} (${frequencies})`).join(', ')}.`,
  };
});

/** Log-log slope of L on E at one m, for each gamma. */
export const lossDensitySlope = overModels((models, criterion) => {
  const slopes = [...groupBy(models, ({ alpha, gamma, m }) => `${alpha} ${gamma} ${m}`).values()].map((group) => {
    const densities = group.map(({ density }) => density);
    return distinct(densities).length < 3
      ? undefined
      : fitPowerLaw(
          densities,
          group.map(({ loss }) => loss),
        ).slope;
  });
  return cellsOr(slopes, 'Slope of log L on log E at each γ.', criterion);
});

/** Loss of a model over that of the same model at the smallest batch and fewest steps. */
export const settingLossRatio = overModels((models, criterion) => {
  const ratios = [
    ...groupBy(models, ({ frequencies, alpha, gamma, n, m }) => `${frequencies} ${alpha} ${gamma} ${n} ${m}`).values(),
  ].flatMap((group) => {
    const [base, ...others] = [...group].sort((a, b) => a.batch - b.batch || a.steps - b.steps);
    return others.map(({ loss }) => loss / base!.loss);
  });
  return cellsOr(ratios, 'Loss over that of the base setting.', criterion);
});

/** Log-log slope of L on m over m <= n/8. */
export const slopeFarFromN = overModels((models, criterion) => {
  const used = models.filter(({ m, n }) => 8 * m <= n);
  if (distinct(used.map(({ m }) => m)).length < 3) return noCells(criterion, 'three m up to n/8 with ');
  const line = fitPowerLaw(
    used.map(({ m }) => m),
    used.map(({ loss }) => loss),
  );
  return {
    kind: 'estimate',
    value: line.slope,
    standardError: line.standardError,
    low: line.low,
    high: line.high,
    detail: `m = ${used.map(({ m }) => m).join(', ')}.`,
  };
});

/** |slope + 1|, the slope being that of the line through the last octave, from m = n/2 to m = n. */
export const slopeChangeNearN = overModels((models, criterion) => {
  const octave = models.filter(({ m, n }) => 2 * m >= n);
  if (!octave.some(({ m, n }) => m === n) || !octave.some(({ m, n }) => 2 * m === n))
    return noCells(criterion, 'm = n/2 and m = n with ');
  const { slope } = fitPowerLaw(
    octave.map(({ m }) => m),
    octave.map(({ loss }) => loss),
  );
  return {
    kind: 'estimate',
    value: Math.abs(slope + 1),
    standardError: null,
    low: null,
    high: null,
    detail: `The slope over m = ${octave.map(({ m }) => m).join(', ')} is ${formatNumber(slope)}.`,
  };
});

/** Loss with rows held at unit norm over that of the free model in `against`, which may be of the small sweep. */
export const unitNormLossRatio: Quantity = (criterion, sources) => {
  const sweep = sweepOf(criterion, sources);
  if ('kind' in sweep) return sweep;
  const free = sources.sweeps
    .filter(({ experiment }) => experiment === sweep.experiment || experiment === 'small')
    .flatMap(({ models }) => models)
    .filter(({ projection, replicate }) => projection === 'none' && replicate === 0);
  const held = sweep.models.filter(({ projection, replicate }) => projection === 'unit-rows' && replicate === 0);
  const ratios = (gamma: (value: number) => boolean): number[] => {
    const losses = new Map(
      free.filter((model) => gamma(model.gamma)).map((model) => [withoutGamma(model), model.loss]),
    );
    return held.flatMap((model) => {
      const other = losses.get(withoutGamma(model));
      return other === undefined ? [] : [model.loss / other];
    });
  };
  const wanted = ratios((gamma) => inRange(gamma, criterion.against?.gamma));
  if (!wanted.length)
    return missing("Out of this set's scale: needs models with rows at unit norm and free ones beside them.");
  const grown = ratios((gamma) => inRange(gamma, { is: -1 }));
  const detail = grown.length ? `Its ratio to γ = −1 has median ${formatNumber(median(grown))}.` : '';
  return { kind: 'cells', values: wanted, detail };
};
