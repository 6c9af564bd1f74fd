/** What the loss does under other densities, batches, widths near n, and constraints (Fig. 7a, App. B.1, commentaries). */
import { exp, ln } from '../../../../numerics/elementary.ts';
import { studentTQuantile } from '../../../../numerics/statistics/distributions.ts';
import { fitPowerLaw } from '../../../../numerics/statistics/regression.ts';
import type { Line } from '../../../../numerics/statistics/regression.ts';
import { mean, median, variance } from '../../../../numerics/statistics/moments.ts';
import { allCells, defineQuantity, formatNumber, formatWithUncertainty, missing, seedCount } from 'repro/claims';
import type { Cell, Estimate, Missing } from 'repro/claims';
import type { ModelCell } from '../../../toy/artifacts.ts';
import type { ModelCellMean } from '../cells.ts';
import { cellsOf } from '../cells.ts';
import { distinct, groupBy, listCells, noCells, overModels, sweepOf, withUnfinished } from './sources.ts';
import type { Meant, Sources } from './sources.ts';
import { withoutGamma } from './superposition.ts';

/** Largest over smallest L m among the distributions. */
export const lossSpread = defineQuantity<Sources>({
  id: 'loss-spread',
  label: 'largest over smallest L m',
  kind: 'estimate',
  measure: overModels(({ cells: models }, part) => {
    const scaled = models.map(({ loss, m }) => loss * m);
    if (scaled.length < 2) return noCells(part, 'two distributions with ');
    return {
      kind: 'estimate',
      value: Math.max(...scaled) / Math.min(...scaled),
      ...{ standardError: null, low: null, high: null, errorFrom: null },
      cells: allCells(distinctKinds(models)),
      seeds: seedCount(models.map(({ seeds }) => seeds)),
      detail: `L m: ${models.map(({ frequencies }, i) => `${formatNumber(scaled[i]!)} (${frequencies})`).join(', ')}.`,
    };
  }),
});

function distinctKinds(models: readonly ModelCellMean[]): number {
  return new Set(models.map(({ frequencies }) => frequencies)).size;
}

/** Log-log slope of L on E at one m, for each gamma. */
export const lossDensitySlope = defineQuantity<Sources>({
  id: 'loss-density-slope',
  label: 'slope of L on E',
  kind: 'cells',
  measure: overModels(({ cells: models }) => {
    const groups = [...groupBy(models, ({ alpha, gamma, m }) => `${alpha} ${gamma} ${m}`).values()].map((group) => {
      const densities = group.map(({ density }) => density);
      const losses = group.map(({ loss }) => loss);
      return { group, line: distinct(densities).length < 3 ? undefined : fitPowerLaw(densities, losses) };
    });
    const text = groups.flatMap(({ group, line }) =>
      line ? [`${formatNumber(line.slope)} at γ = ${formatNumber(group[0]!.gamma)}`] : [],
    );
    return listCells(
      groups,
      0,
      ({ line }) => line?.slope,
      ({ group }) => Math.min(...group.map(({ seeds }) => seeds)),
      text.length ? `Slope of log L on log E: ${text.join(', ')}.` : 'Too few E for a slope.',
    );
  }),
});

/** Mean loss of a model over that of the same model at the smallest batch and fewest steps, with its 95% interval. */
export const settingLossRatio = defineQuantity<Sources>({
  id: 'setting-loss-ratio',
  label: 'ratio of mean final losses',
  kind: 'cells',
  measure: overModels(({ cells: models, excluded }, _, { missing = [] }) => {
    const groups = groupBy(models, withoutSettings);
    const absent = groupBy(missing, withoutSettings);
    const pairs = [...groups].flatMap(([key, group]) => {
      const { batch, steps } = [...group, ...(absent.get(key) ?? [])].reduce((a, b) => (bySetting(b, a) < 0 ? b : a));
      const [base, ...others] = [...group].sort(bySetting);
      // Where the base setting itself is not finished, the others are not compared with each other.
      return base!.batch === batch && base!.steps === steps ? others.map((changed) => ({ base: base!, changed })) : [];
    });
    const found = pairs.map(({ base, changed }) => ratioOfMeans(changed, base));
    const text = found.map(
      ({ label, value, low, high }) =>
        `${formatNumber(value)}${low === undefined ? '' : ` (${formatNumber(low)} to ${formatNumber(high!)})`} at ${label}`,
    );
    return listCells(
      found,
      excluded,
      (cell) => cell,
      (cell) => cell.seeds,
      text.length
        ? `Mean loss over that of the base setting, with its 95% interval by the seeds: ${text.join(', ')}.`
        : 'No model is there at two settings.',
    );
  }),
});

const withoutSettings = ({ frequencies, alpha, gamma, n, m }: ModelCell): string =>
  [frequencies, alpha, gamma, n, m].join(' ');

type Setting = Pick<ModelCell, 'batch' | 'steps'>;
const bySetting = (a: Setting, b: Setting): number => a.batch - b.batch || a.steps - b.steps;

/**
 * The ratio of two means and its 95% interval: on the logarithm, by Student's t with Welch's degrees of freedom. No
 * interval where a side has a single seed.
 */
function ratioOfMeans(changed: ModelCellMean, base: ModelCellMean): Cell {
  const sides = [changed.losses, base.losses];
  const value = mean(changed.losses) / mean(base.losses);
  const what = changed.batch > base.batch ? `batch ${changed.batch}` : `${changed.steps} steps`;
  const cell = { value, seeds: Math.min(changed.seeds, base.seeds), label: `m = ${changed.m}, ${what}` };
  if (cell.seeds < 2) return cell;
  const relative = sides.map((losses) => variance(losses) / losses.length / (mean(losses) * mean(losses)));
  const total = relative[0]! + relative[1]!;
  if (total === 0) return { ...cell, low: value, high: value };
  const degrees =
    (total * total) / sides.reduce((sum, losses, i) => sum + (relative[i]! * relative[i]!) / (losses.length - 1), 0);
  const half = Math.sqrt(total) * studentTQuantile(0.975, degrees);
  return { ...cell, low: exp(ln(value) - half), high: exp(ln(value) + half) };
}

function lineEstimate({ excluded, cells }: Meant<ModelCellMean>, used: readonly ModelCellMean[], line: Line): Estimate {
  const { slope, standardError, low, high } = line;
  const two = !Number.isFinite(low);
  const all = [...cells];
  return {
    kind: 'estimate',
    value: slope,
    standardError: two ? null : standardError,
    low: two ? null : low,
    high: two ? null : high,
    errorFrom: two ? null : 'fit',
    cells: { planned: used.length + excluded, excluded, used: used.length },
    seeds: seedCount(all.map(({ seeds }) => seeds)),
    detail: `m = ${used.map(({ m }) => m).join(', ')}: slope ${formatWithUncertainty(slope, two ? null : standardError)}.`,
  };
}

const powerLaw = (models: readonly ModelCellMean[]): Line =>
  fitPowerLaw(
    models.map(({ m }) => m),
    models.map(({ loss }) => loss),
  );

/** Log-log slope of L on m over m <= n/8. */
export const slopeFarFromN = defineQuantity<Sources>({
  id: 'slope-far-from-n',
  label: 'slope up to m = n/8',
  kind: 'estimate',
  measure: overModels((meant, part): Estimate | Missing => {
    const used = meant.cells.filter(({ m, n }) => 8 * m <= n);
    if (distinct(used.map(({ m }) => m)).length < 3) return noCells(part, 'three m up to n/8 with ');
    return lineEstimate(meant, used, powerLaw(used));
  }),
});

/** Log-log slope of L on m over the last octave, from m = n/2 to m = n. */
export const slopeNearN = defineQuantity<Sources>({
  id: 'slope-near-n',
  label: 'slope over the last octave, m = n/2 to n',
  kind: 'estimate',
  measure: overModels((meant, part): Estimate | Missing => {
    const octave = meant.cells.filter(({ m, n }) => 2 * m >= n);
    if (!octave.some(({ m, n }) => m === n) || !octave.some(({ m, n }) => 2 * m === n))
      return noCells(part, 'm = n/2 and m = n with ');
    return lineEstimate(meant, octave, powerLaw(octave));
  }),
});

/** Loss with rows held at unit norm over that of the free model in `against`, which may be of the small sweep. */
export const unitNormLossRatio = defineQuantity<Sources>({
  id: 'unit-norm-loss-ratio',
  label: 'loss at unit norm over that of the free model',
  kind: 'cells',
  measure: (part, sources) => {
    const sweep = sweepOf(part, sources);
    if ('kind' in sweep) return sweep;
    const others = sources.sweeps.filter(({ experiment }) => experiment === sweep.experiment || experiment === 'small');
    const free = others.flatMap((found) => cellsOf(found)).filter(isFree);
    const held = cellsOf(sweep).filter((cell) => !isFree(cell));
    const ratios = (isWanted: (gamma: number) => boolean): { value: number; seeds: number }[] => {
      const models = new Map(
        free.filter((model) => isWanted(model.gamma)).map((model) => [withoutGamma(model), model]),
      );
      return held.flatMap((model) => {
        const other = models.get(withoutGamma(model));
        return other ? [{ value: model.loss / other.loss, seeds: Math.min(model.seeds, other.seeds) }] : [];
      });
    };
    const gamma = part.against?.['gamma'] as { readonly is: number } | undefined;
    const isMeant = (value: number): boolean => gamma !== undefined && Math.abs(value - gamma.is) < 0.005;
    const found = ratios(isMeant);
    const grown = ratios((value) => value === -1).map(({ value }) => value);
    // Cells that a run has only one side of so far, or none.
    const isPartner = (cell: ModelCell): boolean => isFree(cell) && isMeant(cell.gamma);
    const planned = keysOf(
      held,
      (sweep.missing ?? []).filter((cell) => !isFree(cell)),
    );
    const partners = keysOf(
      free.filter(isPartner),
      others.flatMap(({ missing = [] }) => missing.filter(isPartner)),
    );
    const cells = [...planned].filter((key) => partners.has(key)).length;
    return withUnfinished(
      found.length
        ? listCells(
            found,
            0,
            ({ value }) => value,
            ({ seeds }) => seeds,
            grown.length ? `Its ratio to γ = −1 has median ${formatNumber(median(grown))}.` : '',
          )
        : missing("Out of this set's scale: needs models with rows at unit norm and the same models free."),
      { planned: cells, absent: cells - found.length },
    );
  },
});

const isFree = ({ projection }: ModelCell): boolean => projection === 'none';
const keysOf = (...groups: readonly (readonly ModelCell[])[]): Set<string> => new Set(groups.flat().map(withoutGamma));
