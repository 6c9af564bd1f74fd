/** Each claim in every world: how many of them give each verdict, and which choice moves it most. */
import { combineVerdicts, judge } from 'repro/claims';
import type { Claim, Evidence, Part, Quantity, Registered, Verdict } from 'repro/claims';
import type { Sources } from '../claims/quantities/sources.ts';
import { scaledExpectation } from './constants.ts';
import { basesOf, constants, fitRanges, readings, sweepIn } from './worlds.ts';
import type { World } from './worlds.ts';

export interface Multiverse {
  readonly worlds: number;
  /** Claim -> verdict -> number of worlds. */
  readonly verdicts: Readonly<Record<string, Readonly<Record<Verdict, number>>>>;
  /** Claim -> the choices that change its verdict when they alone are made otherwise. */
  readonly movedBy: Readonly<Record<string, readonly string[]>>;
}

/** Claims about language models and random vectors rest on none of the choices but the constants. */
export function judgeWorlds(claims: readonly Claim[], registered: Registered<Sources>, sources: Sources): Multiverse {
  const bases = basesOf(sources.sweeps);
  const judged = bases.flatMap((base) => {
    const here = { ...sources, sweeps: sources.sweeps.map((sweep) => sweepIn(sweep, base)) };
    const evidence = claims.map(({ parts }) => parts.map((part) => quantityOf(part, registered).measure(part, here)));
    return constants.map((constant) => ({
      world: { ...base, constant },
      verdicts: judgeEvidence(claims, evidence, constant),
    }));
  });
  const isOurs = ({ range, reading, seed, constant }: World): number =>
    Number(range === fitRanges[0]) + Number(reading === readings[0]) + Number(seed === 'mean') + Number(constant === 1);
  const ours = judged.find(({ world }) => isOurs(world) === 4)!.verdicts;
  const neighbours = judged.filter(({ world }) => isOurs(world) === 3);
  return {
    worlds: judged.length,
    verdicts: Object.fromEntries(
      claims.map(({ id }, i) => [id, countVerdictsOf(judged.map((one) => one.verdicts[i]!))]),
    ),
    movedBy: Object.fromEntries(
      claims.map(({ id }, i) => {
        const moved = neighbours.filter(({ verdicts }) => verdicts[i] !== ours[i]).map(({ world }) => choiceOf(world));
        return [id, [...new Set(moved)]];
      }),
    ),
  };
}

function quantityOf({ quantity }: Part, { quantities }: Registered<Sources>): Quantity<Sources> {
  return quantities.find(({ id }) => id === quantity)!;
}

/** What a world with one choice made otherwise chose. */
function choiceOf({ range, reading, seed, constant }: World): string {
  if (constant !== 1) return `constants × ${constants.find((known) => known === constant)!}`;
  if (range !== fitRanges[0]) return `lines ${range}`;
  return reading !== readings[0] ? 'the scripts’ readings' : `one seed${seed === 'mean' ? '' : ` (${seed})`}`;
}

/** The verdict on each claim with the constants of a world, from evidence that other constants are asked of too. */
function judgeEvidence(claims: readonly Claim[], evidence: readonly Evidence[][], constant: number): Verdict[] {
  return claims.map(({ parts }, i) =>
    combineVerdicts(
      parts.map((part, j) => {
        const expectation = scaledExpectation(part.expectation, constant);
        return judge({ ...part, expectation }, evidence[i]![j]!).verdict;
      }),
    ),
  );
}

function countVerdictsOf(verdicts: readonly Verdict[]): Record<Verdict, number> {
  const count = (wanted: Verdict): number => verdicts.filter((verdict) => verdict === wanted).length;
  return {
    reproduced: count('reproduced'),
    'not-reproduced': count('not-reproduced'),
    inconclusive: count('inconclusive'),
    'not-run': count('not-run'),
  };
}
