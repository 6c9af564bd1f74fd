/** What rests on the biases drawn before training: the same models with all biases zero at the start, set against them. */
import { formatNumber, formatPercent, formatWithUncertainty, markdownTable, verdictMarks } from 'repro/claims';
import type { ClaimResult, Verdict } from 'repro/claims';
import { median } from '../../../numerics/statistics/moments.ts';
import type { FittedSweepContent } from '../../toy/artifacts.ts';
import { cellsOf } from '../claims/cells.ts';
import type { ModelCellMean } from '../claims/cells.ts';
import { distinct, groupBy } from '../claims/quantities/sources.ts';
import type { ReportContent } from '../report-content.ts';
import { figureAnchor } from './figures.ts';

/** A curve over m, trained both ways. */
interface Pair {
  readonly where: string;
  readonly normal: readonly ModelCellMean[];
  readonly zero: readonly ModelCellMean[];
  readonly exponents: readonly [normal: string, zero: string];
}

/** Nothing where a set trains no model from zero biases. */
export function initialBiasSection({
  sweeps,
  results,
  captions,
  firstSteps,
}: Pick<ReportContent, 'sweeps' | 'results' | 'captions' | 'firstSteps'>): string[] {
  const pairs = ['small', 'large', 'breakdown'].flatMap((name) => {
    const normal = sweeps.find(({ experiment }) => experiment === name);
    const zero = sweeps.find(({ experiment }) => experiment === `${name}-zero-bias`);
    return normal && zero ? pairsOf(normal, zero) : [];
  });
  if (!pairs.length) return [];
  return [
    '## What rests on the initial biases',
    statement(pairs),
    pairsTable(pairs),
    ...figuresOfBiases(captions),
    ...verdictsThatChange(results),
    ...(firstSteps ? [howUnitsDie(firstSteps)] : []),
    ...captions
      .filter(({ figure }) => figure === 'first-steps')
      .map(({ figure, title }) => `![${title}](figures/${figure}.svg)`),
    'What this does not say: the paper’s numbers are those of its own setting, in which b is drawn from N(0, 1), and they are judged in that setting. Heads of language models have no such biases, so that nothing here bears on them.',
  ];
}

/** The first as a picture, and where all of them are with their captions. */
function figuresOfBiases(captions: ReportContent['captions']): string[] {
  const drawn = captions.filter(({ figure }) => figure.startsWith('zero-bias-'));
  const picture = drawn.find(({ figure }) => figure === 'zero-bias-loss') ?? drawn[0];
  if (!picture) return [];
  return [
    `![${picture.title}](figures/${picture.figure}.svg)`,
    `With their captions: ${drawn.map(({ figure, title }) => `[${title}](#${figureAnchor(figure)})`).join('; ')}.`,
  ];
}

const curveKey = ({ frequencies, alpha, gamma, n }: ModelCellMean): string => [frequencies, alpha, gamma, n].join(' ');

function pairsOf(normal: FittedSweepContent, zero: FittedSweepContent): Pair[] {
  const originals = groupBy(cellsOf(normal), curveKey);
  return [...groupBy(cellsOf(zero), curveKey)].flatMap(([key, both]) => {
    const drawn = originals.get(key)?.filter(({ m }) => both.some((model) => model.m === m)) ?? [];
    const started = both.filter(({ m }) => drawn.some((model) => model.m === m));
    if (!drawn.length) return [];
    const { frequencies, alpha, gamma } = drawn[0]!;
    const law = alpha === null ? `${frequencies} frequencies` : `α = ${formatNumber(alpha)}`;
    return [
      {
        where: `${normal.experiment}, γ = ${formatNumber(gamma)}, ${law}`,
        normal: drawn,
        zero: started,
        exponents: [exponentOf(normal, drawn[0]!), exponentOf(zero, started[0]!)] as const,
      },
    ];
  });
}

function exponentOf({ exponents }: FittedSweepContent, { frequencies, alpha, gamma, n }: ModelCellMean): string {
  const fit = exponents.find(
    (found) => found.frequencies === frequencies && found.alpha === alpha && found.gamma === gamma && found.n === n,
  );
  return fit ? formatWithUncertainty(fit.exponent, fit.standardError) : '–';
}

/** Normal biases over zero ones, at the largest m of a curve. */
function lossRatio({ normal, zero }: Pair): number {
  const m = Math.max(...normal.map((model) => model.m));
  const at = (models: readonly ModelCellMean[]): number => models.find((model) => model.m === m)!.loss;
  return at(normal) / at(zero);
}

const deadShare = ({ outputLoss, loss }: ModelCellMean): number => outputLoss.dead / loss;

function statement(pairs: readonly Pair[]): string {
  const told = (regime: string, some: readonly Pair[]): string => {
    if (!some.length) return '';
    const ratios = some.map(lossRatio);
    const shares = (side: 'normal' | 'zero'): string =>
      formatPercent(Math.round(1000 * median(some.flatMap((pair) => pair[side].map(deadShare)))) / 1000);
    const [least, most] = [Math.min(...ratios), Math.max(...ratios)].map((ratio) => formatNumber(ratio));
    const range = least === most ? least : `${least} to ${most}`;
    return `Under ${regime} superposition the loss at the largest m is ${range} times as high with the paper’s random biases as with zero ones; output units that are dead make ${shares('normal')} of the loss in the median with the former, ${shares('zero')} with the latter.`;
  };
  const strong = pairs.filter(({ normal }) => normal[0]!.gamma < 0);
  const weak = pairs.filter(({ normal }) => normal[0]!.gamma > 0);
  return (
    'The paper draws the biases from N(0, 1) before training; the toy model that it builds on starts them at 0. Here are the same models, with the same first W and the same samples, started both ways. ' +
    [told('strong', strong), told('weak', weak)].filter(Boolean).join(' ') +
    ' A feature is *dead* if its own largest activation leaves its output at zero. The last column compares what is left: the mean square overlap of the live features over Welch’s bound κ².'
  );
}

function pairsTable(pairs: readonly Pair[]): string {
  const both = (zero: string, normal: string): string => `${zero} / ${normal}`;
  const some = (models: readonly ModelCellMean[]): ModelCellMean[] => {
    const widths = distinct(models.map(({ m }) => m));
    const shown = [...new Set([widths[0]!, widths[Math.floor(widths.length / 2)]!, widths.at(-1)!])];
    return shown.map((m) => models.find((model) => model.m === m)!);
  };
  const list = (models: readonly ModelCellMean[], value: (model: ModelCellMean) => number | null): string =>
    some(models)
      .map((model) => (value(model) === null ? '–' : formatNumber(value(model)!)))
      .join(' ');
  const overWelch = ({ live: { overlap } }: ModelCellMean): number | null =>
    overlap && overlap.welchBoundSquared > 0 ? overlap.meanSquare / overlap.welchBoundSquared : null;
  const seeds = (models: readonly ModelCellMean[]): number => Math.min(...models.map((model) => model.seeds));
  return (
    markdownTable(
      [
        'Models',
        'm',
        'Seeds',
        'αₘ',
        'Loss',
        'Dead share of features',
        'Dead share of the loss',
        'Loss of live features × m',
        'Overlap of live features / κ²',
      ],
      pairs.map(({ where, normal, zero, exponents: [drawn, started] }) => {
        const compared = (value: (model: ModelCellMean) => number | null): string =>
          both(list(zero, value), list(normal, value));
        return [
          where,
          some(normal)
            .map(({ m }) => m)
            .join(' '),
          both(String(seeds(zero)), String(seeds(normal))),
          both(started, drawn),
          compared(({ loss }) => loss),
          compared(({ dead }) => dead.fraction),
          compared(deadShare),
          compared(({ outputLoss, m }) => outputLoss.live * m),
          compared(overWelch),
        ];
      }),
    ) + '\n\nEach entry: zero biases / the paper’s.'
  );
}

function verdictsThatChange(results: readonly ClaimResult[]): string[] {
  const zeroBiases = ({ alternatives }: ClaimResult): Verdict | undefined => alternatives['zero-biases']?.verdict;
  const decided = (verdict: Verdict | undefined): boolean => verdict === 'reproduced' || verdict === 'not-reproduced';
  const judged = results.filter((result) => decided(zeroBiases(result)));
  const changed = judged.filter((result) => zeroBiases(result) !== result.verdict);
  if (!judged.length) return [];
  const told = changed.map(
    ({ id, verdict, alternatives }) =>
      `[\`${id}\`](#claim-${id}) ${verdictMarks[verdict]} → ${verdictMarks[alternatives['zero-biases']!.verdict]}`,
  );
  return [
    `Of ${judged.length} claims that these models have cells enough to decide, ${changed.length} have another verdict with zero biases${told.length ? `: ${told.join(', ')}` : ''}.`,
  ];
}

function howUnitsDie({ n, m, alpha, gamma, steps, probes, silent }: NonNullable<ReportContent['firstSteps']>): string {
  const change = (counts: readonly number[]): string => `${counts[0]!} of ${n} before and ${counts.at(-1)!} after`;
  return (
    `[How a unit dies](#${figureAnchor('first-steps')}) is seen in one small model (n = ${n}, m = ${m}, α = ${formatNumber(alpha)}, γ = ${formatNumber(gamma)}, ${steps} steps in double precision), started both ways: ` +
    `a unit that fires on none of ${probes} held-out samples gets, on these, no gradient from its own error. ` +
    `With the paper’s random biases such units are ${change(silent.normal)} training, with zero biases ${change(silent.zero)}.`
  );
}
