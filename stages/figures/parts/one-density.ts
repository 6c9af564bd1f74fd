import { signed } from 'repro/figures';

/** Said in place of a change with E where each weight decay has a single E: "Only E = 1 is there, so no change with E." */
export function oneDensity(densities: readonly number[]): string {
  const values = [...new Set(densities)].sort((a, b) => a - b).map((density) => signed(density, 2));
  return values.length === 1
    ? `Only E = ${values[0]} is there: this figure shows no change with E yet.`
    : `No weight decay has two E (${values.join(', ')} are there): this figure shows no change with E yet.`;
}
