/** What rests on the biases drawn before training: the same models with all biases zero at the start, set against them. */
import {
  formatConstant,
  formatNumber,
  formatPercent,
  formatWithUncertainty,
  markdownTable,
  verdictMarks,
} from 'repro/claims';
import type { ClaimResult, PartResult, Verdict } from 'repro/claims';
import { fewestSeeds, meanInterval } from '../../../numerics/statistics/mean-interval.ts';
import { mean, median } from '../../../numerics/statistics/moments.ts';
import type { ExponentFit, FittedSweepContent, ModelSummary } from '../../toy/artifacts.ts';
import {
  beyondReachMeaning,
  beyondReachProbability,
  expectedIfSilent,
  isOfPaper,
  ifSilent,
} from '../../toy/beyond-reach.ts';
import { deadMeaning, deadShare } from '../../toy/dead-features.ts';
import { lowStartMeaning } from '../../toy/low-start.ts';
import { distinct, groupBy } from '../claims/quantities/sources.ts';
import { cellTable } from './bias-cells.ts';
import { betweenText } from './biases-between.ts';
import { controlsText, openControls } from './bias-controls.ts';
import { biasPairs, exponentsOfLive, lossRatio, nameOf, notCompared, seedsAt, sides } from './bias-pairs.ts';
import type { BiasPair, LossExponents, Side } from './bias-pairs.ts';
import type { ReportContent } from '../report-content.ts';
import { figureAnchor } from './figures.ts';
import { trainersText } from './trainers.ts';

/** Nothing where a set trains no model from zero biases. */
export function initialBiasSection({
  sweeps,
  results,
  captions,
  firstSteps,
  trainers,
}: Pick<ReportContent, 'sweeps' | 'results' | 'captions' | 'firstSteps' | 'trainers'>): string[] {
  const pairs = biasPairs(sweeps);
  if (!pairs.length) return [];
  const open = openText(sweeps, pairs);
  return [
    '## What rests on the initial biases',
    statement(pairs),
    ...geometryStatement(pairs),
    ...beyondReachStatement(sweeps),
    ...lowStartStatement(sweeps),
    ...(open ? [open] : []),
    lossTable(pairs),
    ...betweenText(sweeps),
    ...controlsText(sweeps),
    ...(trainers ? [trainersText(trainers)] : []),
    leftTable(pairs),
    cellTable(pairs),
    ...figuresOfBiases(captions),
    ...verdictsThatChange(results),
    ...(firstSteps ? [howUnitsDie(firstSteps)] : []),
    ...captions
      .filter(({ figure }) => figure === 'first-steps')
      .map(({ figure, title }) => `![${title}](figures/${figure}.svg)`),
    `${ownSetting(results)} Every claim is judged in that setting.`,
    '*What this does not say.* Heads of language models have no such biases: what is found here neither supports nor contradicts what the paper says of them.',
  ];
}

/** The first as a picture, and where all of them are with their captions. */
function figuresOfBiases(captions: ReportContent['captions']): string[] {
  const drawn = captions.filter(({ figure }) => figure.startsWith('zero-bias-') || figure === 'beyond-reach');
  const picture = drawn.find(({ figure }) => figure === 'zero-bias-loss') ?? drawn[0];
  if (!picture) return [];
  return [
    `![${picture.title}](figures/${picture.figure}.svg)`,
    `With their captions: ${drawn.map(({ figure, title }) => `[${title}](#${figureAnchor(figure)})`).join('; ')}.`,
  ];
}

const share = (value: number): string => formatPercent(Math.round(1000 * value) / 1000);
const largest = ({ m }: BiasPair): number => m.at(-1)!;
const overWelch = ({ live: { overlap } }: ModelSummary): number | null =>
  overlap && overlap.welchBoundSquared > 0 ? overlap.meanSquare / overlap.welchBoundSquared : null;

/** "γ = −0.556, α = 0, 1.00": where the pairs are. */
function placesOf(pairs: readonly BiasPair[]): string {
  const list = (values: readonly number[], format = formatNumber): string => distinct(values).map(format).join(', ');
  const alphas = pairs.flatMap(({ alpha }) => (alpha === null ? [] : [alpha]));
  const others = [...new Set(pairs.flatMap(({ alpha, frequencies }) => (alpha === null ? [frequencies] : [])))];
  const seeds = pairs.map((pair) => pair.seeds);
  const most = Math.max(...seeds);
  return [
    `n = ${distinct(pairs.map(({ n }) => n)).join(', ')}`,
    `γ = ${list(pairs.map(({ gamma }) => gamma))}`,
    ...(alphas.length ? [`α = ${list(alphas, formatConstant)}`] : []),
    ...(others.length ? [`${others.join(' and ')} frequencies`] : []),
    `largest m = ${distinct(pairs.map(largest)).join(', ')}`,
    pairs.length === 1 ? 'one curve' : `${pairs.length} curves`,
    most === 1 ? 'one seed' : `${[...new Set([Math.min(...seeds), most])].join(' to ')} seeds`,
  ].join('; ');
}

/** What the models of an experiment are called in a sentence. */
const modelNames: Readonly<Record<string, string>> = {
  small: 'small models',
  large: 'large models',
  breakdown: 'models with m up to n',
};

function statement(pairs: readonly BiasPair[]): string {
  const told = (regime: string, some: readonly BiasPair[]): string => {
    if (!some.length) return '';
    const ratios = some.map((pair) => lossRatio(pair, largest(pair)).mean);
    const dead = (side: Side): string =>
      share(median(some.flatMap((pair) => pair.m.map((m) => mean(seedsAt(pair, side, m).map(deadShare))))));
    const [least, most] = [Math.min(...ratios), Math.max(...ratios)].map((ratio) => formatNumber(ratio));
    const range = least === most ? least : `${least} to ${most}`;
    return `Under ${regime} superposition (${modelNames[some[0]!.experiment]!}, ${placesOf(some)}) the loss at the largest m is ${range} times as high with the paper’s random biases as with zero ones; output units that are dead make ${dead('normal')} of the loss with the former, ${dead('zero')} with the latter.`;
  };
  const groups = [...groupBy(pairs, ({ experiment, gamma }) => `${experiment} ${gamma < 0 ? 'strong' : 'weak'}`)];
  const regimes = groups.map(([key, some]) => told(String(key).split(' ')[1]!, some));
  return (
    'The paper draws the biases from N(0, 1) before training; the toy model that it builds on starts them at 0. Here are the same models, with the same first W and the same samples, started both ways, seed by seed: what only one side has is left out. ' +
    `${regimes.join(' ')} Shares of the loss are medians over the curves and m, of means over the seeds. ${deadMeaning}`
  );
}

/** Medians over Welch’s bound, and exponents, that differ by no more are called alike. */
const alikeWithin = 0.1;

/** What the comparison says of "1/m from geometry", under strong superposition, and of what makes superposition weak. */
function geometryStatement(pairs: readonly BiasPair[]): string[] {
  const strong = pairs.filter(({ gamma }) => gamma < 0);
  const weak = pairs.filter(({ gamma }) => gamma > 0);
  const all = (some: readonly BiasPair[], side: Side): ModelSummary[] => some.flatMap(({ models }) => models[side]);
  const both = (value: (side: Side) => string): string =>
    `${value('normal')} with random biases, ${value('zero')} with zero ones`;
  const [drawn, started] = (['normal', 'zero'] as const).map((side) =>
    median(all(strong, side).flatMap((model) => overWelch(model) ?? [])),
  );
  const alike = Math.abs(drawn! - started!) <= alikeWithin ? ': the directions are about equally good either way' : '';
  // Undefined where no model has more live features than m.
  const geometry = Number.isFinite(drawn! + started!)
    ? `The mean square overlap of live features, over Welch’s bound κ², is ${formatNumber(drawn!)} with random biases, ${formatNumber(started!)} with zero ones (medians, γ < 0)${alike}.`
    : '';
  // Up to m = n the loss is no power law.
  const curves = strong.filter(({ experiment, alpha }) => experiment !== 'breakdown' && (alpha ?? 0) <= 1.375);
  const fitted = curves.filter((pair) => exponentsOfLive(pair));
  const fits = fitted.map((pair) => exponentsOfLive(pair)!);
  const other = fitted.some(({ alpha }) => alpha === null) ? ' or other frequencies' : '';
  const centre = (side: Side, of: keyof LossExponents): number => mean(fits.map((fit) => fit[side][of]));
  const exponentOf = (side: Side, of: keyof LossExponents): string =>
    fits.length === 1
      ? formatNumber(centre(side, of))
      : formatWithUncertainty(centre(side, of), meanInterval(fits.map((fit) => fit[side][of])).standardError);
  const exponents = (side: Side): string =>
    `${exponentOf(side, 'whole')} for the whole loss and ${exponentOf(side, 'live')} for that of the live features alone`;
  const differences = fits.map(({ zero, normal }) => zero.live - normal.live);
  // Curve by curve: the interval of several must not reach differences that are called alike.
  const { low, high } =
    fits.length > 1 ? meanInterval(differences) : { low: differences[0] ?? 0, high: differences[0] ?? 0 };
  const differs =
    alike && (low > alikeWithin || high < -alikeWithin)
      ? ' So directions at Welch’s bound, with squared overlaps near 1/m, do not fix the exponent of the loss, even of that of the live features.'
      : '';
  const law = fits.length
    ? `Over the m at which most features are live both ways, the exponents in m are, as means over ${fits.length === 1 ? 'one curve' : `${fits.length} curves`} with α ≤ 1.375${other}${fits.length === 1 ? '' : ' (± between curves)'}: ${both(exponents)}.${differs}`
    : '';
  const most = (side: Side): string =>
    formatNumber(Math.max(...all(weak, side).map(({ representedFraction, n, m }) => (representedFraction * n) / m)));
  const decay = weak.length
    ? `*Weak superposition.* At γ > 0 up to ${most('zero')} m features are represented (φ½ n) from zero biases, up to ${most('normal')} m from random ones.`
    : '';
  const found = [geometry, law].filter(Boolean).join(' ');
  return [found && `*Geometry.* ${found}`, decay].filter(Boolean);
}

/** Where α is larger a few features make most of the loss, and what these drew decides. */
const mostSkewed = 1.2;

/** What features whose first bias was too low to fire make of the loss, at the smallest and the largest m. */
function beyondReachStatement(sweeps: readonly FittedSweepContent[]): string[] {
  const told = ['large', 'small', 'breakdown'].flatMap((name) => {
    const { models = [] } = sweeps.find(({ experiment }) => experiment === name) ?? {};
    const strong = models.flatMap((model) => {
      const { alpha, gamma, density, loss, beyondReach } = model;
      const isMeant = isOfPaper(model.initialBias) && gamma <= -1 / 3 && (alpha ?? 0) <= mostSkewed && density === 1;
      // a model without such a feature says nothing of them
      return isMeant && beyondReach && beyondReach.frequency > 0
        ? [{ ...model, share: beyondReach.loss / loss, left: beyondReach.loss / ifSilent(beyondReach) }]
        : [];
    });
    const widths = distinct(strong.map(({ m }) => m)).sort((a, b) => a - b);
    if (widths.length < 2) return [];
    const ends = [widths[0]!, widths.at(-1)!].map((m) => strong.filter((model) => model.m === m));
    const [left, shares] = [
      ends.map((of) => formatNumber(mean(of.map((model) => model.left)))),
      ends.map((of) => share(median(of.map((model) => model.share)))),
    ];
    return [
      `In the ${modelNames[name]!} (n = ${distinct(strong.map(({ n }) => n)).join(', ')}) the ratio is ${left[0]} at m = ${widths[0]!} and ${left[1]} at m = ${widths.at(-1)!}, where they make ${shares[0]} and ${shares[1]} of the loss (medians).`,
    ];
  });
  if (!told.length) return [];
  return [
    `*Features beyond reach.* ${beyondReachMeaning} A bias drawn from N(0, 1) is so low with probability ${formatPercent(beyondReachProbability)}. If none of these features ever fired, the loss at their output units would be ${formatNumber(expectedIfSilent(1))} in expectation, for all frequencies and every m: what falls as a power of m falls below that sooner or later. The measured loss at these units is compared with what it would be if they never fired in that model (means over models with γ ≤ −1/3, and α ≤ ${mostSkewed} where frequencies are a power law). ${told.join(' ')}`,
  ];
}

/** How far training has made up for low biases: large models under strong superposition, at their largest m. */
function lowStartStatement(sweeps: readonly FittedSweepContent[]): string[] {
  const { models = [] } = sweeps.find(({ experiment }) => experiment === 'large') ?? {};
  const strong = models.flatMap((model) =>
    model.gamma < 0 && isOfPaper(model.initialBias) && model.lowStart ? [{ m: model.m, ...model.lowStart }] : [],
  );
  const widths = distinct(strong.map(({ m }) => m)).slice(-4);
  if (widths.length < 2) return [];
  const range = (values: readonly number[]): string =>
    [...new Set([Math.min(...values), Math.max(...values)].map(share))].join(' to ');
  const at = (m: number) => strong.filter((model) => model.m === m);
  const shares = widths.map((m) => `${range(at(m).map(({ loss }) => loss))} at m = ${m}`);
  const frequencies = range(at(widths.at(-1)!).map(({ frequency }) => frequency));
  return [
    `*Features that began low.* ${lowStartMeaning} In the ${modelNames['large']!} with γ < 0 the live features that began below −1 make, of the loss of all live ones, ${shares.join(', ')}, where they have ${frequencies} of the frequency.`,
  ];
}

/** The exponent under strong superposition as the paper has it, where the claim of it is reproduced. */
function ownSetting(results: readonly ClaimResult[]): string {
  const claim = results.find(({ id }) => id === 'strong-near-one');
  const ours = claim?.parts.find(({ id }) => id === 'a');
  const theirs = claim?.alternatives['published']?.parts.find(({ id }) => id === 'a');
  if (claim?.verdict !== 'reproduced' || !ours || ours.measured === null)
    return '*The paper’s own setting.* The paper’s numbers are those of its own setting, in which b is drawn from N(0, 1).';
  const value = ({ measured, measuredText }: Pick<PartResult, 'measured' | 'measuredText'>): string =>
    measuredText || formatNumber(measured!);
  const against = theirs && theirs.measured !== null ? `, against ${value(theirs)} of the authors’ own points` : '';
  return `*The paper’s own setting.* The paper’s central number is reproduced in its own setting, in which b is drawn from N(0, 1): αₘ under strong superposition, for α ≤ 1.375, is ${value(ours)} in the mean${against} ([\`strong-near-one\`](#claim-strong-near-one)).`;
}

/** What this set plans from zero biases and does not compare here; empty where nothing. */
function openText(sweeps: readonly FittedSweepContent[], pairs: readonly BiasPair[]): string {
  const curves = notCompared(sweeps, pairs).map(
    ({ experiment, n, curves, planned, gammas }) =>
      `${curves} of the ${planned} curves of ${experiment} (n = ${n}; γ = ${gammas.map(formatNumber).join(', ')})`,
  );
  const between = sweeps.find(({ experiment }) => experiment === 'initial-biases');
  const absent = between?.missing?.length ?? 0;
  const all = [
    ...curves,
    ...(between && absent > 0
      ? [`${absent} of the ${between.models.length + absent} models with biases between random and zero`]
      : []),
    ...openControls(sweeps),
  ];
  return all.length ? `**Not finished, so that nothing is said of it:** ${all.join('; ')}.` : '';
}

/** `1.207 (0.98 to 1.44)` over seeds, `1.02 ± 0.07` of the fit. */
function exponentText(fit: ExponentFit | undefined): string {
  if (!fit) return '–';
  return fit.errorFrom === 'seeds'
    ? `${formatNumber(fit.exponent)} (${formatNumber(fit.low)} to ${formatNumber(fit.high)})`
    : formatWithUncertainty(fit.exponent, fit.standardError);
}

/** Losses and exponents, at every m. */
function lossTable(pairs: readonly BiasPair[]): string {
  const losses = (pair: BiasPair, side: Side): string =>
    pair.m.map((m) => formatNumber(median(seedsAt(pair, side, m).map(({ loss }) => loss)))).join(' ');
  const ratioText = (pair: BiasPair): string => {
    const ratio = lossRatio(pair, largest(pair));
    const interval = pair.seeds >= fewestSeeds ? ` (${formatNumber(ratio.low)} to ${formatNumber(ratio.high)})` : '';
    return `${formatNumber(ratio.mean)}${interval}`;
  };
  const rows = pairs.map((pair) => [
    nameOf(pair),
    pair.m.join(' '),
    String(pair.seeds),
    losses(pair, 'zero'),
    losses(pair, 'normal'),
    ratioText(pair),
    exponentText(pair.fits.zero),
    exponentText(pair.fits.normal),
  ]);
  const headings = ['Loss, zero biases', 'Loss, random biases', 'Random over zero at the largest m'];
  return (
    markdownTable(['Models', 'm', 'Seeds', ...headings, 'αₘ, zero biases', 'αₘ, random biases'], rows) +
    `\n\nLosses: medians over the seeds. Ratio: geometric mean over the seeds. In brackets: 95% interval between seeds, where there are at least ${fewestSeeds}; ± is the error of the fit, which measures curvature and not what another seed would give. Lines go through the m that the paper’s go through, or through all where fewer than three of these are there.`
  );
}

/** What the loss is made of, at the smallest, the middle and the largest m. */
function leftTable(pairs: readonly BiasPair[]): string {
  const rows = pairs.map((pair) => {
    const { m: all } = pair;
    const shown = [...new Set([all[0]!, all[Math.floor(all.length / 2)]!, largest(pair)])];
    const compared = (value: (model: ModelSummary) => number | null): string =>
      sides
        .map((side) =>
          shown
            .map((m) => {
              const values = seedsAt(pair, side, m)
                .map(value)
                .filter((found) => found !== null);
              return values.length ? formatNumber(median(values)) : '–';
            })
            .join(' '),
        )
        .join(' / ');
    return [
      nameOf(pair),
      shown.join(' '),
      compared(({ representedFraction, n, m }) => (representedFraction * n) / m),
      compared(({ dead }) => dead.fraction),
      compared(deadShare),
      compared(({ outputLoss, m }) => outputLoss.live * m),
      compared(overWelch),
    ];
  });
  const headings = ['φ½ n/m', 'Dead share of features', 'Dead share of the loss', 'Loss of live features × m'];
  return (
    markdownTable(['Models', 'm', ...headings, 'Overlap of live features / κ²'], rows) +
    '\n\nEach entry: zero biases / the paper’s; medians over the seeds. The last column compares what is left: the mean square overlap of the live features over Welch’s bound κ².'
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
    `Of ${judged.length === 1 ? 'the one claim' : `${judged.length} claims`} that these models have cells enough to decide, ${changed.length} ${changed.length === 1 ? 'has' : 'have'} another verdict with zero biases${told.length ? `: ${told.join(', ')}` : ''}.`,
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
