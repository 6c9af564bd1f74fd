/** The first screen: does the central claim hold, how surely, and where not; the scale; a strip of marks. */
import {
  countVerdicts,
  formatNumber,
  formatPercent,
  formatWithUncertainty,
  verdictStrip,
  verdictWords,
} from 'repro/claims';
import type { ClaimResult, PartResult } from 'repro/claims';
import { unfinishedNote } from '../../toy/unfinished.ts';
import type { ReportContent } from '../report-content.ts';

export function firstScreen({ title, description, results, captions, sweeps }: ReportContent): string[] {
  const unfinished = unfinishedNote(sweeps);
  const picture = ['1d', '6e', '4b'].find((figure) => captions.some((caption) => caption.figure === figure));
  return [
    `# ${title}`,
    `Of Y. Liu, Z. Liu and J. Gore, [arXiv:2505.10465](https://arxiv.org/abs/2505.10465), NeurIPS 2025.`,
    `**${centralSentence(results)}**`,
    ...(unfinished ? [`**${unfinished}**`] : []),
    `${description} ${tablesNote}`,
    `${results.length} claims: ${countVerdicts(results)}. Each mark is one claim and leads to it: ✓ reproduced, ✗ not reproduced, ? inconclusive, – not run.`,
    verdictStrip(results),
    ...(picture ? [`![Figure ${picture}](figures/${picture}.svg)`] : []),
  ];
}

const tablesNote =
  'What was measured on every model is in [`models.csv`](models.csv), every fitted exponent in [`exponents.csv`](exponents.csv); [`datapackage.json`](datapackage.json) describes every column.';

/** The central claim's verdict in a line; undefined where nothing was measured. */
export function headline(results: readonly ClaimResult[]): string | undefined {
  const claim = results.find(({ id }) => id === 'strong-near-one');
  const lines: Readonly<Record<string, string>> = {
    reproduced: 'Under strong superposition the loss falls about as 1/m',
    'not-reproduced': 'Under strong superposition the loss does not fall as 1/m here',
    inconclusive: 'Whether the loss falls as 1/m under strong superposition is not decided here',
  };
  return claim && lines[claim.verdict];
}

/** Whether the loss falls as 1/m under strong superposition: over which alpha, how surely, and where not. */
export function centralSentence(results: readonly ClaimResult[]): string {
  const part = (id: string, letter: string): PartResult | undefined =>
    results.find((result) => result.id === id)?.parts.find((found) => found.id === letter);
  const [mean, share] = [part('strong-near-one', 'a'), part('strong-near-one', 'b')];
  const claim = results.find(({ id }) => id === 'strong-near-one');
  if (!claim || !mean || !share || mean.measured === null || share.measured === null)
    return 'This set trains too few models to say whether the loss falls as 1/m under strong superposition.';
  const holds = claim.verdict === 'reproduced' ? 'falls about as 1/m' : 'does not fall as 1/m';
  const seeds = mean.seeds
    ? mean.seeds.most === 1
      ? 'one seed a cell'
      : mean.seeds.least === mean.seeds.most
        ? `${mean.seeds.most} seeds a cell`
        : `${mean.seeds.least} to ${mean.seeds.most} seeds a cell`
    : '';
  const exponent = mean.standardError
    ? `${formatWithUncertainty(mean.measured, mean.standardError)} between cells`
    : formatNumber(mean.measured);
  const sentence =
    claim.verdict === 'inconclusive'
      ? `Whether the loss falls as 1/m under strong superposition is inconclusive: the exponent is ${formatNumber(mean.measured)}`
      : `Under strong superposition (γ ≤ −1/3) and for data exponents α ≤ 1.375 the loss ${holds}: the exponent is ${exponent}`;
  return `${sentence}, and within 0.35 of 1 in ${formatPercent(share.measured)} of ${share.cells.used} cells (${seeds}).${whereNot(results)}`;
}

function whereNot(results: readonly ClaimResult[]): string {
  const contrast = results.find(({ id }) => id === 'strong-skewed-steeper')?.parts.find(({ id }) => id === 'b');
  const steeper =
    contrast && contrast.measured !== null
      ? ` For α ≥ 1.75 it is ${contrast.measured > 0 ? 'larger' : 'smaller'} than for α ≤ 1 by ${formatNumber(Math.abs(contrast.measured))}.`
      : '';
  const zero = results.find(({ id }) => id === 'strong-near-one')?.alternatives['zero-biases'];
  const value = zero?.parts.find(({ id }) => id === 'a')?.measured ?? null;
  const biases =
    zero && value !== null
      ? ` With all biases zero before training the same exponent is ${formatNumber(value)} (${verdictWords[zero.verdict]}).`
      : '';
  return steeper + biases;
}
