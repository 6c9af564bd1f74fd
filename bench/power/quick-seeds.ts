/** Verdicts of the set quick under other master seeds, beside what the simulation says of how often they come again. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { ClaimResult, Verdict } from 'repro/claims';
import type { PowerTable } from '../../stages/report/power.ts';

/** Of one part, seed by seed. */
export interface PartOverSeeds {
  readonly verdicts: readonly Verdict[];
  readonly measured: readonly (number | null)[];
}

/** `claim part` -> what each seed gave, in the order of the runs. Parts that no seed measured are not there. */
export type QuickSeeds = Readonly<Record<string, PartOverSeeds>>;

export function collectSeeds(runs: readonly (readonly ClaimResult[])[]): QuickSeeds {
  const [first, ...others] = runs;
  return Object.fromEntries(
    first!.flatMap(({ id, parts }) =>
      parts.flatMap((part, i) => {
        const found = [part, ...others.map((results) => results.find((result) => result.id === id)!.parts[i]!)];
        if (found.every(({ verdict }) => verdict === 'not-run')) return [];
        return [
          [
            `${id} ${part.id}`,
            {
              verdicts: found.map(({ verdict }) => verdict),
              measured: found.map(({ measured }) => (measured === null ? null : Number(measured.toPrecision(6)))),
            },
          ] as const,
        ];
      }),
    ),
  );
}

export interface ClaimOverSeeds {
  readonly id: string;
  /** Seeds whose parts all have the verdicts of the first. */
  readonly again: number;
  /** Seeds but the first. */
  readonly others: number;
  /** Probability, simulated, that one of them does; undefined where it was not. */
  readonly simulated: number | undefined;
  readonly decided: boolean;
}

/** The first seed is that of the published report. */
export function agreement(seeds: QuickSeeds, power: PowerTable['sets'][string]): ClaimOverSeeds[] {
  const byClaim = new Map<string, PartOverSeeds[]>();
  for (const [name, part] of Object.entries(seeds)) {
    const [id] = name.split(' ') as [string];
    byClaim.set(id, [...(byClaim.get(id) ?? []), part]);
  }
  return [...byClaim].map(([id, parts]) => {
    const others = parts[0]!.verdicts.length - 1;
    const again = Array.from({ length: others }, (_, k) =>
      parts.every(({ verdicts }) => verdicts[k + 1] === verdicts[0]),
    ).filter(Boolean).length;
    const known = power[id];
    return { id, again, others, simulated: known?.repeats ?? undefined, decided: known?.decides ?? false };
  });
}

/**
 * Differences of what is measured from the first seed's, over root 2 times the noise that was simulated; not of shares, nor
 * of what is equal in all seeds, which rests on no training.
 */
export function distances(seeds: QuickSeeds, power: PowerTable['sets'][string], isShare: (name: string) => boolean) {
  return Object.entries(seeds).flatMap(([name, { measured }]) => {
    const [id, letter] = name.split(' ');
    const noise = power[id!]?.parts.find((part) => part.id === letter)?.noise;
    const [first, ...others] = measured;
    if (
      isShare(name) ||
      !noise ||
      measured.every((value) => value === measured[0]) ||
      first === null ||
      first === undefined
    )
      return [];
    return others.flatMap((value) => (value === null ? [] : [{ name, z: (value - first) / (Math.SQRT2 * noise) }]));
  });
}

/**
 * A row of README's table for each part that training moves: verdicts over all seeds, and the range of what was
 * measured.
 */
export function partRows(seeds: QuickSeeds): string[] {
  const moved = Object.entries(seeds).filter(([, { measured }]) => measured.some((value) => value !== measured[0]));
  return moved.map(([name, { verdicts, measured }]) => {
    const count = (verdict: Verdict): number => verdicts.filter((one) => one === verdict).length;
    const values = measured.filter((value) => value !== null);
    const range = [Math.min(...values), Math.max(...values)].map((value) => Number(value.toPrecision(3))).join(' to ');
    return `| \`${name}\` | ${count('reproduced')} | ${count('not-reproduced')} | ${count('inconclusive')} | ${range} |`;
  });
}

const [flag, ...reports] = process.argv.slice(2);
if (flag === '--quick-seeds') {
  const runs = reports.map((folder) => JSON.parse(readFileSync(`${folder}/claims.json`, 'utf8')) as ClaimResult[]);
  const seeds = collectSeeds(runs);
  writeFileSync('bench/power/quick-seeds.json', JSON.stringify(seeds) + '\n');
  const { sets } = JSON.parse(readFileSync('stages/report/power.json', 'utf8')) as PowerTable;
  for (const { id, again, others, simulated, decided } of agreement(seeds, sets['quick']!))
    console.log(
      `| \`${id}\` | ${again} of ${others} | ${simulated === undefined ? '–' : simulated.toFixed(2)} | ${decided ? 'yes' : 'no'} |`,
    );
  console.log(partRows(seeds).join('\n'));
}
