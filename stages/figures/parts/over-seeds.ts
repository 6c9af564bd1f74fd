/** What replicates add to a caption: intervals over seeds, beside the errors of the fits. Two seeds are no interval. */
import { fixed, median, span } from 'repro/figures';
import { fewestSeeds } from '../../../numerics/statistics/mean-interval.ts';
import type { ExponentFit } from '../../toy/artifacts.ts';

type Replicates = NonNullable<ExponentFit['replicates']>;

const enough = (replicates: ExponentFit['replicates'] | undefined): replicates is Replicates =>
  (replicates?.count ?? 0) >= fewestSeeds;

/** " Over 3 seeds (m = 8 to 256): 1.02, 95% interval 0.97 to 1.07 (power law)."; nothing without replicates. */
export function exponentsOverSeeds(
  curves: readonly { readonly name: string; readonly fit: ExponentFit | undefined }[],
): string {
  const repeated = curves.flatMap(({ name, fit }) => (enough(fit?.replicates) ? [{ name, ...fit.replicates }] : []));
  const seedsOf = ({ count, m }: Replicates): string => `${count} seeds (m = ${m[0]!} to ${m.at(-1)!})`;
  return [...new Set(repeated.map(seedsOf))]
    .map((seeds) => {
      const each = repeated
        .filter((one) => seedsOf(one) === seeds)
        .map(({ name, mean, low, high }) => `${fixed(mean)}, 95% interval ${fixed(low)} to ${fixed(high)} (${name})`);
      return ` Over ${seeds}: ${each.join('; ')}.`;
    })
    .join('');
}

/** " 17 of the cells have 5 seeds: ..."; nothing without replicates. */
export function scatterOverSeeds(fits: readonly ExponentFit[]): string {
  const repeated = fits.flatMap(({ exponent, replicates }) =>
    enough(replicates) ? [{ exponent, ...replicates }] : [],
  );
  if (!repeated.length) return '';
  const half = median(repeated.map(({ low, high }) => (high - low) / 2));
  const shift = median(repeated.map(({ exponent, mean }) => Math.abs(exponent - mean)));
  const seeds = span(repeated.map(({ count }) => count));
  const [have, whose, medians] =
    repeated.length === 1 ? ['cell has', 'its', ''] : ['cells have', 'their', ' (medians)'];
  return (
    ` ${repeated.length} ${have} ${seeds} seeds: the 95% interval of ${whose} mean αₘ is ± ${fixed(half)} wide, ` +
    `and the αₘ drawn is ${fixed(shift)} from that mean${medians}.`
  );
}

/** "Error bars: standard errors of the fits, or between seeds for the 2 cells with at least 3 seeds." */
export function exponentBars(fits: readonly Pick<ExponentFit, 'errorFrom'>[]): string {
  const seeds = fits.filter(({ errorFrom }) => errorFrom === 'seeds').length;
  if (seeds === 0) return 'Error bars: standard errors of the fits.';
  if (seeds === fits.length) return 'Error bars: standard errors between seeds.';
  return `Error bars: standard errors of the fits, or between seeds for the ${seeds === 1 ? 'cell' : `${seeds} cells`} with at least ${fewestSeeds} seeds.`;
}
