/** The first screen: does the central claim hold, how surely, and where not; the scale; a strip of marks. */
import {
  countVerdicts,
  formatConstant,
  formatNumber,
  formatPercent,
  formatWithUncertainty,
  isUnfinished,
  verdictStrip,
} from 'repro/claims';
import type { ClaimResult, PartResult } from 'repro/claims';
import { mean } from '../../../numerics/statistics/moments.ts';
import type { ExponentFit, FittedSweepContent } from '../../toy/artifacts.ts';
import { unfinishedNote } from '../../toy/unfinished.ts';
import { meanOfReplicated } from '../claims/quantities/exponents.ts';
import { cellCount, distinct } from '../claims/quantities/sources.ts';
import { biasPairs, lossRatio } from './bias-pairs.ts';
import type { ReportContent } from '../report-content.ts';

/** The claim that the first sentence is about. */
const central = 'strong-near-one';

/** Figures of the first screen, the best first, with the claim that each shows. */
const pictures = [
  ['1d', 'large-strong-exponents'],
  ['4b', 'strong-near-one'],
  ['6e', 'exponent-rule'],
] as const;

/** The figure of the first screen: the first that the set could draw and whose claim it has enough models for; else the first drawn. */
export function firstPicture(
  figures: readonly { readonly figure: string; readonly caption: string }[],
  results: readonly Pick<ClaimResult, 'id' | 'verdict'>[],
): string | undefined {
  const drawn = pictures.filter(([id]) =>
    figures.some(({ figure, caption }) => figure === id && !caption.startsWith('Not drawn')),
  );
  const isJudged = (claim: string): boolean => results.some(({ id, verdict }) => id === claim && verdict !== 'not-run');
  return (drawn.find(([, claim]) => isJudged(claim)) ?? drawn[0])?.[0];
}

export function firstScreen({ title, description, results, captions, sweeps, multiverse }: ReportContent): string[] {
  const [answer, ...more] = centralSentences(results, sweeps, multiverse.movedBy[central]);
  const unfinished = unfinishedNote(sweeps);
  const picture = firstPicture(captions, results);
  return [
    `# ${title}`,
    `Of Y. Liu, Z. Liu and J. Gore, [arXiv:2505.10465](https://arxiv.org/abs/2505.10465), NeurIPS 2025.`,
    `**${answer}**`,
    ...(more.length ? [`${more.join(' ')}${biasLink(sweeps)}`] : []),
    ...(unfinished ? [`**${unfinished}**`] : []),
    `${description} ${tablesNote}`,
    `${results.length} claims: ${countVerdicts(results)}. Each mark is one claim and leads to it: ✓ reproduced, ✗ not reproduced, ? inconclusive, – not run.`,
    verdictStrip(results),
    ...(picture ? [`![Figure ${picture}](figures/${picture}.svg)`] : []),
  ];
}

function biasLink(sweeps: readonly FittedSweepContent[]): string {
  return biasPairs(sweeps).length ? ' ([what rests on the initial biases](#what-rests-on-the-initial-biases))' : '';
}

const tablesNote =
  'What was measured on every model is in [`models.csv`](models.csv), every fitted exponent in [`exponents.csv`](exponents.csv); [`datapackage.json`](datapackage.json) describes every column.';

/** The central claim's verdict in a line; undefined where nothing was measured. */
export function headline(results: readonly ClaimResult[]): string | undefined {
  const claim = results.find(({ id }) => id === central);
  const lines: Readonly<Record<string, string>> = {
    reproduced: 'Under strong superposition the loss falls about as 1/m',
    'not-reproduced': 'Under strong superposition the loss does not fall as 1/m here',
    inconclusive: 'Whether the loss falls as 1/m under strong superposition is not decided here',
  };
  return claim && lines[claim.verdict];
}

/**
 * Whether the loss falls as 1/m under strong superposition, with its numbers; then how surely, and where not. In plain
 * words. `moves` are the choices that change the verdict alone.
 */
export function centralSentences(
  results: readonly ClaimResult[],
  sweeps: readonly FittedSweepContent[],
  moves: readonly string[] = [],
): string[] {
  const claim = results.find(({ id }) => id === central);
  const [centre, share] = ['a', 'b'].map((letter) => partOf(results, central, letter));
  if (!claim || !centre || !share || centre.measured === null || share.measured === null)
    return ['This set trains too few models to say whether the loss falls as 1/m under strong superposition.'];
  const numbers =
    `the exponent αₘ in L ∝ m^−αₘ is ${exponentText(centre)}, and within 0.35 of 1 in ${formatPercent(share.measured)} of ` +
    `${cellCount(share.cells.used)} (${[scopeOf(sweeps), seedsText(centre)].filter(Boolean).join('; ')}).`;
  const sentence =
    claim.verdict === 'inconclusive'
      ? `Whether the loss falls as 1/m under strong superposition is not decided here${whyOpen(centre)}: ${numbers}`
      : `Under strong superposition (γ ≤ −1/3) and for data exponents α ≤ 1.375 the loss ${claim.verdict === 'reproduced' ? 'falls about as 1/m' : 'does not fall as 1/m'}: ${numbers}`;
  const fits = meantFits(sweeps);
  const more = [seedSentence(fits), slopeSentence(fits), otherChoices(claim, moves), theirs(claim)];
  return [sentence, ...[...more, whereNot(results), biasSentence(sweeps)].filter(Boolean)];
}

const partOf = (results: readonly ClaimResult[], id: string, letter: string): PartResult | undefined =>
  results.find((result) => result.id === id)?.parts.find((found) => found.id === letter);

/** The cells of `strong-near-one`, as claims.json selects them. */
const isMeant = ({ gamma, alpha }: { readonly gamma: number; readonly alpha: number | null }): boolean =>
  gamma <= -1 / 3 + 0.005 && alpha !== null && alpha <= 1.375;

function meantFits(sweeps: readonly FittedSweepContent[]): readonly ExponentFit[] {
  return sweeps.find(({ experiment }) => experiment === 'small')?.exponents.filter(isMeant) ?? [];
}

/** How far another seed moves the exponent: of a mean over cells, their differences are not its error. */
function seedSentence(fits: readonly ExponentFit[]): string {
  const found = meanOfReplicated(fits);
  if (!found) return '';
  const { mean: centre, low, high } = found.interval;
  const gammas = found.gammas.map(formatNumber).join(', ');
  return `The mean of the ${cellCount(found.cells)} with ${found.seeds} seeds at every m (γ = ${gammas}) is ${formatNumber(centre)}, with a 95% interval from ${formatNumber(low)} to ${formatNumber(high)} between seeds.`;
}

/** How the exponent goes with alpha where the claim has it near 1 throughout. */
function slopeSentence(fits: readonly ExponentFit[]): string {
  const alphas = distinct(fits.flatMap(({ alpha }) => alpha ?? []));
  if (alphas.length < 2) return '';
  const told = [alphas[0]!, alphas.at(-1)!].map((alpha) => {
    const there = fits.filter((fit) => fit.alpha === alpha).map(({ exponent }) => exponent);
    return `${formatNumber(mean(there))} at α = ${formatConstant(alpha)}`;
  });
  return `As a mean over γ, αₘ is ${told.join(' and ')}.`;
}

/** "n = 320, m = 8 to 32, γ = −1.00, −0.556, α = 0 to 1.25": where the exponents are from. */
function scopeOf(sweeps: readonly FittedSweepContent[]): string {
  const fits = meantFits(sweeps);
  if (!fits.length) return '';
  const [m, alphas] = [distinct(fits.flatMap((fit) => fit.m)), distinct(fits.flatMap(({ alpha }) => alpha ?? []))];
  const alpha = [alphas[0]!, alphas.at(-1)!].map(formatConstant);
  const gammas = distinct(fits.map(({ gamma }) => gamma)).map(formatNumber);
  return `n = ${fits[0]!.n}, m = ${m[0]} to ${m.at(-1)}, γ = ${gammas.join(', ')}, α = ${[...new Set(alpha)].join(' to ')}`;
}

function exponentText({ measured, standardError, errorFrom }: PartResult): string {
  if (!standardError) return formatNumber(measured!);
  const between = errorFrom === 'cells' || errorFrom === 'seeds' ? ` between ${errorFrom}` : '';
  return `${formatWithUncertainty(measured!, standardError)}${between}`;
}

function seedsText({ seeds }: PartResult): string {
  if (!seeds) return '';
  if (seeds.most === 1) return 'one seed a cell';
  return `${seeds.least === seeds.most ? seeds.most : `${seeds.least} to ${seeds.most}`} seeds a cell`;
}

function whyOpen({ unfinished }: PartResult): string {
  if (!unfinished || !isUnfinished(unfinished)) return '';
  const finished = unfinished.planned - unfinished.absent;
  return `, since only ${finished} of the ${unfinished.planned} cells ${finished === 1 ? 'is' : 'are'} finished`;
}

/** How often the verdict comes where choices are made otherwise; nothing where there is none to be sure of. */
function otherChoices({ verdict, worlds = {} }: ClaimResult, moves: readonly string[]): string {
  const all = Object.values(worlds).reduce((sum, count) => sum + count, 0);
  if (verdict === 'inconclusive' || all === 0) return '';
  const share = Math.round((100 * (worlds[verdict] ?? 0)) / all) / 100;
  const alone = moves.length ? `; changed alone, these turn it: ${moves.join(', ')}` : '';
  return `With other points, readings, constants or seeds the verdict is the same in ${formatPercent(share)} of ${all} combinations${alone}.`;
}

function theirs({ alternatives }: ClaimResult): string {
  const part = alternatives['published']?.parts.find(({ id }) => id === 'a');
  return part && part.measured !== null
    ? `The authors’ own points give ${part.measuredText || formatNumber(part.measured)} over ${cellCount(part.cells.used)}.`
    : '';
}

function whereNot(results: readonly ClaimResult[]): string {
  const contrast = partOf(results, 'strong-skewed-steeper', 'b');
  if (!contrast || contrast.measured === null) return '';
  const difference = exponentText({ ...contrast, measured: Math.abs(contrast.measured) });
  return `For α ≥ 1.75 αₘ is ${contrast.measured > 0 ? 'larger' : 'smaller'} than for α ≤ 1 by ${difference}.`;
}

/** The same curves with all biases zero before training; nothing where a set has none. */
function biasSentence(sweeps: readonly FittedSweepContent[]): string {
  const all = biasPairs(sweeps).filter((pair) => pair.experiment === 'small' && isMeant(pair));
  // Where a run has begun with small m, such a curve says nothing of the largest.
  const largest = Math.max(...all.map(({ m }) => m.at(-1)!));
  const pairs = all.filter(({ m }) => m.at(-1) === largest);
  const fitted = pairs.flatMap(({ fits }) => (fits.normal && fits.zero ? [[fits.normal, fits.zero] as const] : []));
  if (!fitted.length) return '';
  const [normal, zero] = [0, 1].map((side) => mean(fitted.map((both) => both[side]!.exponent)));
  const ratios = pairs.map((pair) => lossRatio(pair, pair.m.at(-1)!).mean);
  const range = [...new Set([Math.min(...ratios), Math.max(...ratios)].map(formatNumber))].join(' to ');
  const count = fitted.length === 1 ? 'On the one curve that was' : `On the ${fitted.length} curves that were`;
  return (
    `${count} also trained with all biases zero at the start, αₘ is ${formatNumber(zero!)} instead of ${formatNumber(normal!)}, ` +
    `and at the largest m the random biases of the paper make the loss ${range} times as high.`
  );
}
