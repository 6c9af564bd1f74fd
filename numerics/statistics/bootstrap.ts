/** The bootstrap: how an estimate scatters when its data are drawn again, with replacement, from themselves. */
import { philox4x32 } from '../random/philox.ts';
import type { StreamKey } from '../random/streams.ts';
import { quantile, standardDeviation } from './moments.ts';

export interface Bootstrap {
  /** Standard deviation of the estimate over draws. */
  readonly standardError: number;
  /** Between the 2.5% and 97.5% quantiles of the draws. */
  readonly low: number;
  readonly high: number;
  readonly draws: number;
}

/**
 * Draws the units of each stratum again, as many as it has, and estimates from them. `estimate` may throw a RangeError
 * for a draw that determines nothing; such draws are left out. The words of Philox under `key` with counter
 * (block, stratum, draw, 0) pick the units.
 */
export function bootstrap<T>(
  strata: readonly (readonly T[])[],
  draws: number,
  key: StreamKey,
  estimate: (sample: readonly T[]) => number,
): Bootstrap {
  const values: number[] = [];
  const block = new Uint32Array(4);
  for (let draw = 0; draw < draws; draw++) {
    const sample = strata.flatMap((units, stratum) =>
      units.map((_, i) => {
        if (i % 4 === 0) philox4x32(block, i >>> 2, stratum, draw, 0, key.k0, key.k1);
        return units[Math.floor((block[i % 4]! / 4294967296) * units.length)]!;
      }),
    );
    try {
      values.push(estimate(sample));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  if (values.length < 2)
    throw new RangeError(`${values.length} of ${draws} draws determine the estimate: expected at least two`);
  return {
    standardError: standardDeviation(values),
    low: quantile(values, 0.025),
    high: quantile(values, 0.975),
    draws: values.length,
  };
}
