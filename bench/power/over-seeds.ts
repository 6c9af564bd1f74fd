/** Whether the simulation says of the rules what the master seeds show: how often a verdict comes from one to the next. */
import { partId } from 'repro/claims';
import type { Claim } from 'repro/claims';
import type { NoiseTable, PartNoise } from './noise.ts';
import { draws, probabilityOf, shareBefore, withoutNoise } from './simulate.ts';

/** One part over the seeds: how often each verdict came, and how often the simulation has it reproduced. */
export interface OverSeeds extends PartNoise {
  /** "exponent-rule a". */
  readonly name: string;
  /** Undefined for a rule that is not simulated. */
  readonly simulated: number | undefined;
}

/** Every part that the seeds have models for, on the cells that they have, whether or not these are enough for a verdict. */
export function overSeeds(claims: readonly Claim[], noise: NoiseTable, times = draws): OverSeeds[] {
  return claims.flatMap(({ id, parts }) =>
    parts.flatMap((part, i): OverSeeds[] => {
      const known = noise[id]?.[partId(i)];
      if (!known) return [];
      const { cells, mean, standardDeviation, flips, halfWidths, exponents } = known;
      const scale = {
        cells: { planned: cells, excluded: 0, used: cells },
        seeds: 1,
        ...{ standardError: null, halfWidth: null, halfWidths },
        cellNoise: exponents?.map((one) => one.standardDeviation) ?? null,
      };
      const isShare = part.rule.startsWith('share');
      const measured = exponents ? Math.sqrt(mean * mean + standardDeviation * standardDeviation) : mean;
      const truth = isShare ? shareBefore(mean, flips) : withoutNoise(measured, scale);
      const simulated =
        part.rule === 'equivalent'
          ? undefined
          : probabilityOf('reproduced', part, truth, { standardDeviation, flips }, scale, { enough: false, times });
      return [{ ...known, name: `${id} ${partId(i)}`, simulated }];
    }),
  );
}
