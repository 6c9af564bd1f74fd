/** The table of the report that sets the paper's text beside its authors' scripts. */
import type { ValueOf } from 'repro';
import type { VariantComparison } from '../toy/artifacts.ts';
import { differences } from '../toy/compare-variants/differences.ts';
import type { DifferenceId } from '../toy/compare-variants/differences.ts';
import { formatConstant, formatNumber, formatPercent, formatWithUncertainty } from 'repro/claims';

type Comparison = ValueOf<typeof VariantComparison>;
type Row = Comparison['rows'][number];

export const variantsHead: readonly string[] = [
  'Difference', 'Selected by', 'γ', 'Loss by the text', 'Loss by the scripts', 'Ratio', 'αₘ by the text', 'αₘ by the scripts',
]; // prettier-ignore

/** A line for each difference and weight decay. */
export function variantsRows(comparisons: readonly Comparison[]): string[][] {
  return comparisons.flatMap(({ difference, rows }) => {
    const { name, selectedBy } = wordsOf(difference);
    return rows.map((row) => [
      name,
      selectedBy,
      formatConstant(row.gamma),
      listed(row.text.losses),
      listed(row.scripts.losses),
      ratiosOf(row)
        .map((ratio) => (ratio === null ? '–' : formatNumber(ratio)))
        .join(', '),
      exponent(row.text),
      exponent(row.scripts),
    ]);
  });
}

/** Whose two models are the same but for their random numbers: normalised, exp(-i/s) from i = 0 is that from i = 1. */
const chanceAlone: readonly string[] = ['random-numbers', 'exponential-first-index'] satisfies DifferenceId[];

/** What the table shows, and by how much other random numbers alone change a loss. */
export function variantsNotes(comparisons: readonly Comparison[]): string {
  const widths = [...new Set(comparisons.flatMap(({ rows }) => rows.map(({ m }) => m.join(', '))))];
  const order = comparisons.some(({ rows }) => rows.some(({ m }) => m.length > 1)) ? ', in that order' : '';
  const chance = comparisons
    .filter(({ difference }) => chanceAlone.includes(difference))
    .flatMap(({ rows }) =>
      rows.flatMap((row) => ratiosOf(row).flatMap((ratio) => (ratio === null ? [] : [Math.abs(ratio - 1)]))),
    );
  const spread = chance.length
    ? ` Other random numbers alone change a loss by up to ${formatPercent(Math.max(...chance))} (${chanceLines(comparisons)}): a ratio nearer to 1 than that says little.`
    : '';
  return (
    `Each difference, done both ways on the same small models (power-law frequencies where no others are named); losses and the scripts’ over the text’s at m = ${widths.join('; ')}${order}.${spread} ` +
    'The formula of App. D.5 is the text’s own, beside its Eq. 4.'
  );
}

/** The lines of the table whose two models differ in their random numbers alone, of those that are there. */
function chanceLines(comparisons: readonly Comparison[]): string {
  const linesOf = (id: DifferenceId): number =>
    comparisons.find(({ difference }) => difference === id)?.rows.length ?? 0;
  const [last, exponential] = [linesOf('random-numbers'), linesOf('exponential-first-index')];
  return [
    ...(last > 0
      ? [`the last ${last === 1 ? 'line, which differs' : `${last} lines, which differ`} in nothing else`]
      : []),
    ...(exponential > 0
      ? [
          `${exponential === 1 ? 'that' : 'those'} of exponential frequencies, which are the same counted from 0 as from 1`,
        ]
      : []),
  ].join(', and ');
}

/** Loss by the scripts over that by the text, at each m; null where the text's is 0. */
function ratiosOf({ text, scripts }: Row): (number | null)[] {
  return text.losses.map((loss, i) => (loss === 0 ? null : scripts.losses[i]! / loss));
}

function listed(losses: readonly number[]): string {
  return losses.map(formatNumber).join(', ');
}

function exponent({ exponent }: Row['text']): string {
  return exponent ? formatWithUncertainty(exponent.value, exponent.standardError) : '–';
}

function wordsOf(difference: string): { name: string; selectedBy: string } {
  const words = differences[difference as DifferenceId] as { name: string; selectedBy: string } | undefined;
  if (!words)
    throw new Error(
      `the difference "${difference}" has no words: expected one of ${Object.keys(differences).join(', ')}`,
    );
  return words;
}
