/**
 * What else could have been chosen in the comparison of random and zero biases: one thing changed at a time, with both.
 */
import { formatConstant, formatNumber, formatPercent, markdownTable } from 'repro/claims';
import { exp, ln } from '../../../numerics/elementary.ts';
import { fewestSeeds } from '../../../numerics/statistics/mean-interval.ts';
import { mean } from '../../../numerics/statistics/moments.ts';
import type { FittedSweepContent, ModelSummary } from '../../toy/artifacts.ts';
import { isOfPaper, isZero } from '../../toy/beyond-reach.ts';
import { distinct } from '../claims/quantities/sources.ts';
import { predictionHalfWidth } from '../replication/spread.ts';
import { sides } from './bias-pairs.ts';
import type { Side } from './bias-pairs.ts';

/** One model with one thing changed, and the seeds of the same model unchanged. */
interface ControlledModel {
  readonly loss: number;
  /** Over the geometric mean of the unchanged. */
  readonly ratio: number;
  readonly unchanged: readonly ModelSummary[];
  /**
   * Ends of the 95% prediction interval for one more seed of the unchanged, over their mean; undefined with too few
   * seeds.
   */
  readonly expected: readonly [low: number, high: number] | undefined;
}

/** One change in one cell, from both biases. */
export interface Control {
  readonly experiment: string;
  readonly model: ModelSummary;
  readonly changed: Readonly<Record<Side, ControlledModel>>;
  /** Loss from random biases over that from zero ones, of the same random numbers. */
  readonly ratio: number;
  /** The same of the unchanged models: geometric mean over the seeds that both sides have. */
  readonly unchangedRatio: number;
}

const prefix = 'control-';
const isControl = ({ experiment }: FittedSweepContent): boolean => experiment.startsWith(prefix);
const isSide: Readonly<Record<Side, (model: ModelSummary) => boolean>> = {
  zero: ({ initialBias }) => isZero(initialBias),
  normal: ({ initialBias }) => isOfPaper(initialBias),
};
const isSameCell = (a: ModelSummary, b: ModelSummary): boolean =>
  (['frequencies', 'alpha', 'gamma', 'n', 'm', 'density', 'batch', 'projection'] as const).every(
    (name) => a[name] === b[name],
  );

/** Those of which both sides are there, changed and unchanged. */
export function biasControls(sweeps: readonly FittedSweepContent[]): Control[] {
  const unchanged = sweeps
    .filter(({ experiment }) => experiment === 'small' || experiment === 'small-zero-bias')
    .flatMap(({ models }) => models);
  return sweeps.filter(isControl).flatMap(({ experiment, models }) =>
    models.filter(isSide.zero).flatMap((zero) => {
      const normal = models.find((model) => isSide.normal(model) && isSameCell(model, zero));
      const seedsOf = (side: Side): ModelSummary[] =>
        unchanged.filter((model) => isSide[side](model) && isSameCell(model, zero));
      const seeds = { zero: seedsOf('zero'), normal: seedsOf('normal') };
      const ratios = seeds.zero.flatMap(({ loss, replicate }) => {
        const other = seeds.normal.find((model) => model.replicate === replicate);
        return other ? [ln(other.loss / loss)] : [];
      });
      if (!normal || !ratios.length) return [];
      const changed = { zero: controlled(zero, seeds.zero), normal: controlled(normal, seeds.normal) };
      const ratio = normal.loss / zero.loss;
      return [{ experiment, model: zero, changed, ratio, unchangedRatio: exp(mean(ratios)) }];
    }),
  );
}

function controlled({ loss }: ModelSummary, unchanged: readonly ModelSummary[]): ControlledModel {
  const logs = unchanged.map((model) => ln(model.loss));
  const half = predictionHalfWidth({ ours: logs, theirs: 0, readingError: 0 });
  return {
    ...{ loss, ratio: loss / exp(mean(logs)), unchanged },
    expected: half === undefined ? undefined : [exp(-half), exp(half)],
  };
}

/** What is planned and not there; empty where nothing. */
export function openControls(sweeps: readonly FittedSweepContent[]): string[] {
  const all = sweeps.filter(isControl);
  const absent = all.reduce((sum, { missing = [] }) => sum + missing.length, 0);
  const planned = absent + all.reduce((sum, { models }) => sum + models.length, 0);
  return absent > 0 ? [`${absent} of the ${planned} models with one thing changed`] : [];
}

const power = (value: number): string => value.toExponential().replace('-', '−').replace('e+0', '');

/** What is changed, from which value to which. */
function changeOf({ model, changed }: Control): string {
  const before = changed.zero.unchanged[0]!;
  const changes = [
    model.epsilon === before.epsilon ? '' : `ε of Adam ${power(model.epsilon)} in place of ${power(before.epsilon)}`,
    model.lossScale === before.lossScale ? '' : scaleChange(model, before),
    model.steps === before.steps ? '' : `${model.steps} steps in place of ${before.steps}`,
  ];
  return changes.filter(Boolean).join('; ');
}

/** The paper's text sums squared errors over features; its authors' scripts take their mean. */
function scaleChange({ lossScale, n }: ModelSummary, before: ModelSummary): string {
  return lossScale === n && before.lossScale === 1
    ? 'loss a sum over features (the paper’s text) in place of their mean (the scripts)'
    : `loss times ${formatConstant(lossScale / before.lossScale)}`;
}

/** The table, with what it says; nothing where no model has anything changed. */
export function controlsText(sweeps: readonly FittedSweepContent[]): string[] {
  const controls = biasControls(sweeps);
  if (!controls.length) return [];
  const rows = controls.map((control) => {
    const { model, changed, ratio, unchangedRatio } = control;
    return [
      `γ = ${formatNumber(model.gamma)}, α = ${formatConstant(model.alpha!)}, m = ${model.m}`,
      changeOf(control),
      ...sides.flatMap((side) => [formatNumber(changed[side].loss), overUnchanged(changed[side])]),
      ...[ratio, unchangedRatio].map(formatNumber),
    ];
  });
  const head = [
    ...['Models', 'Changed', 'Loss, zero biases', 'over unchanged', 'Loss, random biases', 'over unchanged'],
    ...['Random over zero', 'Random over zero, unchanged'],
  ];
  return [
    statement(controls),
    markdownTable(head, rows) +
      `\n\nUnchanged: geometric mean over the seeds. In brackets: 95% prediction interval for one more seed of the unchanged model, over their mean, where there are at least ${fewestSeeds} seeds.`,
  ];
}

/** Bold where another seed would not move it as far. */
function overUnchanged(model: ControlledModel): string {
  const { ratio, expected } = model;
  const text = isOutside(model) ? `**${thousandths(ratio)}**` : thousandths(ratio);
  return expected ? `${text} (${expected.map(thousandths).join(' to ')})` : text;
}

/** Seeds from zero biases differ by less than a hundredth. */
const thousandths = (ratio: number): string => ratio.toFixed(3);

const range = (values: readonly number[]): string =>
  [...new Set([Math.min(...values), Math.max(...values)].map(formatNumber))].join(' to ');
const atMost = (values: readonly number[]): string => formatPercent(Math.round(1000 * Math.max(...values)) / 1000);
const either = (value: (side: Side) => string): string =>
  `${value('zero')} from zero biases and ${value('normal')} from random ones`;

function statement(controls: readonly Control[]): string {
  const models = controls.map(({ model }) => model);
  const one = models[0]!;
  const experiments = [...new Set(controls.map(({ experiment }) => experiment))];
  const moves = experiments.map((name) => {
    const some = controls.filter(({ experiment }) => experiment === name);
    const moved = (side: Side): string => atMost(some.map(({ changed }) => Math.abs(changed[side].ratio - 1)));
    return `${changeOf(some[0]!)}: ${either(moved)}`;
  });
  const places = `n = ${one.n}; γ = ${distinct(models.map(({ gamma }) => gamma))
    .map(formatNumber)
    .join(', ')}; α = ${distinct(models.map(({ alpha }) => alpha!))
    .map(formatConstant)
    .join(', ')}; m = ${distinct(models.map(({ m }) => m)).join(', ')}`;
  return [
    `*Controls* (${places}; one seed). ${ratiosText(controls)}`,
    'A changed model draws random numbers of its own, so its loss differs as that of another seed does.',
    `The loss moves by at most: ${moves.join('; ')}.`,
    outsideText(controls),
    ...convergence(controls),
  ]
    .filter(Boolean)
    .join(' ');
}

const isOutside = ({ ratio, expected }: ControlledModel): boolean =>
  expected !== undefined && (ratio < expected[0] || ratio > expected[1]);

/** How many losses moved by more than another seed would move them. */
function outsideText(controls: readonly Control[]): string {
  const of = (side: Side): ControlledModel[] => controls.map(({ changed }) => changed[side]);
  const seeded = sides.flatMap(of).filter(({ expected }) => expected);
  if (!seeded.length) return '';
  const [zero, normal] = sides.map((side) => of(side).filter(isOutside).length);
  const count = zero! + normal!;
  const which = count ? ` (bold; ${zero!} from zero biases, ${normal!} from random ones)` : '';
  return `Of ${seeded.length} losses ${count === 0 ? 'none is' : count === 1 ? 'one is' : `${count} are`} outside the 95% prediction interval for another seed of the unchanged model${which}; about ${formatConstant(Math.round(0.5 * seeded.length) / 10)} would be by chance.`;
}

/** A loss that a longer training lowers by no more has converged, */
const converged = 0.03;
/** unless another seed alone may lower it by more than this. */
const mostLuck = 0.1;

/** For each gamma whether more steps lower the loss; nothing where no model has more. */
function convergence(controls: readonly Control[]): string[] {
  const longer = controls.filter(({ model, changed }) => model.steps > changed.zero.unchanged[0]!.steps);
  const gammas = distinct(longer.map(({ model }) => model.gamma));
  return gammas.map((gamma) => {
    const some = longer.filter(({ model }) => model.gamma === gamma);
    const factors = distinct(some.map(({ model, changed }) => model.steps / changed.zero.unchanged[0]!.steps));
    const lowered = (side: Side): string => {
      const most = some.map(({ changed }) => changed[side]).reduce((a, b) => (b.ratio < a.ratio ? b : a));
      const by = most.ratio < 1 ? `by ${atMost([1 - most.ratio])}` : 'not at all';
      return `${by} (${convergenceOf(some.map(({ changed }) => changed[side]))})`;
    };
    const [after, before] = [some.map(({ ratio }) => ratio), some.map(({ unchangedRatio }) => unchangedRatio)];
    return (
      `At γ = ${formatNumber(gamma)} ${factors.map((factor) => (factor === 2 ? 'twice' : `${formatConstant(factor)} times`)).join(' and ')} the steps lower the loss from zero biases ${lowered('zero')} and from random ones ${lowered('normal')}; ` +
      `random over zero is then ${range(after)}, unchanged ${range(before)}.`
    );
  });
}

function convergenceOf(models: readonly ControlledModel[]): string {
  const moved = models.filter(({ ratio }) => 1 - ratio > converged);
  if (moved.some(isOutside)) return 'more than another seed would: not converged';
  if (models.some(({ expected }) => !expected)) return 'too few seeds to say whether it has converged';
  if (models.some(({ expected }) => 1 - expected![0] > mostLuck))
    return 'seeds differ too much to say whether it has converged';
  return moved.length ? 'another seed may do as much: not decided' : `at most ${formatPercent(converged)}: converged`;
}

function ratiosText(controls: readonly Control[]): string {
  const told = (['strong', 'weak'] as const).flatMap((regime) => {
    const some = controls.filter(({ model }) => (regime === 'strong' ? model.gamma < 0 : model.gamma > 0));
    if (!some.length) return [];
    const unchanged = range(some.map(({ unchangedRatio }) => unchangedRatio));
    return [`${range(some.map(({ ratio }) => ratio))} under ${regime} superposition (unchanged: ${unchanged})`];
  });
  const higher = controls.filter(({ ratio }) => ratio > 1).length;
  return (
    `With one thing changed at a time, the loss from random biases, over that from zero ones, is ${told.join(' and ')}: ` +
    `it is the higher one in ${higher === controls.length ? 'each' : String(higher)} of the ${controls.length} comparisons.`
  );
}
