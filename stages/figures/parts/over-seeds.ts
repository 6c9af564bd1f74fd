/** What replicates add to a caption: intervals over seeds, beside the errors of the fits. */
import { fixed, median } from 'repro/figures';
import type { ExponentFit } from '../../toy/artifacts.ts';

/** " Over 3 seeds (m = 8 to 256): 1.02, 95% interval 0.97 to 1.07 (power law)."; nothing without replicates. */
export function exponentsOverSeeds(
  curves: readonly { readonly name: string; readonly fit: ExponentFit | undefined }[],
): string {
  const repeated = curves.flatMap(({ name, fit }) => (fit?.replicates ? [{ name, ...fit.replicates }] : []));
  if (!repeated.length) return '';
  const { count, m } = repeated[0]!;
  const each = repeated.map(
    ({ name, mean, low, high }) => `${fixed(mean)}, 95% interval ${fixed(low)} to ${fixed(high)} (${name})`,
  );
  return ` Over ${count} seeds (m = ${m[0]!} to ${m.at(-1)!}): ${each.join('; ')}.`;
}

/** " 17 of the cells were trained with 5 seeds: ..."; nothing without replicates. */
export function scatterOverSeeds(fits: readonly ExponentFit[]): string {
  const repeated = fits.flatMap(({ exponent, replicates }) => (replicates ? [{ exponent, ...replicates }] : []));
  if (!repeated.length) return '';
  const half = median(repeated.map(({ low, high }) => (high - low) / 2));
  const shift = median(repeated.map(({ exponent, mean }) => Math.abs(exponent - mean)));
  return (
    ` ${repeated.length} of the cells were trained with ${repeated[0]!.count} seeds: the 95% interval of their mean αₘ is ± ${fixed(half)} wide, ` +
    `and the αₘ drawn is ${fixed(shift)} from that mean (medians).`
  );
}
