/** What Figs. 8a and 8b show of language models beyond the claims made of them. */
import type { ValueOf } from 'repro';
import { fitLossLaw } from '../../../numerics/statistics/loss-law.ts';
import type { HeadFits, LossFits } from '../../language/artifacts.ts';
import { formatConstant, formatNumber, formatWithUncertainty } from 'repro/claims';
import type { Finding } from './finding.ts';
import type { PublishedFacts } from './published.ts';

export interface LanguageMeasurements {
  readonly heads?: ValueOf<typeof HeadFits> | undefined;
  readonly losses?: ValueOf<typeof LossFits> | undefined;
}

/** None where fewer models were read than the figures show: their numbers would be others. */
export function languageFindings(
  { heads, losses }: LanguageMeasurements,
  { languageOverlaps, languageLosses }: PublishedFacts,
): Finding[] {
  const found: Finding[] = [];
  if (heads && heads.heads.length >= languageOverlaps.models) found.push(...overlaps(heads, languageOverlaps));
  if (losses && new Set(losses.points.map(({ model }) => model)).size >= languageLosses.models)
    found.push(...exponent(losses, languageLosses, heads));
  return found;
}

function overlaps(
  { heads, overlap }: NonNullable<LanguageMeasurements['heads']>,
  published: PublishedFacts['languageOverlaps'],
): Finding[] {
  const timesWidth = heads.map(({ meanSquare, m }) => meanSquare * m);
  const [low, high] = [Math.min(...timesWidth), Math.max(...timesWidth)];
  const findings: Finding[] = [
    {
      finding:
        'The mean square overlap of the rows of every head is more than twice 1/m, that of random vectors; times m',
      where: 'Fig. 8a',
      published: `${formatConstant(published.timesWidth.low)} to ${formatConstant(published.timesWidth.high)}`,
      here: `${formatNumber(low)} to ${formatNumber(high)}`,
      holds: low > 2,
    },
  ];
  const centred = heads.flatMap(({ centredMeanSquare, m }) =>
    centredMeanSquare === null ? [] : [centredMeanSquare * m],
  );
  if (centred.length > 0) {
    const [least, most] = [Math.min(...centred), Math.max(...centred)];
    findings.push({
      finding:
        'Most of that is the mean row: with it taken away from all rows, the mean square overlap times m is at most half as large in every head',
      where: 'Fig. 8a',
      published: '–',
      here: `${formatNumber(least)} to ${formatNumber(most)}`,
      holds: heads.every(
        ({ meanSquare, centredMeanSquare }) => centredMeanSquare === null || centredMeanSquare <= meanSquare / 2,
      ),
    });
  }
  if (overlap) {
    findings.push({
      finding: `Over all heads it falls faster than 1/m; log-log slope (of the ${published.models} models the figure draws ${published.drawn}, neither pythia-70m nor pythia-160m)`,
      where: 'Fig. 8a',
      published: formatWithUncertainty(published.slope, published.standardError),
      here: formatWithUncertainty(overlap.slope, overlap.standardError),
      holds: overlap.slope < -1,
    });
  }
  return findings;
}

function exponent(
  { law, leaveOneOut, families, points }: NonNullable<LanguageMeasurements['losses']>,
  published: PublishedFacts['languageLosses'],
  heads: LanguageMeasurements['heads'],
): Finding[] {
  const stated = formatConstant(published.statedError);
  const findings: Finding[] = [
    {
      finding: `Eq. 8 fitted to all losses: the least-squares standard error of its exponent is above the ${stated} that the paper states (the authors’ formula takes the logarithm of a negative number for 0)`,
      where: 'Fig. 8b',
      published: `${formatWithUncertainty(published.exponent, published.standardError)}, C = ${formatConstant(published.coefficient)}`,
      here: `${formatWithUncertainty(law.exponent, law.standardError)}, C = ${formatConstant(law.coefficient)}`,
      holds: law.standardError > published.statedError,
    },
  ];
  const without = leaveOneOut.map(({ exponent }) => exponent);
  if (without.length) {
    const [low, high] = [Math.min(...without), Math.max(...without)];
    findings.push({
      finding: `Leaving out one model moves the exponent by more than ${stated}`,
      where: 'Fig. 8b',
      published: `${formatNumber(published.withoutOneModel.low)} to ${formatNumber(published.withoutOneModel.high)}`,
      here: `${formatNumber(low)} to ${formatNumber(high)}`,
      holds: Math.max(law.exponent - low, high - law.exponent) > published.statedError,
    });
  }
  const own = families.flatMap(({ family, exponent }) => (exponent === null ? [] : [{ family, exponent }]));
  if (own.length > 1) {
    const listed = (values: readonly { family: string; exponent: number }[]): string =>
      values.map(({ family, exponent }) => `${formatNumber(exponent)} (${family})`).join(', ');
    const values = own.map(({ exponent }) => exponent);
    findings.push({
      finding: 'Families fitted one by one have exponents that differ by a factor above 2',
      where: 'Fig. 8b',
      published: listed(Object.entries(published.families).map(([family, exponent]) => ({ family, exponent }))),
      here: listed(own),
      holds: Math.max(...values) > 2 * Math.min(...values),
    });
  }
  const headWidth = new Map(heads?.heads.map(({ model, m }) => [model, m]));
  const narrower = points.some(({ model, m }) => (headWidth.get(model) ?? m) !== m);
  if (narrower) {
    const refitted = fitLossLaw(
      points.map(({ model, family, dataset, m, loss }) => ({
        m: headWidth.get(model) ?? m,
        loss,
        group: `${family}, ${dataset}`,
      })),
    );
    findings.push({
      finding:
        'With opt-350m at the width of its head, 512, as Fig. 8a has it, and not of its layers, 1024, the exponent is smaller by more than 0.1',
      where: 'Fig. 8b',
      published: formatNumber(published.atHeadWidth),
      here: formatNumber(refitted.exponent),
      holds: law.exponent - refitted.exponent > 0.1,
    });
  }
  return findings;
}
